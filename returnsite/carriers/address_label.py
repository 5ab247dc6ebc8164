"""The words on an address label, in the customer's language."""

from __future__ import annotations

from collections.abc import Iterator

from babel import Locale
from babel.dates import format_date
from flask_babel import force_locale
from flask_babel import gettext as _

from .base import HandoffRequest, PostalAddress

MEDIA_TYPE = "application/pdf"


def address_label(
    request: HandoffRequest, *, carrier: str = "", tracking_no: str = "", is_test: bool = False
) -> bytes:
    """An A6 PDF from the customer to the return address; `is_test` prints a warning across it."""
    # Takes a third of a second to load, and only the worker prints.
    from ..documents.label import LabelContent, render_label

    with force_locale(request.language):
        content = LabelContent(
            language=request.language,
            title=_("Return label %(number)s", number=request.return_number),
            sender_name=request.shop_name,
            carrier=carrier,
            to_caption=_("Return to"),
            to_lines=_address_lines(request.recipient, request),
            from_caption=_("Sender"),
            from_lines=_address_lines(request.sender, request),
            rows=tuple(_rows(request, tracking_no)),
            number=request.return_number,
            number_caption=_("Return number, for the shop"),
            warning=_("TEST – not valid for shipping") if is_test else "",
        )
        return render_label(content)


def _rows(request: HandoffRequest, tracking_no: str) -> Iterator[tuple[str, str]]:
    yield _("Order"), request.order_number
    if request.hand_in_by:
        day = format_date(request.hand_in_by, "EEEE d MMMM", locale=request.language)
        yield _("Hand in by"), day
    if tracking_no:
        yield _("Tracking number"), tracking_no


def _address_lines(address: PostalAddress, request: HandoffRequest) -> tuple[str, ...]:
    """Lines as envelopes have them; the country where the parcel crosses a border, and at home too,
    because the label does not know from where it will be sent."""
    name = address.company if address.company == address.name else address.name
    company = address.company if address.company != address.name else ""
    street = f"{address.street} {address.house_number}".strip()
    country = Locale.parse(request.language).territories.get(address.country, address.country)
    lines = (company, name, street, f"{address.postcode} {address.city}".strip(), country)
    return tuple(line for line in lines if line)
