"""The mails that were written to files because no mail server is set, for reading in the demo."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_binary_file
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

from ...mailing.transport import mail_folder, private_mail_folder

PER_PAGE = 25

_NAME = re.compile(r"\d{8}T\d{6}-\d{1,18}\.[0-9a-f]{16}", re.ASCII)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail in the list. `name` is the file's name without ending."""

    name: str
    subject: str
    sender: str
    recipient: str
    date: datetime


@dataclass(frozen=True, slots=True)
class MailList:
    """One page of mails, newest first; pages count from 1."""

    mails: tuple[MailRow, ...]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class MailFile:
    """An attachment or inline picture."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. In `html` pictures are part of the text; `style_hashes` are for a strict policy."""

    row: MailRow
    text: str
    html: str
    style_hashes: tuple[str, ...]
    files: tuple[MailFile, ...]


def list_mails(*, page: int, private: bool = False) -> MailList:
    """A page of the mail folder; a page beyond the last is the last.

    With `private` the mails about accounts are among them.
    """
    names = sorted(
        (
            path.stem
            for folder in _folders(private)
            for path in folder.glob("*.eml")
            if _NAME.fullmatch(path.stem)
        ),
        key=_age,
        reverse=True,
    )
    pages = max(1, -(-len(names) // PER_PAGE))
    page = min(max(1, page), pages)
    shown = names[(page - 1) * PER_PAGE : page * PER_PAGE]
    found = [(name, _read(name, private)) for name in shown]
    rows = tuple(_row(name, message) for name, message in found if message)
    return MailList(mails=rows, page=page, pages=pages, total=len(names))


def load_mail(name: str, *, private: bool = False) -> Mail | None:
    """The mail with this name, None when there is none; one about an account with `private`."""
    message = _read(name, private)
    if message is None:
        return None
    html = _with_pictures(_body(message, "html"), message)
    return Mail(
        row=_row(name, message),
        text=_body(message, "plain"),
        html=html,
        style_hashes=tuple(_digest(style) for style in _STYLE.findall(html)),
        files=tuple(_file(part) for part in message.walk() if part.get_filename()),
    )


def _age(name: str) -> tuple[str, int]:
    stamp, _, rest = name.partition("-")
    return stamp, int(rest.partition(".")[0])


def _folders(private: bool) -> list[Path]:
    return [mail_folder(), *([private_mail_folder()] if private else [])]


def _read(name: str, private: bool) -> EmailMessage | None:
    """Names are matched before they become a path: no other file can be asked for."""
    if not _NAME.fullmatch(name):
        return None
    for folder in _folders(private):
        try:
            with Path(folder / f"{name}.eml").open("rb") as file:
                return message_from_binary_file(file, policy=default)
        except FileNotFoundError:
            continue
    return None


def _row(name: str, message: EmailMessage) -> MailRow:
    return MailRow(
        name=name,
        subject=str(message["Subject"]),
        sender=str(message["From"]),
        recipient=str(message["To"]),
        date=message["Date"].datetime,
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    # Browsers read line ends as one character, and the style's hash is taken of what they read.
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def _file(part: EmailMessage) -> MailFile:
    return MailFile(
        name=part.get_filename() or "file",
        media_type=part.get_content_type(),
        data=cast(bytes, part.get_content()),
    )


def _with_pictures(html: str, message: EmailMessage) -> str:
    for part in message.walk():
        if cid := part["Content-ID"]:
            data = base64.b64encode(part.get_content()).decode()
            address = f"data:{part.get_content_type()};base64,{data}"
            html = html.replace(f"cid:{str(cid).strip('<>')}", address)
    return html


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
