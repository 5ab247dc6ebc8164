"""The daily mail to a shop about what it owes its customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from .draft import Draft, render
from .message import Letter
from .wording import Row, long_day, money


@dataclass(frozen=True, slots=True)
class DigestLine:
    """One return: `day` is the last on which it can be settled in time."""

    number: str
    customer: str
    amount: int
    currency: str
    day: date
    is_late: bool


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """Everything the mail says; `lines` may be fewer than are counted."""

    shop_name: str
    language: str
    overdue: int
    today: int
    url: str
    lines: tuple[DigestLine, ...]


def refund_digest(facts: DigestFacts) -> Letter:
    """The mail; to be called with its language forced."""
    title = " ".join(_counts(facts))
    draft = Draft(_("Refunds: %(summary)s", summary=title))
    draft.add("heading", title)
    draft.add("rows", rows=tuple(_row(line) for line in facts.lines))
    rest = facts.overdue + facts.today - len(facts.lines)
    if rest > 0:
        draft.add("text", ngettext("and %(num)s more return", "and %(num)s more returns", rest))
    draft.add("link", _("See your returns"), url=facts.url)
    return render(draft, sender=facts.shop_name, language=facts.language, reply_to=None)


def _counts(facts: DigestFacts) -> list[str]:
    told = []
    if facts.overdue:
        told.append(
            ngettext("%(num)s return is overdue.", "%(num)s returns are overdue.", facts.overdue)
        )
    if facts.today:
        told.append(
            ngettext(
                "%(num)s has to be settled today.", "%(num)s have to be settled today.", facts.today
            )
        )
    return told


def _row(line: DigestLine) -> Row:
    day = long_day(line.day)
    when = _("Was due on %(day)s", day=day) if line.is_late else _("Today")
    amount = money(line.amount, line.currency) if line.amount else _("Exchange")
    label = f"{line.number}, {line.customer}" if line.customer else line.number
    return Row(label, amount, when)
