"""Why a return was allowed at these terms, in words: the rules' record, and what was set then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...domain.policy import Method, Resolution
from ...domain.rules import Decision, EffectKind, explain
from ...domain.window import local_day
from ...services.queries.return_page import ReturnPage
from ..i18n import gettext as _
from ..i18n import ngettext
from ..rendering import day, either, money
from .words import method_name, resolution_name


def decisions_view(found: ReturnPage) -> list[dict[str, str]]:
    """Each point once, with where it comes from."""
    lines: dict[tuple[str, str], list[int]] = {}
    for stored in found.columns["decisions"]:
        if (point := _rule(stored, found.currency)) is not None:
            lines.setdefault(point, []).append(stored["line_id"])
    points = [
        {"text": text, "source": _source(found, rule, ids)} for (text, rule), ids in lines.items()
    ]
    fee = _fee(found)
    free = _("No return fee.") if found.columns["fee_waived_by"] == "rule" else ""
    told = any(point["text"] in {fee["text"], free} for point in points)
    return [_when(found), *([] if told else [fee]), *points]


def _source(found: ReturnPage, rule: str, ids: Sequence[int]) -> str:
    """The rule, and the items it was about where that is not all of them."""
    named = [line.title for line in found.lines if line.line.parcel_line_id in ids]
    if not named or len(named) == len(found.lines):
        return _("Rule “%(rule)s”", rule=rule)
    return _("Rule “%(rule)s”, for %(items)s", rule=rule, items=", ".join(named))


def _when(found: ReturnPage) -> dict[str, str]:
    zone = found.shop.time_zone
    told = local_day(found.columns["created_at"], zone)
    if found.delivered_at is None:
        text = _("Registered on %(day)s; it is not known when the parcel arrived.", day=day(told))
        return {"text": text, "source": ""}
    days = (told - local_day(found.delivered_at, zone)).days
    text = ngettext(
        "Registered %(num)s day after delivery on %(day)s.",
        "Registered %(num)s days after delivery on %(day)s.",
        days,
        day=day(found.delivered_at),
    )
    return {"text": text, "source": ""}


def _fee(found: ReturnPage) -> dict[str, str]:
    fee, why = found.columns["fee"], found.columns["fee_waived_by"]
    if fee:
        amount = money(fee, found.currency)
        return {"text": _("Return fee %(amount)s.", amount=amount), "source": ""}
    reasons = {
        "shop_fault": _("the reason is the shop’s fault"),
        "order_value": _("the order was worth enough"),
        "exchange": _("it is an exchange"),
        "credit": _("it is for store credit"),
        "rule": _("a rule says so"),
        "nothing_to_deduct": _("there is nothing to take it off"),
    }
    if why in reasons:
        return {"text": _("No return fee: %(why)s.", why=reasons[why]), "source": ""}
    return {"text": _("No return fee."), "source": ""}


def _rule(stored: Mapping[str, Any], currency: str) -> tuple[str, str] | None:
    """What a rule decided; None for what an older or newer version wrote differently."""
    try:
        value = stored["value"]
        decision = Decision(
            effect=EffectKind(stored["effect"]),
            value=tuple(value) if isinstance(value, list) else value,
            rule_id=stored["rule_id"],
            rule_name=stored["rule_name"],
            line_id=stored["line_id"],
            text=stored.get("text", ""),
        )
        code, params = explain(decision)
        return _TEXTS[code](params, currency), decision.rule_name
    except (KeyError, ValueError, TypeError):
        return None


_TEXTS: Mapping[str, Callable[[Mapping[str, Any], str], str]] = {
    "rule_returnable": lambda p, c: _("May go back."),
    "rule_not_returnable": lambda p, c: _("May not go back."),
    "rule_country_closed": lambda p, c: _("Returns from this country are closed."),
    "rule_country_open": lambda p, c: _("Returns from this country are open."),
    "rule_fee": lambda p, c: _("Return fee %(amount)s.", amount=money(p["amount"], c)),
    "rule_fee_free": lambda p, c: _("No return fee."),
    "rule_window_days": lambda p, c: ngettext(
        "May go back for %(num)s day.", "May go back for %(num)s days.", p["days"]
    ),
    "rule_resolutions": lambda p, c: _(
        "Refund options: %(options)s.",
        options=either(resolution_name(Resolution(one)) for one in p["resolutions"]),
    ),
    "rule_methods": lambda p, c: _(
        "Ways to send it back: %(options)s.",
        options=either(method_name(Method(one)) for one in p["methods"]),
    ),
    "rule_manual_approval": lambda p, c: _("Somebody looks at it first."),
    "rule_automatic_approval": lambda p, c: _("Approved without a look."),
}
