"""Steps skipped, replayed and asked too late, and what stands in a query: answered, harmless."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import pytest

from tests.harness import IsolatedClient
from tests.nasty import LIVE, NASTY, assert_harmless, names_of, right
from tests.walk import (
    SAME_ORIGIN,
    STEPS,
    answers_for,
    lines_of,
    multi,
    row_counts,
    start,
)


@pytest.mark.parametrize("part", ["_quote", "_points"])
def test_live_parts_answer_anything(
    client: IsolatedClient, shop: Any, order: Any, part: str
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    kept, before = walk.answers(), row_counts()
    for step in STEPS if part == "_quote" else ["shipment"]:
        for name in [*names_of(step, line), "line", "lang", "review"]:
            for kind, value in NASTY.items():
                fields = right(step, line) | (
                    {"method": "drop_off_point"} if part == "_points" else {}
                )
                query = "&".join(f"{n}={v}" for n, v in fields.items() if n != name)
                answer = walk.get(f"{step}/{part}?{query}&{name}={value}", fragment=True)
                what = f"{step} {part} {name}={kind}"
                assert answer.status_code in LIVE, f"{what}: {answer.status_code}"
                assert "<html" not in answer.text.lower(), what
    assert walk.answers() == kept
    assert row_counts() == before


@pytest.mark.parametrize("step", STEPS)
def test_no_query_of_a_page_does_harm(
    client: IsolatedClient, shop: Any, order: Any, step: str
) -> None:
    """Names that the code behind a link might take for its own are just a query."""
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    names = ["endpoint", "slug", "token", "step", "_external", "_scheme", "_anchor", "_method"]
    names += ["lang", "review", "changed", "method", "near", "carrier", "self", "values", "v"]
    ways = cycle([False, True])
    for name in names:
        for value in ("x", "javascript", NASTY["nul"], NASTY["crlf"], "é"):
            answer = walk.get(step, query=f"?{name}={value}", fragment=next(ways))
            assert answer.status_code in LIVE, f"{step}?{name}={value}: {answer.status_code}"
            assert "\n" not in answer.headers.get("HX-Push-Url", "")
            assert f"/p/{shop.slug}/r/x/" not in answer.text
            assert "javascript:" not in answer.text


EMPTY: dict[str, Any] = {}


@pytest.mark.parametrize("filled", range(len(STEPS)))
def test_steps_out_of_order_lead_to_the_first_open_one_and_keep_nothing(
    client: IsolatedClient, shop: Any, order: Any, filled: int
) -> None:
    line = lines_of(order)[0]
    whole = answers_for({line: 1})
    done = {step: whole[step] for step in STEPS[:filled]}
    walk = start(client, shop, order, done)
    for step in STEPS[filled + 1 :]:
        for data in (right(step, line), EMPTY):
            for fragment in (False, True):
                answer = walk.post(step, data, fragment=fragment)
                what = f"{step} after {filled} answers"
                assert answer.status_code == 303, what
                assert answer.headers["Location"].split("?")[0] == walk.url(STEPS[filled]), what
                assert walk.answers() == done, what
        assert walk.get(step).status_code == 303
        for data in (right(step, line), EMPTY):
            body = multi([*data.items(), ("form_token", "wrong")])
            answer = client.post(walk.url(step), data=body, headers=SAME_ORIGIN)
            assert_harmless(answer, {303, 422}, fragment=False, what=f"{step} with a wrong token")
        assert walk.get(f"{step}/_quote", fragment=True).status_code in LIVE
    assert walk.answers() == done


def test_a_step_that_does_not_exist_is_not_found(
    client: IsolatedClient, shop: Any, order: Any
) -> None:
    walk = start(client, shop, order)
    for step in ("find", "Items", "items%00", "..", "%2e%2e", "items ", "photos"):
        assert walk.get(step).status_code in {404, 308}, step
        assert client.post(walk.url(step), headers=SAME_ORIGIN).status_code in {404, 405}, step


@pytest.mark.parametrize("step", STEPS)
def test_a_confirmed_draft_takes_no_more_answers(
    client: IsolatedClient, shop: Any, order: Any, step: str
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    confirmed = walk.confirm()
    assert confirmed.status_code == 303
    kept, before = walk.answers(), row_counts()
    for data in (right(step, line), EMPTY, {"drop-photo": "1"}, {"more": str(line)}):
        for fragment in (False, True):
            answer = walk.post(step, data, fragment=fragment)
            assert answer.status_code == 303, f"{step} {data}"
    body = multi([("form_token", "wrong")])
    assert client.post(walk.url(step), data=body, headers=SAME_ORIGIN).status_code == 303
    page = walk.get(step)
    assert page.status_code == 200
    assert confirmed.headers["Location"].removesuffix("/done") in page.text
    assert walk.answers() == kept
    assert row_counts() == before


@pytest.mark.parametrize("step", STEPS)
def test_an_expired_draft_says_so_and_offers_a_fresh_start(
    client: IsolatedClient, shop: Any, order: Any, clock: Any, step: str
) -> None:
    line = lines_of(order)[0]
    walk = start(client, shop, order, answers_for({line: 1}))
    clock.advance(hours=2, seconds=1)
    kept, before = walk.answers(), row_counts()
    for fragment in (False, True):
        for answer in (
            walk.get(step, fragment=fragment),
            walk.post(step, right(step, line), fragment=fragment),
            walk.get(f"{step}/_quote", fragment=fragment),
        ):
            assert answer.status_code == 410
            assert f'href="/p/{shop.slug}/"' in answer.text
    assert walk.answers() == kept
    assert row_counts() == before
