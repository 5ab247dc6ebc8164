"""All tables; importing this package registers them."""

from .draft import Draft, Photo
from .order import Order, OrderLine, Parcel, ParcelLine, ParcelTracking, ProductVariant
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
    "CarrierContract",
    "Draft",
    "FeeRule",
    "MoneyEntry",
    "Order",
    "OrderLine",
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
    "Return",
    "ReturnEvent",
    "ReturnLine",
    "ReturnRule",
    "ReturnShipment",
    "ServicePoint",
    "Shop",
]
