"""What a check found in a file, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import g, url_for

from ...domain.carriers import carrier_name
from ...services.order_uploads import OrderUpload
from ..i18n import gettext as _
from ..i18n import ngettext
from ..rendering import day_year, money, number
from .words import country_name


def preview(upload: OrderUpload) -> dict[str, Any]:
    """The context of the preview page."""
    check = upload.check or {}
    is_variants = check["kind"] == "variants"
    return {
        "name": upload.name,
        "is_variants": is_variants,
        "count": check["count"],
        "facts": _facts(upload, check, is_variants=is_variants),
        "warnings": [] if is_variants else _warnings(check),
        "samples": [(_variant if is_variants else _order)(sample) for sample in check["samples"]],
        "more": number(check["count"] - len(check["samples"])),
        "has_more": check["count"] > len(check["samples"]),
        "problems": check["problems"],
        "set_aside": check["set_aside"],
        "more_problems": max(0, check["set_aside"] - len(check["problems"])),
        "doubts": check.get("doubts", []),
        "doubted": check.get("doubted", 0),
        "button": _button(check["count"], is_variants=is_variants),
        "action": url_for("merchant.orders_confirm", upload_token=upload.token),
        "discard_url": url_for("merchant.orders_discard", upload_token=upload.token),
        "import_url": url_for("merchant.orders_import"),
    }


def _button(count: int, *, is_variants: bool) -> str:
    if is_variants:
        return ngettext(
            "Import %(many)s variant", "Import %(many)s variants", count, many=number(count)
        )
    return ngettext("Import %(many)s order", "Import %(many)s orders", count, many=number(count))


def _facts(
    upload: OrderUpload, check: dict[str, Any], *, is_variants: bool
) -> list[tuple[str, str]]:
    facts = [
        (_("File"), f"{upload.name} ({_size(upload.size)})"),
        (_("Read as"), check["label"]),
        (_("Variants") if is_variants else _("Orders"), number(check["count"])),
        (_("Set aside"), number(check["set_aside"])),
        (_("Currency"), ", ".join(sorted(check["currencies"])) or "–"),
    ]
    if not is_variants and check["count"]:
        facts += [
            (_("Lines"), number(check["lines"])),
            (_("Ordered"), " – ".join(dict.fromkeys(map(_day, (check["first"], check["last"]))))),
            (
                _("Delivered"),
                _(
                    "%(done)s of %(total)s",
                    done=number(check["delivered"]),
                    total=number(check["count"]),
                ),
            ),
        ]
    return facts


def _warnings(check: dict[str, Any]) -> list[str]:
    """What is readable and still may not be meant."""
    warnings = []
    others = [code for code in check["currencies"] if code != g.shop.currency]
    if others:
        warnings.append(
            _(
                "Amounts are in %(codes)s; your shop's currency is %(own)s.",
                codes=", ".join(others),
                own=g.shop.currency,
            )
        )
    if check["count"] and not check["delivered"]:
        warnings.append(
            _("No order has a delivery date, so the return window cannot run from delivery.")
        )
    return warnings


def _order(sample: dict[str, Any]) -> dict[str, Any]:
    currency = sample["currency"]
    country = country_name(sample["country"]) if sample["country"] else ""
    return {
        "number": sample["number"],
        "row": sample["row"],
        "placed": _day(sample["placed_at"]),
        "cancelled": sample["cancelled"],
        "customer": " · ".join(
            text
            for text in (sample["customer"], sample["email"], sample["postcode"], country)
            if text
        ),
        "lines": [
            {
                "text": f"{line['quantity']} × {line['title']}",
                "details": " · ".join(text for text in (line["variant"], line["sku"]) if text),
                "paid": money(line["paid"], currency),
            }
            for line in sample["lines"]
        ],
        "more_lines": sample["more_lines"],
        "parcels": [_parcel(parcel) for parcel in sample["parcels"]],
        "shipping": money(sample["shipping"], currency) if sample["shipping"] else "",
        "total": money(sample["total"], currency),
    }


def _parcel(parcel: dict[str, Any]) -> str:
    if parcel["delivered_at"]:
        words = _("Delivered on %(day)s", day=_day(parcel["delivered_at"]))
    elif parcel["shipped_at"]:
        words = _("Sent on %(day)s", day=_day(parcel["shipped_at"]))
    else:
        words = _("Not sent yet")
    carrier = carrier_name(parcel["carrier"]) if parcel["carrier"] else ""
    return " · ".join(text for text in (words, carrier, ", ".join(parcel["numbers"])) if text)


def _variant(sample: dict[str, Any]) -> dict[str, Any]:
    stock = sample["stock"]
    return {
        **sample,
        "options": ", ".join(f"{name}: {value}" for name, value in sample["options"].items()),
        "price": money(sample["price"], g.shop.currency),
        "stock": _("not known") if stock is None else number(stock),
    }


def _day(text: str) -> str:
    return day_year(datetime.fromisoformat(text)) if text else ""


def _size(size: int) -> str:
    if size < 1024 * 1024:
        return _("%(size)s kB", size=number(max(1, size // 1024)))
    return _("%(size)s MB", size=number(size // (1024 * 1024)))
