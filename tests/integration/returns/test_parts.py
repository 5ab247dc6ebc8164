"""Units of one line that look different: each part has its number, looks and place."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from returnsite.domain.errors import DomainError
from returnsite.models import Return, ReturnEvent, ReturnLinePart
from returnsite.services.returns.money import load_ledger
from returnsite.services.returns.parts import Part, load_parts
from returnsite.services.returns.receive_lines import receive_lines
from returnsite.services.shops import ShopSettings
from tests.factories import make_order
from tests.merchant import Merchant
from tests.returning import SANNE, count, fresh, new_return

PAGES = pytest.mark.parametrize("where", ["returns", "dock"])


@pytest.fixture
def three(session: Session, shop: Any) -> Return:
    """An approved return of three of four units of one line."""
    line = {"sku": "SHIRT", "title": "Linen shirt", "product_key": "shirt", "quantity": 4}
    order = make_order(session, shop, lines=[{**line, "line_paid": 8000, "list_price": 2000}])
    return new_return(session, order, quantity=3, locale="en")


def parts_of(session: Session, made: Return) -> list[tuple[int, int, str | None, str | None]]:
    """The parts of its first line as the database has them: units, accepted, looks, place."""
    line = fresh(session, made).lines[0]
    return [
        (each.units, each.accepted, each.condition, each.disposition)
        for each in load_parts([line])[line.id]
    ]


def submit(merchant: Merchant, page: Any, changes: dict[str, Any], status: int = 303) -> Any:
    return merchant.submit(page, changes, form="count-form", status=status)


def values(page: Any, *ids: str) -> list[str]:
    return [page.find("input", id=each).get("value") for each in ids]


def chosen(page: Any, name: str) -> list[str]:
    radios = page.find_all("input", type="radio", name=name)
    return [each.get("value") for each in radios if "checked" in each.attrib]


@PAGES
def test_three_shirts_of_which_one_is_damaged_are_counted_as_that(
    session: Session, merchant: Merchant, three: Return, where: str
) -> None:
    line = three.lines[0].id
    page = merchant.get(f"/{where}/{three.number}")
    looks = {f"condition-{line}": "as_new", f"disposition-{line}": "restock"}
    page = submit(merchant, page, {**looks, "split": str(line)}, status=200)
    assert values(page, f"received-{line}", f"received-{line}-2") == ["2", "1"]
    assert chosen(page, f"condition-{line}") == ["as_new"]
    assert chosen(page, f"condition-{line}-2") == []
    assert fresh(session, three).status == "approved", "nothing is written yet"
    submit(
        merchant,
        page,
        {f"refused-{line}-2": "1", f"condition-{line}-2": "damaged",
         f"disposition-{line}-2": "back_to_customer"},
    )  # fmt: skip
    assert parts_of(session, three) == [
        (2, 2, "as_new", "restock"),
        (1, 0, "damaged", "back_to_customer"),
    ]
    row = fresh(session, three).lines[0]
    assert (row.received, row.accepted) == (3, 2)
    assert load_ledger(three.id).balance.due.money == 2 * 2000 - 395
    shown = merchant.get(f"/returns/{three.number}").text
    assert "3 of 3, 1 not accepted" in shown
    assert "2 × As new, Back in stock" in shown
    assert "1 × Damaged, Back to the customer, not accepted" in shown


def test_the_event_keeps_every_part(
    session: Session, settings: ShopSettings, three: Return
) -> None:
    (line,) = three.lines
    counted = count(line, 3, 2, condition="as_new", others=(Part(1, 0, "damaged", "dispose"),))
    receive_lines(shop=settings, return_id=three.id, actor=SANNE, counts=[counted])
    event = session.scalars(select(ReturnEvent).where(ReturnEvent.event == "receive")).one()
    assert event.data["lines"] == [
        {
            "id": line.id,
            "received": 3,
            "accepted": 2,
            "parts": [
                {"units": 2, "accepted": 2, "condition": "as_new", "disposition": None},
                {"units": 1, "accepted": 0, "condition": "damaged", "disposition": "dispose"},
            ],
        }
    ]


@PAGES
def test_what_is_counted_in_parts_stands_in_the_form_again_and_can_be_counted_anew(
    session: Session, merchant: Merchant, three: Return, where: str
) -> None:
    line = three.lines[0].id
    page = submit(
        merchant, merchant.get(f"/{where}/{three.number}"), {"split": str(line)}, status=200
    )
    worn = {f"condition-{line}-2": "worn", f"received-{line}-2": "1"}
    submit(merchant, page, {f"received-{line}": "1", f"condition-{line}": "as_new", **worn})
    assert parts_of(session, three) == [(1, 1, "as_new", None), (1, 1, "worn", None)]

    page = merchant.get(f"/{where}/{three.number}")
    assert values(page, f"received-{line}", f"received-{line}-2") == ["1", "1"]
    assert chosen(page, f"condition-{line}-2") == ["worn"]
    submit(merchant, page, {f"received-{line}-2": "2"})
    assert parts_of(session, three) == [(1, 1, "as_new", None), (2, 2, "worn", None)]
    events = select(ReturnEvent.id).where(ReturnEvent.event == "receive")
    before = len(session.scalars(events).all())
    submit(merchant, merchant.get(f"/{where}/{three.number}"), {})
    session.rollback()
    assert len(session.scalars(events).all()) == before, "the same again says nothing new"
    submit(merchant, merchant.get(f"/{where}/{three.number}"), {f"received-{line}": "0"})
    assert parts_of(session, three) == [(2, 2, "worn", None)], "a part of none is gone"


@PAGES
def test_splitting_takes_what_was_not_accepted_and_joining_gives_it_back(
    merchant: Merchant, three: Return, where: str
) -> None:
    line = three.lines[0].id
    one, two = (f"received-{line}", f"refused-{line}"), (f"received-{line}-2", f"refused-{line}-2")
    page = merchant.get(f"/{where}/{three.number}")
    page = submit(merchant, page, {one[1]: "2", "split": str(line)}, status=200)
    assert values(page, *one, *two) == ["1", "0", "2", "2"]
    assert page.find("input", id=f"condition-{line}-2-1").get("autofocus") is not None
    page = submit(merchant, page, {f"condition-{line}-2": "worn", "join": f"{line}-2"}, status=200)
    assert values(page, *one) == ["3", "2"]
    assert not page.find_all("input", id=two[0])
    assert page.find("button", id=f"split-{line}").get("autofocus") is not None


def test_the_middle_one_of_three_parts_is_taken_out_and_the_last_keeps_what_was_typed(
    session: Session, merchant: Merchant, three: Return
) -> None:
    line = three.lines[0].id
    page = merchant.get(f"/dock/{three.number}")
    for _part in range(2):
        page = submit(merchant, page, {"split": str(line)}, status=200)
    assert values(page, *(f"received-{line}{part}" for part in ("", "-2", "-3"))) == ["1"] * 3
    assert not page.find_all("button", id=f"split-{line}"), "three units are three parts at most"
    typed = {f"condition-{line}-3": "damaged", f"note-{line}": "torn"}
    page = submit(merchant, page, {**typed, "join": f"{line}-2"}, status=200)
    assert values(page, f"received-{line}", f"received-{line}-2", f"note-{line}") == [
        "2", "1", "torn",
    ]  # fmt: skip
    assert chosen(page, f"condition-{line}-2") == ["damaged"]


def test_a_line_of_one_unit_cannot_be_split(
    session: Session, merchant: Merchant, shop: Any
) -> None:
    made = new_return(session, make_order(session, shop))
    line = made.lines[0].id
    page = merchant.get(f"/dock/{made.number}")
    assert not page.find_all("button", name="split")
    page = submit(merchant, page, {"split": str(line)}, status=200)
    assert values(page, f"received-{line}") == ["1"]


@pytest.mark.parametrize("pressed", ["", "x", "0", "999999999999", "1-1", "-", "1-2-3", "٢"])
@pytest.mark.parametrize("name", ["split", "join"])
def test_no_button_that_can_be_made_up_breaks_the_form(
    merchant: Merchant, three: Return, name: str, pressed: str
) -> None:
    line = three.lines[0].id
    typed = {f"received-{line}": "x", name: pressed}
    page = submit(merchant, merchant.get(f"/dock/{three.number}"), typed, status=200)
    assert values(page, f"received-{line}") == ["x"]


@PAGES
def test_parts_that_are_more_than_came_are_refused_beside_the_field_with_all_that_was_typed(
    session: Session, merchant: Merchant, three: Return, where: str
) -> None:
    line = three.lines[0].id
    page = merchant.get(f"/{where}/{three.number}")
    page = submit(merchant, page, {"split": str(line)}, status=200)
    typed = {f"received-{line}-2": "2", f"condition-{line}-2": "worn", f"note-{line}": "wet"}
    page = submit(merchant, page, typed, status=422)
    assert page.find("input", id=f"received-{line}-2").get("aria-invalid") == "true"
    assert page.find("a", href=f"#received-{line}-2") is not None
    assert "There are 3 in this return, all parts together." in page.text
    assert values(page, f"received-{line}", f"received-{line}-2", f"note-{line}") == [
        "2", "2", "wet",
    ]  # fmt: skip
    assert chosen(page, f"condition-{line}-2") == ["worn"]
    page = submit(merchant, page, {f"received-{line}-2": "1", f"refused-{line}-2": "2"}, status=422)
    assert page.find("input", id=f"refused-{line}-2").get("aria-invalid") == "true"
    page = submit(merchant, page, {f"refused-{line}-2": "1.5"}, status=422)
    assert values(page, f"refused-{line}-2") == ["1.5"]
    assert fresh(session, three).status == "approved"


def test_a_looks_or_place_nobody_knows_is_refused_in_every_part(
    session: Session, merchant: Merchant, three: Return
) -> None:
    line = three.lines[0].id
    page = merchant.get(f"/dock/{three.number}")
    page = submit(merchant, page, {"split": str(line)}, status=200)
    for name in ("condition", "disposition"):
        submit(merchant, page, {f"{name}-{line}-2": "glittering"}, status=422)
    assert fresh(session, three).status == "approved"


def test_somebody_who_counted_first_keeps_their_parts(
    session: Session, merchant: Merchant, three: Return
) -> None:
    line = three.lines[0].id
    page = merchant.get(f"/dock/{three.number}")
    old = submit(merchant, page, {"split": str(line)}, status=200)
    submit(merchant, page, {f"condition-{line}": "worn"})
    merchant.as_role("staff")
    changes = {f"condition-{line}-2": "damaged", "csrf_token": merchant.csrf()}
    refused = submit(merchant, old, changes, status=409)
    assert chosen(refused, f"condition-{line}-2") == ["damaged"]
    assert parts_of(session, three) == [(3, 3, "worn", None)]


@pytest.mark.parametrize(
    "others",
    [
        (Part(0, 0),),
        (Part(-1, 0),),
        (Part(3, 2),),
        (Part(4, 2),),
        (Part(1, 2),),
        (Part(1, -1),),
        (Part(2, 0),),
        (Part(1, 1), Part(1, 1), Part(1, 0)),
    ],
)
def test_parts_that_cannot_be_are_refused(
    session: Session, settings: ShopSettings, three: Return, others: tuple[Part, ...]
) -> None:
    """Of three, of which two are accepted, at least one is in no part of its own."""
    counted = count(three.lines[0], 3, 2, others=others)
    with pytest.raises(DomainError, match="count_parts"):
        receive_lines(shop=settings, return_id=three.id, actor=SANNE, counts=[counted])
    assert fresh(session, three).status == "approved"


@pytest.mark.parametrize("values", [{"units": 0}, {"accepted": 2}, {"accepted": -1}])
def test_the_database_holds_no_part_that_cannot_be(
    session: Session, three: Return, values: dict[str, int]
) -> None:
    row = {"return_line_id": three.lines[0].id, "units": 1, "accepted": 1, **values}
    with pytest.raises(IntegrityError):
        session.execute(ReturnLinePart.__table__.insert().values(row))
    session.rollback()


def test_parts_are_read_in_one_query_however_many_there_are(
    merchant: Merchant, settings: ShopSettings, three: Return
) -> None:
    merchant.get("/dock")
    asked = []
    for others in ((), (Part(1, 1, "worn"), Part(1, 0, "damaged"))):
        counted = count(three.lines[0], 3, 2, others=others)
        receive_lines(shop=settings, return_id=three.id, actor=SANNE, counts=[counted])
        asked.append(len(merchant.get(f"/dock/{three.number}", max_queries=17).queries))
    assert asked[0] == asked[1]
