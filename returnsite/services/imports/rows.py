"""Column values of imported orders."""

from __future__ import annotations

from typing import Any

from ...domain.lookup import normalise_number, normalise_postcode
from ...orders.base import SourceAddress, SourceLine, SourceOrder, SourceParcel


def order_key(source: SourceOrder) -> tuple[str, str]:
    """What makes two orders the same to a customer: number and delivery postcode, normalised."""
    return normalise_number(source.number), _postcode(source.delivery)


def order_values(source: SourceOrder) -> dict[str, Any]:
    """Columns of `Order` that a newer version of the order may change, apart from money."""
    return {
        "number": source.number,
        "number_norm": normalise_number(source.number),
        "locale": source.locale,
        "placed_at": source.placed_at,
        "email": source.email,
        "customer_name": source.customer_name or source.delivery.name or source.billing.name,
        "customer_tags": list(source.customer_tags),
        "country": source.delivery.country or source.billing.country,
        "delivery_address": _address(source.delivery),
        "billing_address": _address(source.billing),
        "delivery_postcode_norm": _postcode(source.delivery),
        "billing_postcode_norm": _postcode(source.billing),
        "cancelled_at": source.cancelled_at,
    }


def _address(address: SourceAddress) -> dict[str, str]:
    if not (address.name or address.street or address.postcode or address.city):
        return {}
    return {
        "name": address.name,
        "street": address.street,
        "house_number": address.house_number,
        "postcode": address.postcode,
        "city": address.city,
        "country": address.country,
    }


def _postcode(address: SourceAddress) -> str:
    return normalise_postcode(address.postcode, address.country or None)


def line_values(line: SourceLine) -> dict[str, Any]:
    """Columns of `OrderLine` that do not depend on what was stored before."""
    return {
        "sku": line.sku,
        "title": line.title,
        "variant": line.variant,
        "product_key": line.product_key,
        "image_url": line.image_url,
        "category": line.category,
        "tags": list(line.tags),
        "quantity": line.quantity,
        "line_paid": line.line_paid,
        "list_price": line.list_price,
        "tax_bp": line.tax_bp,
        "final_sale": line.final_sale,
        "is_goods": line.is_goods,
    }


def parcel_values(parcel: SourceParcel, country: str) -> dict[str, Any]:
    """Columns of `Parcel` as the source says them."""
    return {
        "tracking_no": next(iter(parcel.trackings), ""),
        "carrier": parcel.carrier,
        "shipped_at": parcel.shipped_at,
        "delivered_at": parcel.delivered_at,
        "pickup_postcode_norm": normalise_postcode(parcel.pickup_postcode, country or None),
    }


def tracking_norms(parcel: SourceParcel) -> list[str]:
    """The parcel's tracking numbers for looking up, each once."""
    return list(dict.fromkeys(norm for n in parcel.trackings if (norm := normalise_number(n))))
