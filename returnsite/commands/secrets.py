"""`flask secrets …`: changing the keys under which secrets are kept."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from ..services.renew_secrets import renew_secrets
from ..services.secrets import EncryptionKeyMissing

secrets = AppGroup("secrets", help="Secrets kept encrypted in the database.")


@secrets.command("renew")
def renew() -> None:
    """Encrypt every secret anew with the first of RETURNSITE_ENCRYPTION_KEYS.

    The keys after it are not needed any more then.
    """
    try:
        done = renew_secrets()
    except EncryptionKeyMissing as missing:
        raise click.ClickException(str(missing)) from None
    click.echo(f"{done.renewed} encrypted anew.")
    if done.unreadable:
        click.echo(f"{done.unreadable} cannot be read with any of the keys, and were left.")
