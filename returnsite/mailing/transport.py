"""How a mail leaves: over SMTP, or as a file where no mail server is set."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from pathlib import Path
from typing import Self

from flask import current_app
from flask_mail import Connection

from ..extensions import mail
from ..files import write_whole
from .message import Built

BAD_ADDRESS = (b"5.1.1", b"5.1.2", b"5.1.3", b"5.1.10")
"""Enhanced status codes of an address that does not exist (RFC 3463)."""


class NoSuchAddress(Exception):
    """The server says the recipient does not exist; trying again changes nothing."""


class TimedConnection(Connection):
    """Flask-Mail's connection, with a time-out, verified TLS and a `deliver` of finished bytes."""

    host: smtplib.SMTP

    def __enter__(self) -> Self:
        self.host = self.configure_host()
        return self

    def __exit__(self, *_error: object) -> None:
        # The message has been accepted or refused by now; a lost goodbye must not undo that.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self.host.quit()
        self.host.close()

    def configure_host(self) -> smtplib.SMTP:
        """Connect and, where set, encrypt and log in; every wait is bounded."""
        timeout = current_app.config["MAIL_TIMEOUT"]
        context = ssl.create_default_context()
        address = (self.mail.server, self.mail.port)
        host: smtplib.SMTP
        if self.mail.use_ssl:
            host = smtplib.SMTP_SSL(*address, timeout=timeout, context=context)
        else:
            host = smtplib.SMTP(*address, timeout=timeout)
        try:
            if self.mail.use_tls:
                host.starttls(context=context)
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except BaseException:
            host.close()
            raise
        return host

    def deliver(self, built: Built) -> None:
        """Hand one message over. Raises NoSuchAddress, SMTPException or OSError."""
        options = ["SMTPUTF8"] if built.needs_utf8 else []
        try:
            self.host.sendmail(
                built.envelope.sender, [built.envelope.recipient], built.data, options
            )
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            if code >= 500 and text.split(b" ", 1)[0] in BAD_ADDRESS:
                raise NoSuchAddress(str(code)) from None
            raise


def send(built: Built) -> None:
    """Send one message, or write it to a file when MAIL_SERVER is empty."""
    if not current_app.config["MAIL_SERVER"]:
        write_file(built)
        return
    settings = mail.init_mail(current_app.config)
    with TimedConnection(settings) as connection:  # type: ignore[arg-type]
        connection.deliver(built)


def write_file(built: Built) -> Path:
    """Write the message as .eml into the mail folder, whole or not at all.

    The name is that of the message, so a mail written again replaces itself.
    """
    stamp = built.envelope.date.strftime("%Y%m%dT%H%M%S")
    folder = private_mail_folder() if built.private else mail_folder()
    path = folder / f"{stamp}-{built.envelope.message_id.partition('@')[0]}.eml"
    write_whole(path, built.data)
    return path


def mail_folder() -> Path:
    """Where mails are written when no mail server is set."""
    return Path(current_app.config["DATA_DIR"]) / "mail"


def private_mail_folder() -> Path:
    """Where mails about accounts are written: not everybody who sees the demo may read them."""
    return mail_folder() / "accounts"
