"""What people typed and addresses say, as far as it can be used: texts that every database takes
and every page can show, and numbers that are some."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import MultiDict

Posted = MultiDict[str, str]


def posted_form() -> Posted:
    """What was posted, without what no page can show again."""
    return _printable(request.form)


def asked_form() -> Posted:
    """The same of a form that asks with its address."""
    return _printable(request.args)


def _printable(values: Posted) -> Posted:
    return MultiDict([(name, printable(text)) for name, text in values.items(multi=True)])


def printable(text: str) -> str:
    """The text without control characters; line breaks and tabs stay."""
    return "".join(each for each in text if each.isprintable() or each in "\r\n\t")


def whole(text: str, otherwise: int = 0) -> int:
    """A number of a hidden field or an address that a row could have."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else otherwise
