"""All tables; importing this package registers them."""

from .account import Membership, RecoveryCode, User, UserSession, UserToken
from .credit import CreditEntry, StoreCredit
from .draft import Draft, Photo
from .history import AuditEntry, RuleDraft, RuleVersion, SectionState, Task
from .order import Order, OrderLine, OrderTerm, Parcel, ParcelLine, ParcelTracking, ProductVariant
from .outbox import Outbox
from .point import Postcode, RateCounter, ServicePoint
from .return_ import (
    MoneyEntry,
    Payout,
    Return,
    ReturnEvent,
    ReturnLine,
    ReturnShipment,
)
from .settings import CarrierContract, FeeRule, Reason, ReturnRule
from .shop import Address, Shop

__all__ = [
    "Address",
    "AuditEntry",
    "CarrierContract",
    "CreditEntry",
    "Draft",
    "FeeRule",
    "Membership",
    "MoneyEntry",
    "Order",
    "OrderLine",
    "OrderTerm",
    "Outbox",
    "Parcel",
    "ParcelLine",
    "ParcelTracking",
    "Payout",
    "Photo",
    "Postcode",
    "ProductVariant",
    "RateCounter",
    "Reason",
    "RecoveryCode",
    "Return",
    "ReturnEvent",
    "ReturnLine",
    "ReturnRule",
    "ReturnShipment",
    "RuleDraft",
    "RuleVersion",
    "SectionState",
    "ServicePoint",
    "Shop",
    "StoreCredit",
    "Task",
    "User",
    "UserSession",
    "UserToken",
]
