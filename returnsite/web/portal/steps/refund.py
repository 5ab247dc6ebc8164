"""Step 4, refund: money, exchange or store credit, for all lines or per line."""

from __future__ import annotations

from typing import Any

from ....domain.facts import Basket, Choice
from ....domain.policy import Resolution
from ....domain.refunds import Statement
from ....services.checks import WISH_MAX, Problem, check_refund
from ....services.drafts import Wizard
from ....services.queries.order_lines import WizardLine
from ....services.quotes import Variant, make_statement
from ...i18n import gettext as _
from ...i18n import ngettext
from ...rendering import money
from ..pictures import art_for, own_picture
from ..words import problem_text, resolution_title
from .base import Form, Reading, View, typed

name = "refund"
template = "portal/refund.html"
live_blocks = ("summary_panel", "summary_bar")
uses_variants = True

PER_LINE = "per_line"


def read(form: Form, wizard: Wizard) -> Reading:
    """The choice for all, and per line the resolution, variant and wish."""
    lines = {line_id: _read_line(form, line_id) for line_id in wizard.answers.get("items", {})}
    mode = form.get("all", "")
    offered = {*wizard.shop.policy.resolutions, PER_LINE}
    if not mode and len(_offered(wizard)) == 1:
        mode = _offered(wizard)[0]
    return Reading({"mode": mode if mode in offered else "", "lines": lines})


def _read_line(form: Form, line_id: str) -> dict[str, str]:
    resolution = typed(form, f"resolution-{line_id}")
    return {
        "resolution": resolution if resolution in set(Resolution) else "",
        "sku": typed(form, f"variant-{line_id}", 200),
        "wish": typed(form, f"wish-{line_id}", 4000).strip(),
    }


def check(view: View) -> list[Problem]:
    """Each line has a resolution it may have."""
    return check_refund(view.wizard, view.quote)


def field_id(problem: Problem, view: View) -> str:
    """The first chip of the group, the wish, or the first card."""
    if problem.line_id is None:
        options = _options(view)
        return f"all-{options[0]['value']}" if options else "continue"
    line_id = problem.line_id
    if problem.part == "wish":
        return f"wish-{line_id}"
    return f"{problem.part}-{line_id}-1"


def context(view: View) -> dict[str, Any]:
    """`options` for all with their `error`, `lines` for per line and for what to exchange for."""
    problem = view.error("all")
    bonus = view.wizard.shop.policy.credit_bonus_bp
    credit = _all_as(view, Resolution.CREDIT) if bonus else None
    return {
        "options": _options(view),
        "lines": [_line(view, line, credit) for line in view.quote.chosen],
        "error": problem_text(problem) if problem else "",
    }


def _offered(wizard: Wizard) -> list[str]:
    return [str(code) for code in wizard.shop.policy.resolutions]


def _options(view: View) -> list[dict[str, Any]]:
    mode = view.wizard.answers.get("refund", {}).get("mode", "")
    everywhere = [code for code in _offered(view.wizard) if _possible_for_all(view, code)]
    options = [_option(view, code, mode) for code in everywhere]
    several = len(view.quote.chosen) > 1 and len(_offered(view.wizard)) > 1
    if several or not everywhere:
        options.append(
            {
                "value": PER_LINE,
                "title": _("Choose per item"),
                "text": _("For example exchange one item and get money back for the other."),
                "checked": mode == PER_LINE,
            }
        )
    if len(options) == 1:
        options[0]["checked"] = True
    return options


def _possible_for_all(view: View, code: str) -> bool:
    return all(
        code in view.quote.assessments[line.facts.line_id].resolutions for line in view.quote.chosen
    )


def _option(view: View, code: str, mode: str) -> dict[str, Any]:
    return {
        "value": code,
        "title": resolution_title(code),
        "text": _explanation(view, code),
        "price": _price(view, code),
        "free": code == Resolution.CREDIT and bool(view.wizard.shop.policy.credit_bonus_bp),
        "checked": mode == code,
    }


def _explanation(view: View, code: str) -> str:
    policy = view.wizard.shop.policy
    if code == Resolution.MONEY:
        return ngettext(
            "To the account you paid with, within %(num)s day after we have your parcel.",
            "To the account you paid with, within %(num)s days after we have your parcel.",
            policy.refund_days,
        )
    if code == Resolution.CREDIT:
        if policy.credit_bonus_bp:
            percent = f"{policy.credit_bonus_bp / 100:g}"
            return _(
                "With a %(percent)s%% bonus. By e-mail once we have your parcel.", percent=percent
            )
        return _("By e-mail once we have your parcel.")
    return _("Another size or colour. We send it once we have your parcel.")


def _price(view: View, code: str) -> str:
    """What all lines come to with this resolution, before any return fee."""
    if code == Resolution.EXCHANGE:
        return ""
    statement = _all_as(view, code)
    fee = statement.fee.amount if statement.fee else 0
    return money(statement.total + fee, statement.currency)


def _all_as(view: View, code: str) -> Statement:
    """The statement as if every line got this resolution."""
    choices = tuple(
        Choice(c.line_id, c.quantity, c.reason, code) for c in view.quote.basket.choices
    )
    return make_statement(view.wizard, Basket(choices))


def _line(view: View, line: WizardLine, credit: Statement | None) -> dict[str, Any]:
    line_id = line.facts.line_id
    answer = view.wizard.answers.get("refund", {}).get("lines", {}).get(str(line_id), {})
    allowed = view.quote.assessments[line_id].resolutions
    problems = {part: view.error(part, line_id) for part in ("resolution", "variant", "wish")}
    return {
        "id": line_id,
        "title": line.facts.title,
        "variant": line.variant,
        "image_url": own_picture(line.image_url),
        "art": art_for(line),
        "resolutions": [
            {
                "value": str(code),
                "text": resolution_title(code),
                "checked": answer.get("resolution") == code,
            }
            for code in allowed
        ],
        "variants": _variants(view, line, answer.get("sku", "")),
        "wish": answer.get("wish", ""),
        "wish_max": WISH_MAX,
        "errors": {part: problem_text(p) if p else "" for part, p in problems.items()},
        "credit_note": _credit_note(credit, line_id) if credit else "",
    }


def _variants(view: View, line: WizardLine, chosen: str) -> list[dict[str, Any]]:
    offered = view.quote.offered(line)
    telling = [name for name in _option_names(offered) if _differs(offered, name)]
    return [
        {
            "value": variant.sku,
            "text": _variant_text(variant, telling),
            "checked": variant.sku == chosen,
            "disabled": not variant.in_stock,
            "note": "" if variant.in_stock else _("sold out"),
            "extra": _extra(view, line, variant) if variant.in_stock else "",
        }
        for variant in offered
    ]


def _option_names(variants: list[Variant]) -> list[str]:
    return list(dict.fromkeys(name for variant in variants for name in variant.options))


def _differs(variants: list[Variant], name: str) -> bool:
    return len({variant.options.get(name) for variant in variants}) > 1


def _variant_text(variant: Variant, telling: list[str]) -> str:
    """What sets the variant apart from the others: "L" where all of them are blue."""
    values = [variant.options[name] for name in telling if variant.options.get(name)]
    return ", ".join(values or variant.options.values()) or variant.title


def _extra(view: View, line: WizardLine, variant: Variant) -> str:
    """What this variant costs more or less for all units, e.g. `+€5.00`; "" for the same price."""
    statement = view.quote.statement
    lines = statement.lines if statement else ()
    shown = next((s for s in lines if s.line_id == line.facts.line_id), None)
    if statement is None or shown is None:
        return ""
    difference = variant.price * shown.quantity - shown.paid_amount
    sign = "+" if difference > 0 else ""
    return f"{sign}{money(difference, statement.currency)}" if difference else ""


def _credit_note(statement: Statement, line_id: int) -> str:
    """What a bonus comes to, shown while store credit is chosen for this line."""
    shown = next(s for s in statement.lines if s.line_id == line_id)
    return _(
        "%(paid)s + bonus %(bonus)s = %(total)s store credit.",
        paid=money(shown.refund_amount, statement.currency),
        bonus=money(shown.bonus, statement.currency),
        total=money(shown.refund_amount + shown.bonus, statement.currency),
    )
