"""What people on the merchant's side may do: three roles, and the permissions of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a user is in a shop."""

    OWNER = "owner"
    STAFF = "staff"
    READ_ONLY = "read_only"


class Permission(StrEnum):
    """What a page needs of the person who asks for it."""

    SEE_RETURNS = "see_returns"
    WORK_ON_RETURNS = "work_on_returns"
    """Approve, decline, receive, add notes."""
    MOVE_MONEY = "move_money"
    """Record refunds, correct amounts, issue store credit."""
    SEE_ORDERS = "see_orders"
    SEE_CUSTOMERS = "see_customers"
    """Names, addresses and mail addresses in full, and searching by them."""
    IMPORT_ORDERS = "import_orders"
    START_RETURNS = "start_returns"
    """Start a return on a customer's behalf."""
    SEE_TASKS = "see_tasks"
    """How far long work is: imports, simulations, exports."""
    STOP_TASKS = "stop_tasks"
    SEE_ANALYTICS = "see_analytics"
    EXPORT = "export"
    SEE_SETTINGS = "see_settings"
    CHANGE_SETTINGS = "change_settings"
    CHANGE_RULES = "change_rules"
    SEE_TEAM = "see_team"
    MANAGE_TEAM = "manage_team"
    """Invite people, change roles, remove them."""


_READS = frozenset(
    {
        Permission.SEE_RETURNS,
        Permission.SEE_ORDERS,
        Permission.SEE_TASKS,
        Permission.SEE_ANALYTICS,
        Permission.SEE_SETTINGS,
    }
)
_WORKS = _READS | {
    Permission.SEE_CUSTOMERS,
    Permission.WORK_ON_RETURNS,
    Permission.MOVE_MONEY,
    Permission.IMPORT_ORDERS,
    Permission.START_RETURNS,
    Permission.STOP_TASKS,
    Permission.EXPORT,
    Permission.SEE_TEAM,
}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {Role.READ_ONLY: _READS, Role.STAFF: _WORKS, Role.OWNER: frozenset(Permission)}
)
"""Owners may do everything; staff do the daily work and look at settings; the rest only look."""


def allows(role: str, permission: Permission) -> bool:
    """Whether somebody in this role may do this; an unknown role may do nothing."""
    try:
        return permission in PERMISSIONS[Role(role)]
    except ValueError:
        return False
