"""Whatever is posted to the wizard: a page in answer, never a 500; a refusal writes nothing."""

from __future__ import annotations

import io
from itertools import cycle
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.conftest import Kept
from tests.harness import IsolatedClient
from tests.html_checks import check_fragment, check_page
from tests.nasty import ANSWERED, NASTY, assert_harmless, names_of, raw, right
from tests.walk import (
    SAME_ORIGIN,
    STEPS,
    Walk,
    answers_for,
    lines_of,
    row_counts,
    start,
)

TYPED = st.text(max_size=60) | st.integers().map(str) | st.floats().map(str)


@pytest.fixture
def strangers(session: Session, factories: ModuleType, shop: Any, kept: Kept) -> dict[str, int]:
    """Ids that exist and are none of this order's business."""

    def make() -> dict[str, int]:
        sibling = factories.make_order(session, shop)
        far = factories.make_order(session, factories.make_shop(session))
        return {
            "line of another order": lines_of(sibling)[0],
            "line of another shop": lines_of(far)[0],
        }

    return kept(make)


@pytest.mark.parametrize("step", STEPS)
def test_no_value_in_any_field_of_any_step_does_harm(
    client: IsolatedClient, shop: Any, order: Any, session: Session, step: str
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    before = row_counts()
    ways = cycle([False, True, True])  # pages and fragments in turn, each field sees both
    for name in names_of(step, line):
        for kind, value in NASTY.items():
            kept = walk.answers()
            fields = [(n, v) for n, v in right(step, line).items() if n != name]
            fragment = next(ways)
            answer = raw(walk, step, [*fields, (name, value)], fragment=fragment)
            what = f"{step} {name}={kind}"
            assert_harmless(answer, ANSWERED, fragment=fragment, what=what)
            if answer.status_code != 303:
                assert walk.answers() == kept, f"{what}: refused and kept"
    assert row_counts() == before


@pytest.mark.parametrize("step", STEPS)
def test_a_refused_page_is_whole_and_valid_whatever_was_typed(
    client: IsolatedClient, shop: Any, order: Any, step: str
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    for kind in ("html", "right to left", "jinja", "crlf", "longer than python reads", "emoji"):
        fields = [
            (name, NASTY[kind]) for name in names_of(step, line) if name not in ("more", "less")
        ]
        for fragment in (False, True):
            answer = raw(walk, step, fields, fragment=fragment)
            if answer.status_code == 422:
                check = check_fragment if fragment else check_page
                check(f"{step} {kind}", answer.text)


@pytest.mark.parametrize("step", STEPS)
def test_a_million_characters_are_refused_with_a_page(
    client: IsolatedClient, shop: Any, order: Any, step: str
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    kept = walk.answers()
    for name in names_of(step, line):
        for fragment in (False, True):
            answer = raw(walk, step, [(name, "x" * 1_000_000)], fragment=fragment)
            assert_harmless(answer, {413}, fragment=fragment, what=f"{step} {name}")
    assert walk.answers() == kept


def test_thousands_of_fields_are_refused_with_a_page(
    client: IsolatedClient, shop: Any, order: Any
) -> None:
    walk = start(client, shop, order)
    part = '--x\r\nContent-Disposition: form-data; name="line"\r\n\r\n1\r\n'
    body, kind = part * 5000 + "--x--\r\n", "multipart/form-data; boundary=x"
    answer = client.post(walk.url("items"), data=body, headers=SAME_ORIGIN, content_type=kind)
    assert_harmless(answer, {413}, fragment=False, what="5000 parts")


@pytest.mark.parametrize("step", STEPS)
def test_ids_of_other_orders_and_shops_are_unknown(
    client: IsolatedClient, shop: Any, order: Any, strangers: dict[str, int], step: str
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    before, kept = row_counts(), walk.answers()
    for what, number in strangers.items():
        foreign = [
            (name.replace(str(line), str(number)), str(number)) for name in names_of(step, line)
        ]
        answer = walk.post(step, foreign)
        assert_harmless(answer, ANSWERED, fragment=False, what=f"{step} {what}")
        if step in {"items", "shipment"}:
            assert answer.status_code in {404, 422}, what
        for chosen in ("items", "reasons"):
            assert str(number) not in walk.answers().get(chosen, {}), what
    assert row_counts() == before
    assert walk.answers()["items"] == kept["items"]


def test_fields_given_twice_or_not_at_all_are_answered(
    client: IsolatedClient, shop: Any, order: Any
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    for step in STEPS:
        assert_harmless(walk.post(step), ANSWERED, fragment=False, what=f"{step}: nothing")
        for name in names_of(step, line):
            pairs = [(name, v) for v in ("1", "2", "", "1")]
            assert_harmless(walk.post(step, pairs), ANSWERED, fragment=False, what=f"{step} {name}")


def test_fields_that_are_no_text_are_answered(
    client: IsolatedClient, shop: Any, order: Any
) -> None:
    """A file where text is expected, text where a file is, and bodies of other kinds."""
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    for step in STEPS:
        url, headers = walk.url(step), SAME_ORIGIN
        for name in names_of(step, line):
            answer = walk.post(step, {name: (io.BytesIO(b"not text"), "a.txt")})
            assert_harmless(answer, ANSWERED, fragment=False, what=f"{step} {name} as a file")
        for body, kind in (
            (b'{"line": [1]}', "application/json"),
            (b"\x00\xff", "application/octet-stream"),
            (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
            (b"", "multipart/form-data"),
            (b"a=1", "application/x-www-form-urlencoded; charset=utf-7"),
        ):
            answer = client.post(url, data=body, headers=headers, content_type=kind)
            assert_harmless(answer, ANSWERED | {400}, fragment=False, what=f"{step} {kind}")


@pytest.fixture
def live_walk(client: IsolatedClient, shop: Any, order: Any) -> tuple[Walk, int]:
    line = lines_of(order)[0]
    return start(client, shop, order, answers_for({line: 1})), line


@given(data=st.data())
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_form_of_any_step_is_answered(live_walk: tuple[Walk, int], data: st.DataObject) -> None:
    """Hypothesis draws a step, some of its fields in any order and number, and any values."""
    walk, line = live_walk
    step = data.draw(st.sampled_from(STEPS[:-1]))
    usual = [v for s in STEPS for v in right(s, line).values()]
    value = TYPED | st.sampled_from(usual)
    name = st.sampled_from([*names_of(step, line), "line", "extra"])
    pairs = data.draw(st.lists(st.tuples(name, value), max_size=6))
    fragment = data.draw(st.booleans())
    answer = walk.post(
        step, [(n, v.encode("utf-8", "replace")) for n, v in pairs], fragment=fragment
    )
    assert_harmless(answer, ANSWERED, fragment=fragment, what=f"{step} {pairs}")
    assert walk.get("items").status_code == 200
