"""The MIME message: text and HTML, pictures inside, files attached, no header a name can break."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[^\s@<>(),;:\\\"\[\]]+@[^\s@<>(),;:\\\"\[\]]+")
_SUBJECT_MAX = 200


class UnsendableMail(ValueError):
    """This mail can never be sent, such as to an address that is none."""


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A PNG shown in the HTML as `cid:<name without .png>`."""

    name: str
    data: bytes

    @property
    def cid(self) -> str:
        """What `src="cid:…"` says."""
        return file_name(self.name).removesuffix(".png")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF that comes with the mail."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as written, to one recipient. Names and subject may hold anything."""

    subject: str
    text: str
    html: str
    language: str
    sender_name: str
    reply_to: str | None
    images: tuple[InlineImage, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    private: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """Where a mail goes and what makes it the same mail when it is sent again."""

    sender: str
    recipient: str
    message_id: str
    date: datetime


@dataclass(frozen=True, slots=True)
class Built:
    """A finished message. `needs_utf8`: an address that only SMTPUTF8 servers take.

    `private`: about an account, with links that let somebody in.
    """

    envelope: Envelope
    data: bytes
    needs_utf8: bool
    private: bool = False


def build_message(letter: Letter, envelope: Envelope) -> Built:
    """The bytes to send; the same letter and envelope give the same bytes.

    Raises UnsendableMail for a recipient or sender that is no address.
    """
    sender, recipient = mail_address(envelope.sender), mail_address(envelope.recipient)
    utf8 = not (sender + recipient).isascii()
    message = EmailMessage(policy=SMTPUTF8 if utf8 else SMTP)
    message["From"] = _header_address(sender, header_text(letter.sender_name))
    message["To"] = _header_address(recipient)
    message["Subject"] = header_text(letter.subject)[:_SUBJECT_MAX]
    message["Date"] = format_datetime(envelope.date)
    message["Message-ID"] = f"<{header_text(envelope.message_id)}>"
    if letter.reply_to and (reply_to := _reply_address(letter.reply_to)):
        message["Reply-To"] = reply_to
    message["Auto-Submitted"] = "auto-generated"
    _fill(message, letter)
    message["Content-Language"] = header_text(letter.language)
    _fix_boundaries(message, envelope.message_id)
    bare = replace(envelope, sender=sender, recipient=recipient)
    return Built(bare, bytes(message), utf8, letter.private)


def header_text(text: str) -> str:
    """One line: control characters, line breaks among them, become spaces.

    What looks like an encoded word is broken up, else the header would be written with whatever
    it decodes to, line breaks included.
    """
    return _CONTROL.sub(" ", text).replace("=?", "= ?").strip()


def mail_address(text: str) -> str:
    """The bare address, its domain in ASCII. Raises UnsendableMail for anything else.

    An address with a line break or NUL is refused, not repaired: it is somebody's attempt.
    """
    if _CONTROL.search(text) or not _ADDRESS.fullmatch(text.strip()):
        raise UnsendableMail("not a mail address")
    local, _, domain = text.strip().rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise UnsendableMail("not a mail domain") from None


def _reply_address(text: str) -> Address | None:
    """Where answers go; None for a setting that is no address: the mail matters more."""
    with contextlib.suppress(UnsendableMail):
        address = mail_address(text)
        return _header_address(address) if address.isascii() else None
    return None


def _header_address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, username=local, domain=domain)


def file_name(text: str) -> str:
    """A name for an attachment that every system takes: ASCII letters, digits, dot and dash."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-.")[:80] or "file"


def _fill(message: EmailMessage, letter: Letter) -> None:
    """mixed( alternative( text, related( html, pictures ) ), files )."""
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    html = message.get_payload()[1]  # type: ignore[index]
    for image in letter.images:
        html.add_related(  # type: ignore[union-attr]
            image.data,
            maintype="image",
            subtype="png",
            cid=f"<{image.cid}>",
            filename=file_name(image.name),
            disposition="inline",
        )
    for attachment in letter.attachments:
        name = file_name(attachment.name)
        message.add_attachment(
            attachment.data, maintype="application", subtype="pdf", filename=name
        )


def _fix_boundaries(message: EmailMessage, message_id: str) -> None:
    """Boundaries are random by default, and a mail sent again must be the same mail."""
    seed = re.sub(r"[^A-Za-z0-9.]", "", message_id.partition("@")[0])
    for index, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{seed}_{index}")
