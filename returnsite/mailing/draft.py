"""A mail as blocks that the HTML and the text template both show in full."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from flask import current_app

from .message import Attachment, InlineImage, Letter
from .wording import Row

BlockKind = Literal["text", "notice", "heading", "facts", "steps", "rows", "code", "link", "item"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a mail; which fields count depends on `kind`."""

    kind: BlockKind
    text: str = ""
    url: str = ""
    image: str = ""
    note: str = ""
    quote: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(slots=True)
class Draft:
    """A mail being written."""

    subject: str
    blocks: list[Block] = field(default_factory=list)
    images: list[InlineImage] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)

    def add(self, kind: BlockKind, text: str = "", **values: Any) -> None:
        """Write the next block."""
        self.blocks.append(Block(kind, text, **values))


def render(
    draft: Draft, *, sender: str, language: str, reply_to: str | None, private: bool = False
) -> Letter:
    """Both forms of a mail; to be called with its language forced."""
    context = {"mail": draft, "shop_name": sender, "language": language}
    return Letter(
        subject=draft.subject,
        text=_render("mail/mail.txt", context),
        html=_render("mail/mail.html", context),
        language=language,
        sender_name=sender,
        reply_to=reply_to,
        images=tuple(draft.images),
        attachments=tuple(draft.attachments),
        private=private,
    )


def _render(template: str, context: dict[str, Any]) -> str:
    """Without what pages get from the request: there is none here."""
    return current_app.jinja_env.get_template(template).render(context)
