"""Which order lines are no goods: postage, fees and vouchers cannot come back."""

from __future__ import annotations

_CODES = frozenset(
    [
        "POST",
        "POSTAGE",
        "DOT",
        "PORTO",
        "SHIPPING",
        "SHIPMENT",
        "VERZENDKOSTEN",
        "VERSANDKOSTEN",
        "GIFTCARD",
    ]
)
_TITLES = frozenset(
    {
        "postage", "dotcom postage", "carriage", "shipping", "shipping costs", "shipping cost",
        "shipping and handling", "delivery", "delivery costs", "handling fee", "payment fee",
        "transaction fee", "discount", "manual", "tip", "gift card", "gift voucher", "adjustment",
        "verzendkosten", "verzending", "porto", "transactiekosten", "betaalkosten", "korting",
        "cadeaubon", "cadeaukaart", "fooi", "toeslag",
        "versandkosten", "versand", "rabatt", "geschenkgutschein", "gutschein", "trinkgeld",
        "frais de port", "frais de livraison", "livraison", "remise", "carte cadeau", "pourboire",
    }
)  # fmt: skip


def is_goods(sku: str, title: str) -> bool:
    """Whether a line is something that can be sent back, as far as its names tell.

    Only names that mean nothing else count: the code of a fee alone, or its whole title.
    """
    return sku.strip().upper() not in _CODES and title.strip().casefold() not in _TITLES
