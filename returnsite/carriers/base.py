"""What a carrier does for a return, whoever it is: make the hand-off, and take it back.

A carrier is called by the worker, never inside a request or a database transaction. Both calls
must be repeatable: the worker may die after the carrier has answered and before we have written
it down, and then asks again with the same `reference`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

CodeKind = Literal["carrier", "shop"]


class CarrierError(Exception):
    """Something a carrier could not do."""


class CarrierDown(CarrierError):
    """No usable answer (time-out, 5xx, throttled): worth trying again later."""


class CarrierRefused(CarrierError):
    """A final no. The text is for the merchant: it says what to put right."""


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address as printed; `country` is ISO 3166-1 alpha-2."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    company: str = ""
    house_number: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """Everything a carrier needs of one return shipment.

    `reference` names the shipment for ever: the same reference always means the same parcel.
    `sender` is the customer, `recipient` the shop's return address. `kind` is the hand-off
    wanted: label_pdf, qr_code, code or none. `language` is the customer's.
    """

    reference: str
    kind: str
    method: str
    carrier: str | None
    contract_reference: str
    return_number: str
    order_number: str
    shop_name: str
    sender: PostalAddress
    recipient: PostalAddress
    language: str
    created_at: datetime
    hand_in_by: date | None = None
    pickup_date: date | None = None
    service_point: str = ""


@dataclass(frozen=True, slots=True)
class Handoff:
    """What the customer takes along.

    `code` is what the QR code says; `code_kind` tells whose it is: the carrier's own, or the
    shop's (our return number, for the shop's counter and dock). `document` is the label.
    """

    tracking_no: str = ""
    code: str = ""
    code_kind: CodeKind = "shop"
    document: bytes | None = None
    media_type: str = ""
    expires_at: datetime | None = None


class ReturnCarrier(Protocol):
    """One carrier, or one gateway to several."""

    code: str
    """As in the contracts and capability data, e.g. `postnl`."""
    name: str
    """As people know it, e.g. `PostNL`."""
    is_test: bool
    """Numbers and codes are made up; labels and pages say so."""

    def prepare(self, request: HandoffRequest) -> Handoff:
        """Announce the parcel; the same reference gives the same hand-off, never a second label.

        Raises CarrierDown or CarrierRefused.
        """
        ...

    def void(self, *, reference: str, tracking_no: str) -> None:
        """Withdraw a hand-off; nothing happens when it is unknown or already withdrawn.

        Raises CarrierDown or CarrierRefused.
        """
        ...
