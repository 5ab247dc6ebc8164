"""One service point, as a return remembers it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select

from ...database import run
from ...models import ServicePoint


@dataclass(frozen=True, slots=True)
class PointView:
    """A service point, as a plain value."""

    id: int
    carrier: str
    code: str
    name: str
    type: str
    street: str
    house_number: str
    postcode: str
    city: str
    country: str
    hours: dict[str, Any]

    def snapshot(self) -> dict[str, Any]:
        """What a return keeps of it: the point may move or close later."""
        return asdict(self)


_COLUMNS = tuple(getattr(ServicePoint, name) for name in PointView.__dataclass_fields__)


def load_point(point_id: int) -> PointView | None:
    """The open service point with this id, None when it is unknown or closed."""
    row = run(
        select(*_COLUMNS).where(ServicePoint.id == point_id, ServicePoint.status == "open")
    ).one_or_none()
    return PointView(**row._mapping) if row else None
