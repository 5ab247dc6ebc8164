"""All tables; importing this package registers them."""

from .account import Membership, RecoveryCode, User, UserSession, UserToken
from .analytics import (
    AnalyticsState,
    FactProduct,
    ProductCube,
    ReturnCell,
    ReturnCube,
    ReturnFact,
    ReturnTiming,
    SaleCube,
    SaleFact,
    StaleBucket,
    StaleOrder,
)
from .credit import CreditEntry, StoreCredit
from .draft import Draft, Photo
from .history import AuditEntry, RuleDraft, RuleVersion, SectionState, Task
from .inbox import BulkAction, ReturnTerm, SavedView
from .order import Order, OrderLine, OrderTerm, Parcel, ParcelLine, ParcelTracking, ProductVariant
from .outbox import Outbox
from .point import Postcode, RateCounter, ServicePoint
from .return_ import (
    MoneyEntry,
    Payout,
    Return,
    ReturnEvent,
    ReturnExtra,
    ReturnLine,
    ReturnLinePart,
    ReturnShipment,
)
from .settings import CarrierContract, FeeRule, Reason, ReturnRule
from .shop import Address, Shop

__all__ = [
    "Address",
    "AnalyticsState",
    "AuditEntry",
    "BulkAction",
    "CarrierContract",
    "CreditEntry",
    "Draft",
    "FactProduct",
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
    "ProductCube",
    "ProductVariant",
    "RateCounter",
    "Reason",
    "RecoveryCode",
    "Return",
    "ReturnCell",
    "ReturnCube",
    "ReturnEvent",
    "ReturnExtra",
    "ReturnFact",
    "ReturnLine",
    "ReturnLinePart",
    "ReturnRule",
    "ReturnShipment",
    "ReturnTerm",
    "ReturnTiming",
    "RuleDraft",
    "RuleVersion",
    "SaleCube",
    "SaleFact",
    "SavedView",
    "SectionState",
    "ServicePoint",
    "Shop",
    "StaleBucket",
    "StaleOrder",
    "StoreCredit",
    "Task",
    "User",
    "UserSession",
    "UserToken",
]
