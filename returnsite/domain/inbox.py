"""What the merchant's list of returns is asked for: a tab, filters, a search and an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from .lifecycle import Status


class Tab(StrEnum):
    """The piles returns lie on. Some returns lie on two: received, and still to be paid."""

    ALL = "all"
    TO_APPROVE = "to_approve"
    ON_THE_WAY = "on_the_way"
    RECEIVED = "received"
    TO_PAY = "to_pay"
    COMPLETED = "completed"
    ENDED = "ended"
    FAILED = "failed"
    """The label or code could not be made."""


TAB_STATUSES: Mapping[Tab, tuple[Status, ...]] = MappingProxyType(
    {
        Tab.TO_APPROVE: (Status.REQUESTED,),
        # A lost parcel stays here until it is settled: it is nowhere else.
        Tab.ON_THE_WAY: (Status.APPROVED, Status.IN_TRANSIT, Status.LOST),
        Tab.RECEIVED: (Status.RECEIVED,),
        # The refund of what only the carrier has can wait for the goods as long as the law allows;
        # its date is shown, but nobody is asked to pay unseen.
        Tab.TO_PAY: tuple(
            status for status in Status if status not in (Status.REQUESTED, Status.IN_TRANSIT)
        ),
        Tab.COMPLETED: (Status.CLOSED,),
        Tab.ENDED: (Status.DECLINED, Status.CANCELLED, Status.EXPIRED),
        Tab.FAILED: (Status.REQUESTED, Status.APPROVED),
        Tab.ALL: tuple(Status),
    }
)
"""Statuses a return has that lies on a pile; TO_PAY and FAILED need something else besides."""


class Sort(StrEnum):
    """In which order."""

    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"
    """Those first whose refund is due first; then those without a date."""
    VALUE = "value"
    """Largest refund first."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Everything that decides which returns are shown. Several values of one kind are "or".

    `since` and `until` are local days on which a return was asked for, `least` and `most` minor
    units of what the customer gets.
    """

    tab: Tab = Tab.ALL
    query: str = ""
    statuses: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    resolutions: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    least: int | None = None
    most: int | None = None
    overdue: bool = False
    sort: Sort = Sort.NEWEST
    personal: bool = True
    """Whether the search may find by name and e-mail; else by numbers only."""

    @property
    def wanted_statuses(self) -> tuple[str, ...]:
        """Statuses that both tab and filter let through."""
        on_tab = TAB_STATUSES[self.tab]
        if not self.statuses:
            return on_tab
        return tuple(status for status in on_tab if status in self.statuses)

    @property
    def narrowed(self) -> bool:
        """Whether anything but tab and order limits the list."""
        return self != self.cleared()

    def cleared(self) -> Self:
        """The same tab and order without search and filters."""
        return type(self)(tab=self.tab, sort=self.sort, personal=self.personal)

    def everywhere(self) -> Self:
        """The same search and filters over all tabs."""
        return replace(self, tab=Tab.ALL, statuses=())
