"""A trial of the draft in words: numbers, what changes for each item, and through which rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import g, url_for

from ....domain.rule_trial import Outcome
from ....services.rules.draft import RulesState
from ....services.rules.sentences import method_word, resolution_word
from ....services.rules.trial import MOST_ORDERS
from ....services.tasks import TaskView
from ...i18n import gettext as _
from ...i18n import locale_code, ngettext
from ...rendering import day, day_short, either, money, number
from ..tasks import task_context

SIZES = (100, 1_000, MOST_ORDERS)
EXAMPLES = 3


def trial_context(task: TaskView | None, state: RulesState) -> dict[str, Any]:
    """The panel below the rules: the last trial, or how to start one."""
    found: dict[str, Any] = {
        "sizes": [(size, number(size)) for size in SIZES],
        "size": task.params.get("orders", 1_000) if task else 1_000,
        "is_open": state.is_open,
        "task": None,
        "result": None,
    }
    if task is None or not state.is_open:
        return found
    if task.state == "done":
        found["result"] = result_context(task, state, stop=EXAMPLES)
    else:
        found["task"] = running_trial(task)
    return found


def running_trial(task: TaskView) -> dict[str, Any]:
    """A trial as `task_context` tells it, whose result takes its place below the rules."""
    progress_url = url_for("merchant.rules_trial_progress", task_id=task.id)
    return {**task_context(task), "progress_url": progress_url}


def result_context(
    task: TaskView, state: RulesState, *, start: int = 0, stop: int | None = None
) -> dict[str, Any]:
    """The numbers of a finished trial and some of the items that change."""
    result = task.result
    changed = result["items"] - result["same"]
    return {
        "id": task.id,
        "url": url_for("merchant.rules_trial", task_id=task.id),
        "outdated": result["version"] != state.version,
        "about": _about(result),
        "by": task.created_by_name,
        "figures": _figures(result),
        "bar": _bar(result),
        "changed": changed,
        "listed": len(result["listed"]),
        "more_text": ngettext(
            "See the change", "See all %(count)s changes", changed, count=number(changed)
        ),
        "faults": _faults(result, state),
        "rows": [_row(one, result) for one in result["listed"][start:stop]],
    }


def _about(result: dict[str, Any]) -> str:
    return _(
        "Tried on %(items)s items of your last %(orders)s orders, with %(returns)s real returns.",
        items=number(result["items"]),
        orders=number(result["orders"]),
        returns=number(result["returns"]),
    )


def _figures(result: dict[str, Any]) -> list[tuple[str, str]]:
    figures = [
        (number(result["same"]), _("stay the same")),
        (number(result["refused"]), _("you would refuse")),
        (number(result["fee"]), _("cost something else")),
    ]
    if result["accepted"]:
        figures.insert(2, (number(result["accepted"]), _("you would accept")))
    if result["other"]:
        figures.append((number(result["other"]), _("change otherwise")))
    paid = result["fee_sum"]
    text = (
        _("more return fees on your real returns")
        if paid >= 0
        else _("less return fees on your real returns")
    )
    return [*figures, (money(abs(paid), g.shop.currency), text)]


def _bar(result: dict[str, Any]) -> dict[str, Any]:
    """Shares of the bar in tenths of a per cent, and the same in words."""
    total = result["items"] or 1
    parts, at = [], 0
    for name, css in (("same", "same"), ("refused", "closed"), ("fee", "fee")):
        count = result[name] + (result["accepted"] + result["other"] if name == "fee" else 0)
        parts.append({"css": css, "x": at * 100 / total, "width": count * 100 / total})
        at += count
    label = _(
        "%(same)s the same, %(refused)s refused, %(rest)s changed otherwise",
        same=result["same"],
        refused=result["refused"],
        rest=total - result["same"] - result["refused"] if result["items"] else 0,
    )
    return {"parts": [part for part in parts if part["width"]], "label": label}


def _faults(result: dict[str, Any], state: RulesState) -> list[dict[str, Any]]:
    """Per rule: refused items that were not the customer's fault."""
    return [
        {
            "rule_id": rule_id,
            "place": state.place(rule_id),
            "text": ngettext(
                "%(num)s refused item is not the customer's fault",
                "%(num)s refused items are not the customer's fault",
                count,
            ),
        }
        for rule_id, count in result["faults"]
        if rule_id and state.entry(rule_id)
    ]


def _row(one: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    now, then = Outcome(*one["now"]), Outcome(*one["then"])
    places = dict(result["places"])
    reason = g.shop.policy.reason(one["reason"]) if one["reason"] else None
    return {
        "number": one["return"] or one["order"],
        "is_return": bool(one["return"]),
        "day": day_short(datetime.fromisoformat(one["placed_at"])),
        "title": one["title"],
        "reason": reason.label(locale_code()) if reason else one["reason"] or "",
        "now": outcome_text(now),
        "then": outcome_text(then),
        "by": _by(now, then, places),
    }


def _by(now: Outcome, then: Outcome, places: dict[int, int]) -> str:
    """Which rule makes the difference."""
    if then.rule_id in places:
        return _("Rule %(place)s", place=places[then.rule_id])
    if now.rule_id in places:
        return _("no longer rule %(place)s", place=places[now.rule_id])
    return _("a rule that was taken out") if now.rule_id else _("your settings")


def outcome_text(outcome: Outcome) -> str:
    """One side of a change, short."""
    value = outcome.value
    match outcome.about:
        case "closed":
            return _closed(value)
        case "open":
            if value is None:
                return _("Can be returned")
            return _("Can be returned for: %(reasons)s", reasons=either(map(_reason, value)))
        case "fee":
            return money(value, g.shop.currency) if value else _("Free")
        case "last_day":
            if value is None:
                return _("No end to the return period")
            last = date.fromisoformat(value) if isinstance(value, str) else value
            return _("Until %(day)s", day=day(last))
        case "resolutions":
            return _("Gets %(what)s", what=either(map(resolution_word, value)))
        case "methods":
            return _("Comes back by %(what)s", what=either(map(method_word, value)) or "–")
        case _:
            return _("You approve it first") if value else _("Approved by itself")


def _reason(code: str) -> str:
    return g.shop.reason_label(code, locale_code()) or code


def _closed(why: str) -> str:
    return {
        "country_closed": _("Not from this country"),
        "window_over": _("Too late"),
        "window_unknown_closed": _("Not until it is delivered"),
    }.get(why, _("Can't be returned"))


def sides(
    now: Sequence[Outcome],
    then: Sequence[Outcome],
    *,
    now_places: dict[int, int],
    then_places: dict[int, int],
) -> list[dict[str, Any]]:
    """What is said of one item, side by side; `differs` marks what changes."""
    before, after = {one.about: one for one in now}, {one.about: one for one in then}
    return [
        {
            "now": _side(before.get(about)),
            "then": _side(after.get(about)),
            "now_by": _side_by(before.get(about), now_places),
            "then_by": _side_by(after.get(about), then_places),
            "differs": _value(before, about) != _value(after, about),
        }
        for about in dict.fromkeys((*before, *after))
    ]


def _side(outcome: Outcome | None) -> str:
    """One side of one thing; alone in its line an amount says what it is for."""
    if outcome is None:
        return "–"
    text = outcome_text(outcome)
    return _("Return fee: %(amount)s", amount=text) if outcome.about == "fee" else text


def _value(side: dict[str, Outcome], about: str) -> Any:
    return side[about].value if about in side else None


def _side_by(outcome: Outcome | None, places: dict[int, int]) -> str:
    if outcome is None:
        return ""
    if outcome.rule_id in places:
        return _("Rule %(place)s", place=places[outcome.rule_id])
    return ""
