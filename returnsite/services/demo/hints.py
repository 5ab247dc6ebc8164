"""Orders of the demo shop worth trying."""

from __future__ import annotations

from flask_babel import gettext as _

from ..shops import ShopSettings

DEMO_SLUG = "demo"


def demo_hints(*, shop: ShopSettings) -> list[dict[str, str]]:
    """Orders to try on the first page of the demo: number, postcode and what each shows."""
    if shop.slug != DEMO_SLUG:
        return []
    hints = (
        ("3SDEVC482170002", "2611 GX", _("Two parcels; some of it is back, some comes too late")),
        ("#1001", "3011 AB", _("One shirt: the shortest way through")),
        ("NL-48335", "1012 AB", _("Exchange: one size sold out, one dearer")),
        ("NL-48230", "3511 CE", _("Arrived damaged: add a photo and it is free")),
        ("DE-20411", "10115", _("Germany: hand in without a printer")),
        ("NL-48341", "3572 AB", _("A tent: too big for a service point")),
        ("NL-48102", "1053 AB", _("The return period is over")),
        ("CH-70001", "8001", _("A country the shop takes nothing back from")),
    )
    return [{"number": n, "postcode": code, "text": text} for n, code, text in hints]
