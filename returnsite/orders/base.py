"""What every order source gives: plain values, independent of the shop system they come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

UNTRACKED = "~"
"""External id of the parcel that holds what was shipped nobody knows how."""


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What a file leaves to the shop: its currency, time zone and country."""

    currency: str
    time_zone: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class SourceAddress:
    """An address as the file writes it; `country` is ISO 3166-1 alpha-2 or empty."""

    name: str = ""
    street: str = ""
    house_number: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One order line. Amounts in minor units; `line_paid` is gross, after every discount.

    `qty_elsewhere` units were returned and `amount_elsewhere` was refunded outside this portal.
    """

    external_id: str
    title: str
    quantity: int
    line_paid: int
    sku: str = ""
    variant: str = ""
    product_key: str = ""
    image_url: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    list_price: int | None = None
    tax_bp: int | None = None
    final_sale: bool = False
    is_goods: bool = True
    qty_elsewhere: int = 0
    amount_elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class SourceParcel:
    """One outgoing shipment; `contents` holds units by the line's `external_id`."""

    external_id: str
    contents: dict[str, int]
    trackings: tuple[str, ...] = ()
    carrier: str = ""
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    pickup_postcode: str = ""
    delivery_exact: bool = True
    """False: `delivered_at` is when delivery was noticed; a date that is known already stays."""


@dataclass(frozen=True, slots=True)
class SourceOrder:
    """One order. The lines' `line_paid` and `shipping_paid` sum to what was paid.

    `row` is where it starts in the file. `shipping_paid` None: the file does not say.
    """

    row: int
    source: str
    external_id: str
    number: str
    currency: str
    placed_at: datetime
    lines: tuple[SourceLine, ...]
    parcels: tuple[SourceParcel, ...] = ()
    shipping_paid: int | None = None
    refunded_loose: int = 0
    """Refunded outside this portal without saying for which lines."""
    email: str = ""
    customer_name: str = ""
    customer_tags: tuple[str, ...] = ()
    locale: str = ""
    delivery: SourceAddress = field(default_factory=SourceAddress)
    billing: SourceAddress = field(default_factory=SourceAddress)
    cancelled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceVariant:
    """What an exchange can offer; `price` is gross in minor units, `stock` None is unknown."""

    row: int
    product_key: str
    sku: str
    title: str
    options: dict[str, str]
    price: int
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why an order was set aside: a message for people, and where to look.

    `row` counts as a spreadsheet does (the header is row 1); in JSON it is the order's place.
    """

    row: int
    column: str
    message: str
    order_number: str = ""


class BadValue(ValueError):
    """A value that cannot be used; the message is for people. `column` and `row` if known."""

    def __init__(self, message: str, *, column: str = "", row: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.row = row


class UnusableFile(Exception):
    """The file as a whole cannot be read; the message is for people."""


class OrderSource(Protocol):
    """A file format that orders come in."""

    @property
    def name(self) -> str:
        """Stable name of the format, e.g. for `--format`."""

    @property
    def label(self) -> str:
        """The format's name for people."""

    def detects(self, head: bytes) -> int:
        """How sure it is to be this format, 0 (not at all) to 100, by the file's first bytes."""

    def read(self, path: Path, context: ReadContext) -> Iterator[SourceOrder | RowProblem]:
        """All orders of the file, each whole or set aside. Raises UnusableFile."""
