"""What tests of accounts share: somebody with a password, and the links that mails carry."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pyotp
from flask import Flask
from sqlalchemy.orm import Session

from returnsite import clock
from returnsite.jobs.worker import drain
from returnsite.models import Shop, User
from returnsite.services.accounts.passwords import hash_password
from tests import factories
from tests.harness import CheckedClient, IsolatedClient, Page

PASSWORD = "kortewinterdag 48"
NEW_PASSWORD = "lange zomeravond 7"


def make_person(session: Session, *shops: Shop, **columns: Any) -> User:
    """A user with PASSWORD, saved."""
    user = factories.make_user(session, *shops, password_hash=hash_password(PASSWORD), **columns)
    session.commit()
    return user


def sign_in(checked: CheckedClient, email: str, password: str = PASSWORD, **options: Any) -> Page:
    """Fill in the form of the sign-in page and send it."""
    form = checked.get("/sign-in")
    return checked.submit(form, {"email": email, "password": password}, **options)


def other_browser(app: Flask) -> CheckedClient:
    """A client with cookies of its own."""
    client = app.test_client()
    assert isinstance(client, IsolatedClient)
    return CheckedClient(client)


def ask_reset(checked: CheckedClient, email: str) -> Page:
    """Ask for a link to a new password."""
    return checked.submit(checked.get("/forgot-password"), {"email": email}, status=200)


def setup_key(page: Page) -> str:
    """The secret on the page that switches two-factor sign-in on."""
    found = re.search(r'class="setup-key">([A-Z2-7 ]+)<', page.html)
    assert found
    return found[1].replace(" ", "")


def switch_on(me: CheckedClient) -> tuple[str, list[str]]:
    """Switch two-factor sign-in on; its secret and the recovery codes."""
    form = me.get("/account/two-factor")
    secret = setup_key(form)
    page = me.submit(form, {"code": totp_now(secret)}, action="/account/two-factor", status=200)
    return secret, re.findall(r"<li><code>([a-z2-9-]+)</code>", page.html)


def totp_now(secret: str, steps: int = 0) -> str:
    """The code an app shows at the held clock, or some steps away from it."""
    return pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30 + steps)


def mails(app: Flask) -> list[str]:
    """Let the worker send what waits; the mails since the last look, oldest first."""
    drain(app)
    paths = sorted(_mail_folder(app).glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    found = [_read(path) for path in paths]
    forget_mails(app)
    return found


def forget_mails(app: Flask) -> None:
    """Empty the folder of mails."""
    for path in _mail_folder(app).glob("*.eml"):
        path.unlink()


def _mail_folder(app: Flask) -> Path:
    return Path(app.config["DATA_DIR"]) / "mail" / "accounts"


def _read(path: Path) -> str:
    message = message_from_bytes(path.read_bytes(), policy=default)
    body = message.get_body(("plain",))
    assert body is not None
    return f"To: {message['To']}\nSubject: {message['Subject']}\n{body.get_content()}"


def link_in(mail: str) -> str:
    """The path of the link in a mail."""
    found = re.search(r"https?://[^/\s]+(/(?:reset|invite|account/email)/\S+)", mail)
    assert found, mail
    return found[1]
