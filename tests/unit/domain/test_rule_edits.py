"""Editing a list of rules, and saying what was done to it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.policy import Condition
from returnsite.domain.rule_changes import Part, changes, parts
from returnsite.domain.rule_edits import (
    MAX_RULES,
    Entry,
    RuleGone,
    TooManyRules,
    add,
    entry_from_json,
    entry_to_json,
    leave_out_reasons,
    move,
    put,
    remove,
    switch,
)
from tests.unit.domain.builders import make_rule


def entries(*ids: int) -> tuple[Entry, ...]:
    return tuple(Entry(make_rule(("country", "is", "BE"), rule_id=one, fee=one)) for one in ids)


def ids(found: tuple[Entry, ...]) -> list[int]:
    return [entry.id for entry in found]


def kinds(before: tuple[Entry, ...], after: tuple[Entry, ...]) -> list[tuple[str, int]]:
    return [(change.kind, change.rule_id) for change in changes(before, after)]


def test_new_rules_stand_last_and_never_share_an_id() -> None:
    first, one = add(entries(5, 3), make_rule(fee=1))
    second, other = add(first, make_rule(fee=2))

    assert ids(second) == [5, 3, -1, -2]
    assert (one, other) == (-1, -2)


def test_a_list_can_be_full() -> None:
    with pytest.raises(TooManyRules):
        add(entries(*range(1, MAX_RULES + 1)), make_rule(fee=1))


@pytest.mark.parametrize(
    ("to", "order"), [(0, [3, 1, 2]), (1, [1, 3, 2]), (9, [1, 2, 3]), (-4, [3, 1, 2])]
)
def test_a_rule_moves_to_a_place_or_as_near_as_there_is(to: int, order: list[int]) -> None:
    assert ids(move(entries(1, 2, 3), 3, to)) == order


def test_nothing_can_be_done_to_a_rule_that_is_gone() -> None:
    for act in (
        lambda: put(entries(1), make_rule(rule_id=2, fee=1)),
        lambda: remove(entries(1), 2),
        lambda: move(entries(1), 2, 0),
        lambda: switch(entries(1), 2, enabled=False),
        lambda: leave_out_reasons(entries(1), 2, ["damaged"]),
    ):
        with pytest.raises(RuleGone):
            act()


def test_leaving_out_reasons_joins_those_left_out_before() -> None:
    rule = make_rule(("reason", "is_not", "too_late"), ("sku", "is", "A"), returnable=False)
    once = leave_out_reasons((Entry(rule),), 1, ["damaged"])
    twice = leave_out_reasons(once, 1, ["damaged", "faulty"])

    assert once[0].rule.conditions == (
        Condition("sku", "is", "A"),
        Condition("reason", "not_in", ("too_late", "damaged")),
    )
    assert twice[0].rule.conditions[-1].value == ("too_late", "damaged", "faulty")


def test_an_entry_survives_being_stored() -> None:
    entry = Entry(make_rule(("country", "in", ("BE", "DE")), methods=("pickup",)), enabled=False)

    assert entry_from_json(json.loads(json.dumps(entry_to_json(entry)))) == entry


def test_each_change_is_named_once() -> None:
    before = entries(1, 2, 3, 4)
    changed = put(before, make_rule(("country", "is", "DE"), rule_id=2, fee=2))
    after, new = add(switch(remove(changed, 4), 3, enabled=False), make_rule(fee=9))

    assert kinds(before, after) == [
        ("changed", 2),
        ("switched_off", 3),
        ("added", new),
        ("removed", 4),
    ]
    assert kinds(before, before) == []


@pytest.mark.parametrize(
    ("after", "moved"),
    [([1, 2, 3, 4], set()), ([4, 1, 2, 3], {4}), ([2, 3, 4, 1], {1}), ([2, 1, 4, 3], 2)],
)
def test_as_few_rules_as_possible_count_as_moved(after: list[int], moved: Any) -> None:
    found = {change.rule_id for change in changes(entries(1, 2, 3, 4), entries(*after))}

    assert found == moved if isinstance(moved, set) else len(found) == moved


@given(st.permutations(range(8)), st.permutations(range(8)))
def test_moving_only_what_counts_as_moved_leads_there(before: list[int], after: list[int]) -> None:
    moved = {change.rule_id for change in changes(entries(*before), entries(*after))}
    found = entries(*before)
    for place, rule_id in enumerate(after):
        if rule_id in moved:
            rest = [one for one in ids(found) if one != rule_id]
            follows = next((one for one in reversed(after[:place]) if one in rest), None)
            found = move(found, rule_id, rest.index(follows) + 1 if follows is not None else 0)
    stay = [one for one in ids(found) if one not in moved]

    assert stay == [one for one in after if one not in moved]
    assert ids(found) == list(after)


def test_a_difference_names_the_words_that_came_and_went() -> None:
    old = make_rule(("category", "is", "Underwear"), ("price", "at_least", 5), fee=395)
    new = make_rule(("category", "in", ("Underwear", "Socks")), window_days=60, fee=695)

    condition, window, fee = [part for part in parts(old, new) if part.new]

    assert (condition.what, condition.added, condition.removed) == ("condition", ("Socks",), ())
    assert (fee.old.value, fee.new.value) == (395, 695)
    assert (window.old, window.new.value) == (None, 60)
    assert [part.old.field for part in parts(old, new) if part.new is None] == ["price"]


def test_lists_and_tuples_one_word_and_a_list_of_it_are_no_difference() -> None:
    old = make_rule(("sku", "is", "A"), methods=("pickup", "in_store"))
    new = make_rule(("sku", "in", ["A"]), methods=["in_store", "pickup"])

    assert parts(old, new) == []


def test_the_customers_text_and_the_name_are_differences_of_their_own() -> None:
    old = make_rule(returnable={"returnable": False, "text": "No."})
    new = replace(make_rule(returnable={"returnable": False, "text": "Sorry."}), name="Hygiene")

    assert parts(old, new) == [Part("text", "No.", "Sorry."), Part("name", "Rule 1", "Hygiene")]
