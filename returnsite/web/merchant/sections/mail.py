"""Mail: the shop's own mail server, for who wants customers to see the shop's own address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import current_app, g
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.validators import Email, Length, NumberRange, ValidationError

from ....services.secrets import can_keep_secrets, encrypt_secret
from ....services.settings.mail import MAIL, LastTest, MailView, last_test, load_mail_view
from ...i18n import gettext as _
from .base import Change, Refused, Row, Section, SettingsForm, View
from .forms import TOO_LONG, Needed, WholeNumber, choices, filled, line

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


class MailForm(SettingsForm):
    """How to reach the server."""

    sender = StringField(
        _l("Sender address"),
        description=_l(
            "What customers see as the sender. The server must be allowed to send for it."
        ),
        filters=[line],
        validators=[
            Needed(),
            Length(max=254, message=TOO_LONG),
            Email(message=_l("Enter an e-mail address, like returns@shop.example.")),
        ],
        render_kw={"type": "email", "spellcheck": "false"},
    )
    host = StringField(
        _l("Mail server"),
        description=_l("Its name, like smtp.shop.example."),
        filters=[line],
        validators=[Needed()],
        render_kw={"spellcheck": "false", "autocapitalize": "none"},
    )
    security = SelectField(
        _l("Encryption"),
        choices=choices(
            [
                ("starttls", _l("STARTTLS (usual, port 587)")),
                ("tls", _l("TLS from the start (port 465)")),
                ("none", _l("None: only within your own network")),
            ]
        ),
    )
    port = WholeNumber(
        _l("Port"),
        validators=[
            NumberRange(min=1, max=65535, message=_l("Enter a port number, usually 587 or 465."))
        ],
        render_kw={"inputmode": "numeric"},
    )
    username = StringField(
        _l("User name"),
        description=_l("Leave it empty when the server asks for none."),
        filters=[line],
        validators=[Length(max=200, message=TOO_LONG)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Password"),
        description=_l("Is kept encrypted and never shown again. Leave it empty to keep it."),
        validators=[Length(max=200, message=TOO_LONG)],
        render_kw={"type": "password", "autocomplete": "new-password"},
    )
    own = BooleanField(_l("Send through this server"))

    def validate_host(self, field: Any) -> None:
        """A name, no address of a page."""
        if not _HOST.fullmatch(field.data):
            raise ValidationError(_("Enter the name of a mail server, like smtp.shop.example."))


class Mail(Section):
    """The card of the shop's own mail server."""

    name = "mail"
    store = MAIL
    on_checklist = True
    template = "merchant/sections/mail.html"

    def title(self) -> str:
        """The heading."""
        return _("Mail server")

    def rows(self, view: View) -> list[Row]:
        """Where mails leave."""
        saved = load_mail_view(shop_id=view.settings.id)
        if saved is None:
            return [_usual_server()]
        value = f"{saved.host}:{saved.port}"
        note = _("Sender: %(address)s", address=saved.sender)
        return [Row("server", _("Mails leave through"), value, note)]

    def form(self, view: View, part: str) -> SettingsForm | None:
        """The only form; the password is never in it."""
        if part != "server":
            return None
        return filled(MailForm, _saved(load_mail_view(shop_id=view.settings.id)))

    def change(self, view: View, part: str, form: Any) -> Change:
        """Keep the server, or forget it; a blank password keeps the one there is."""
        if form.password.data and not can_keep_secrets():
            raise Refused("password", _("This installation has no key to keep a password with."))
        secret = encrypt_secret(form.password.data) if form.password.data else None

        def write(shop: Any) -> None:
            if not form.own.data:
                shop.mail = {}
                return
            kept = shop.mail.get("password", "") if form.username.data else ""
            shop.mail = {
                "host": form.host.data,
                "port": form.port.data,
                "security": form.security.data,
                "username": form.username.data,
                "password": kept if secret is None else secret,
                "sender": form.sender.data,
            }

        return write

    def context(self, view: View, part: str | None, form: Any) -> Mapping[str, Any]:
        """What became of the last test."""
        return {"test": _words_of(last_test(shop_id=view.settings.id)), "test_to": g.member.email}


def _usual_server() -> Row:
    label = _("Mails leave through")
    if not current_app.config["MAIL_SERVER"]:
        note = _("Mails are written to files on the server of this installation")
        return Row("server", label, _("No mail server"), note, problem=_("Customers get no mail"))
    note = _("Mails leave through the server of this installation")
    return Row("server", label, _("The usual server"), note)


def _saved(saved: MailView | None) -> dict[str, Any]:
    if saved is None:
        return {"security": "starttls", "port": 587, "own": True}
    return {
        "sender": saved.sender,
        "host": saved.host,
        "port": saved.port,
        "security": saved.security,
        "username": saved.username,
        "own": True,
    }


def _words_of(test: LastTest | None) -> dict[str, str] | None:
    if test is None:
        return None
    if test.state == "sent" and test.folder:
        text = _(
            "There is no mail server: the test mail to %(address)s was written to a file in "
            "%(folder)s.",
            address=test.recipient,
            folder=test.folder,
        )
        return {"kind": "warn", "text": text}
    if test.state == "sent":
        return {
            "kind": "ok",
            "text": _("A test mail to %(address)s was sent.", address=test.recipient),
        }
    if test.error:
        text = _("The test mail could not be sent: %(why)s", why=_why(test.error))
        return {"kind": "danger", "text": text}
    return {
        "kind": "info",
        "text": _("A test mail to %(address)s is on its way.", address=test.recipient),
    }


def _why(error: str) -> str:
    """What a kind of failure means; its own name where nobody knows better."""
    words = {
        "gaierror": _("there is no server of this name."),
        "ConnectionRefusedError": _("the server does not answer on this port."),
        "TimeoutError": _("the server did not answer in time. Check name and port."),
        "SMTPAuthenticationError": _("the server does not accept this user name and password."),
        "SMTPNotSupportedError": _("the server does not offer this encryption."),
        "SSLCertVerificationError": _("the server’s certificate is not valid for this name."),
        "SSLError": _("the encryption does not fit the port."),
        "SMTPSenderRefused": _("the server does not send for this sender address."),
        "ServerNotPublic": _("the server is not on the public internet."),
        "SecretUnreadable": _("the password can’t be read any more. Enter it again."),
    }
    return words.get(error.partition(" ")[0], f"{error}.")
