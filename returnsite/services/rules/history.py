"""What was published when, by whom, and what each time changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from ...domain.errors import DomainError
from ...domain.rule_changes import RuleChange, changes
from ...domain.rule_edits import Entries, entry_from_json
from ...extensions import db
from ...models import RuleVersion


class NoSuchVersion(DomainError):
    """The shop has published no such version."""

    default_code = "no_such_version"


@dataclass(frozen=True, slots=True)
class Version:
    """One published version. `changes` lead to it from the one before, None for the first."""

    number: int
    at: datetime
    by: str
    entries: Entries
    changes: list[RuleChange] | None


def list_versions(*, shop_id: int, below: int | None = None, limit: int = 20) -> list[Version]:
    """The newest versions, older than number `below`; one more than `limit` tells of more."""
    query = select(RuleVersion).where(RuleVersion.shop_id == shop_id)
    if below is not None:
        query = query.where(RuleVersion.number < below)
    rows = list(db.session.scalars(query.order_by(RuleVersion.number.desc()).limit(limit + 2)))
    stored = [(row, tuple(map(entry_from_json, row.rules))) for row in rows]
    before = [entries for _row, entries in stored[1:]]
    return [
        Version(
            number=row.number,
            at=row.published_at,
            by=row.published_by_name,
            entries=entries,
            changes=changes(before[place], entries) if place < len(before) else None,
        )
        for place, (row, entries) in enumerate(stored[: limit + 1])
    ]


def entries_of_version(shop_id: int, number: int) -> Entries:
    """The rules as version `number` had them. Raises NoSuchVersion."""
    rules = db.session.scalar(
        select(RuleVersion.rules).where(
            RuleVersion.shop_id == shop_id, RuleVersion.number == number
        )
    )
    if rules is None:
        raise NoSuchVersion(number=number)
    return tuple(map(entry_from_json, rules))


def latest_number(shop_id: int) -> int:
    """The number of the newest version, 0 before the first."""
    query = select(func.max(RuleVersion.number)).where(RuleVersion.shop_id == shop_id)
    return db.session.scalar(query) or 0
