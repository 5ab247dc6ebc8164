"""Many returns at once: each for itself, told one by one, and taken back."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from returnsite.models import BulkAction, MoneyEntry, Outbox, Payout, Return, ReturnEvent
from returnsite.services.inbox import bulk, listing
from tests.conftest import Kept
from tests.factories import PLACED
from tests.harness import Page
from tests.merchant import Merchant

NOW = PLACED + timedelta(days=20)


@pytest.fixture(autouse=True)
def _clock(clock: Any) -> None:
    clock.set(NOW)


@pytest.fixture
def made(session: Session, shop: Any, factories: ModuleType, kept: Kept) -> list[Return]:
    """Three requests, A0 to A2."""
    return kept(
        lambda: [
            factories.make_return(
                session,
                factories.make_order(session, shop),
                number=f"A{n}",
                number_norm=f"A{n}",
                status="requested",
                created_at=NOW - timedelta(hours=n),
            )
            for n in range(3)
        ]
    )


def statuses(session: Session, made: list[Return]) -> list[str]:
    session.rollback()
    rows = session.execute(select(Return.number, Return.status).order_by(Return.number))
    known = {row.number: row.status for row in rows}
    return [known[f"A{n}"] for n in range(len(made))]


def press(merchant: Merchant, page: Page, action: str, made: list[Return], **more: Any) -> Page:
    """Tick these returns and press a button of the bar."""
    data = {"id": [str(each.id) for each in made], "action": action, **more}
    return merchant.submit(page, data, form="returns-form", status=more.pop("status", 303))


def test_chosen_requests_are_approved_and_the_list_says_so(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    page = merchant.get("/returns?tab=to_approve")
    answer = press(merchant, page, "approve", made[:2])
    assert "/returns?tab=to_approve&done=" in answer.location
    after = merchant.follow(answer)
    assert "2 returns approved." in after.text
    assert statuses(session, made) == ["approved", "approved", "requested"]
    waiting = session.scalars(select(Outbox.kind).where(Outbox.next_try_at > NOW)).all()
    assert sorted(waiting) == ["customer_approved"] * 2 + ["prepare_handoff"] * 2


def test_undo_makes_them_requests_again_and_nothing_is_sent(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    page = merchant.follow(press(merchant, merchant.get("/returns"), "approve", made))
    undo = page.form(action="/undo")
    after = merchant.follow(merchant.post(undo.action, undo.data))
    assert "3 returns are as they were." in after.text
    assert statuses(session, made) == ["requested"] * 3
    assert not session.scalar(select(func.count()).select_from(Outbox))
    assert not after.find_all("form", action=undo.element.get("action"))
    again = merchant.post(undo.action, undo.data)
    assert "/returns?done=" in again.location, "pressed twice, it is undone once"


def test_after_half_a_minute_undo_tells_of_each_that_it_is_too_late(
    merchant: Merchant, session: Session, made: list[Return], clock: Any
) -> None:
    page = merchant.follow(press(merchant, merchant.get("/returns"), "approve", made[:1]))
    undo = page.form(action="/undo")
    clock.advance(seconds=31)
    after = merchant.follow(merchant.post(undo.action, undo.data))
    assert "too late: half a minute is over, or something happened since" in after.text
    assert statuses(session, made)[0] == "approved"


def test_what_somebody_changed_meanwhile_is_left_and_told_with_a_name(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    page = merchant.get("/returns")
    session.execute(update(Return).where(Return.id == made[1].id).values(status="cancelled"))
    session.add(
        ReturnEvent(return_id=made[1].id, event="cancel", from_status="requested",
                    to_status="cancelled", actor="user:1", at=NOW, data={"by": "Bo"})
    )  # fmt: skip
    session.execute(update(Return).where(Return.id == made[2].id).values(status="cancelled"))
    session.add(
        ReturnEvent(return_id=made[2].id, event="cancel", from_status="requested",
                    to_status="cancelled", actor="customer", at=NOW, data={})
    )  # fmt: skip
    session.commit()
    after = merchant.follow(press(merchant, page, "approve", made))
    assert "1 return approved." in after.text
    assert "2 returns were left as they are:" in after.text
    assert "A1 : it is “Cancelled” meanwhile, by Bo" in after.text.replace("A1:", "A1 :")
    assert "meanwhile, by the customer" in after.text
    assert statuses(session, made) == ["approved", "cancelled", "cancelled"]


def test_declining_asks_for_a_reason_and_keeps_what_was_typed(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    asked = press(merchant, merchant.get("/returns?q=A"), "decline", made[:2], status=200)
    assert "Decline 2 returns" in asked.text
    wrong = merchant.submit(asked, {"text": "  "}, action="/returns/bulk", status=422)
    assert wrong.find("textarea", name="text").get("aria-invalid") == "true"
    assert statuses(session, made) == ["requested"] * 3
    long = merchant.submit(asked, {"text": "x" * 9_000}, action="/returns/bulk", status=422)
    assert "x" * 9_000 in long.html
    done = merchant.submit(asked, {"text": "Worn"}, action="/returns/bulk")
    assert done.location.startswith(f"{merchant.base}/returns?q=A&done=")
    assert statuses(session, made) == ["declined", "declined", "requested"]
    undo = merchant.follow(done).form(action="/undo")
    merchant.post(undo.action, undo.data)
    assert statuses(session, made) == ["requested"] * 3


def test_refunds_are_written_down_once_at_the_sums_that_were_seen(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    session.execute(update(Return).values(status="lost"))
    session.commit()
    asked = press(merchant, merchant.get("/returns"), "refund", made[:2], status=200)
    amounts = [each.get("value") for each in asked.find_all("input", type="hidden")
               if each.get("name", "").startswith("amount-")]  # fmt: skip
    assert amounts == ["1600", "1600"]
    for _press in range(2):
        done = merchant.submit(asked, {"channel": "bank"}, action="/returns/bulk")
    payouts = session.execute(select(Payout.amount, Payout.channel)).all()
    assert [tuple(each) for each in payouts] == [(1600, "bank")] * 2
    assert merchant.follow(done).status == 200


def test_completing_tells_what_is_still_open(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    session.execute(update(Return).where(Return.id == made[0].id).values(status="lost"))
    session.commit()
    after = merchant.follow(press(merchant, merchant.get("/returns"), "close", made[:2]))
    assert "is still to be paid" in after.text
    assert "not possible while it is “To approve”" in after.text
    assert "approved." not in after.text


def test_a_note_is_added_to_each(merchant: Merchant, session: Session, made: list[Return]) -> None:
    asked = press(merchant, merchant.get("/returns"), "note", made, status=200)
    merchant.submit(asked, {"text": "Look twice"}, action="/returns/bulk")
    notes = session.scalars(select(ReturnEvent.data).where(ReturnEvent.event == "note")).all()
    assert [note["text"] for note in notes] == ["Look twice"] * 3


def test_completing_is_taken_back_and_the_return_waits_again(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    session.execute(update(Return).values(status="lost"))
    session.execute(update(MoneyEntry).values(amount=0))
    session.commit()
    page = merchant.follow(press(merchant, merchant.get("/returns"), "close", made[:2]))
    assert "2 returns completed." in page.text
    assert statuses(session, made) == ["closed", "closed", "lost"]
    undo = page.form(action="/undo")
    assert (
        "2 returns are as they were." in merchant.follow(merchant.post(undo.action, undo.data)).text
    )
    assert statuses(session, made) == ["lost"] * 3
    session.rollback()
    assert session.scalars(select(Return.closed_at).where(Return.number == "A0")).one() is None


def test_a_note_is_taken_back_and_its_words_are_gone_from_the_page(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    asked = press(merchant, merchant.get("/returns"), "note", made, status=200)
    assert "half a minute" in asked.text
    page = merchant.follow(merchant.submit(asked, {"text": "Wrong pile"}, action="/returns/bulk"))
    assert "Wrong pile" in merchant.get("/returns/A1").text
    undo = page.form(action="/undo")
    after = merchant.follow(merchant.post(undo.action, undo.data))
    assert "3 returns are as they were." in after.text
    told = merchant.get("/returns/A1").text
    assert "Wrong pile" not in told
    assert "Note (undone)" in told
    approved = press(merchant, merchant.get("/returns"), "approve", made[:1])
    assert "1 return approved." in merchant.follow(approved).text, "a note bars nothing"


def test_what_was_written_to_a_customer_or_waived_is_not_taken_back(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    session.execute(update(Return).values(status="lost"))
    session.commit()
    page = merchant.get("/returns/A0")
    merchant.submit(page, {"text": "Hello", "to_customer": "1"}, action="/returns/A0/note")
    page = merchant.get("/returns/A0")
    merchant.submit(page, {"reason": "Paid by the carrier"}, action="/returns/A0/close")
    assert not merchant.get("/returns/A0").find_all(
        "form", action=f"{merchant.base}/returns/A0/undo"
    )
    for event in session.scalars(select(ReturnEvent.id).where(ReturnEvent.event != "confirm")):
        merchant.post("/returns/A0/undo", {"event": str(event)}, status=422)
    assert statuses(session, made)[0] == "closed"


def test_htmx_swaps_the_list_alone_and_keeps_the_address_of_the_list(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    page = merchant.get("/returns?tab=to_approve")
    answer = merchant.submit(
        page, {"id": [str(made[0].id)], "action": "approve"}, form="returns-form", fragment=True
    )
    assert "/returns/_list?tab=to_approve&done=" in answer.location
    listed = merchant.get_fragment(answer.location)
    assert "1 return approved." in listed.text
    assert listed.find("div", id="outcome").get("autofocus") is not None
    assert "<h1" not in listed.html
    assert listed.headers["HX-Replace-Url"] == f"{merchant.base}/returns?tab=to_approve"
    assert "HX-Push-Url" not in listed.headers
    undo = listed.form(action="/undo")
    undone = merchant.post(undo.action, undo.data, fragment=True)
    assert "/returns/_list?" in undone.location
    assert statuses(session, made) == ["requested"] * 3


def test_htmx_shows_what_an_action_needs_in_place_of_the_page(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    page = merchant.get("/returns?tab=to_approve")
    asked = merchant.submit(
        page, {"id": [str(made[0].id)], "action": "decline"}, form="returns-form", status=200,
        fragment=True,
    )  # fmt: skip
    assert asked.find("h1").text == "Decline 1 return"
    answer = merchant.submit(asked, {"text": "Worn"}, action="/returns/bulk", fragment=True)
    assert f"{merchant.base}/returns?tab=to_approve&done=" in answer.location
    assert "1 return declined." in merchant.follow(answer).fragment.text


def test_all_that_match_are_taken_up_to_the_limit_and_the_rest_is_named(
    merchant: Merchant, session: Session, made: list[Return], monkeypatch: Any
) -> None:
    monkeypatch.setattr(bulk, "MOST", 2)
    monkeypatch.setattr("returnsite.web.merchant.inbox_bulk.MOST", 2)
    data = {"action": "approve", "all": "1", "query": "tab=to_approve"}
    after = merchant.follow(merchant.post("/returns/bulk", data))
    assert "2 returns approved. 1 more is waiting: choose again." in after.text
    assert statuses(session, made) == ["approved", "approved", "requested"]


def test_returns_of_another_shop_cannot_be_chosen_nor_undone(
    merchant: Merchant, session: Session, made: list[Return], factories: ModuleType
) -> None:
    foreign = session.scalars(select(Return).where(Return.number == "R-48217-7KQ")).one()
    session.execute(update(Return).where(Return.id == foreign.id).values(status="requested"))
    session.commit()
    answer = merchant.post("/returns/bulk", {"action": "approve", "id": str(foreign.id)})
    assert answer.location == f"{merchant.base}/returns"
    session.rollback()
    assert session.get_one(Return, foreign.id).status == "requested"
    merchant.follow(press(merchant, merchant.get("/returns"), "approve", made))
    outcome = session.scalars(select(BulkAction)).one()
    colleague = merchant.as_role("staff")
    colleague.post(f"/returns/bulk/{outcome.id}/undo", {}, status=404)
    assert "approved." not in colleague.get(f"/returns?done={outcome.id}").text


def test_who_only_looks_may_do_nothing(merchant: Merchant, made: list[Return]) -> None:
    looker = merchant.as_role("read_only")
    for path in ("/returns/bulk", "/returns/bulk/1/undo", "/returns/export"):
        looker.post(path, {"action": "approve", "id": str(made[0].id)}, status=403)


@pytest.mark.parametrize("action", ["", "delete", "approve\x00"])
def test_an_action_that_is_none_is_refused(
    merchant: Merchant, made: list[Return], action: str
) -> None:
    merchant.post("/returns/bulk", {"action": action, "id": str(made[0].id)}, status=400)


def test_whoever_thinks_better_of_it_finds_the_same_returns_ticked_on_the_same_page(
    merchant: Merchant, made: list[Return], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    first = merchant.get("/returns?tab=to_approve")
    second = merchant.checked.get(first.find("a", id="page-next").get("href"))
    for page, some in ((first, made[:1]), (second, made[2:])):
        asked = press(merchant, page, "decline", some, status=200)
        refused = merchant.submit(asked, {"text": " "}, form="bulk-form", status=422)
        for link in (
            asked.find("a", class_="back-to"),
            asked.find("a", class_="button-quiet"),
            refused.find("a", class_="back-to"),
        ):
            back = merchant.checked.get(link.get("href"))
            assert ticked(back) == [str(each.id) for each in some]
            assert len(back.find_all("input", name="id")) == len(page.find_all("input", name="id"))


def test_whoever_chose_all_that_match_chooses_again(merchant: Merchant, made: list[Return]) -> None:
    asked = press(merchant, merchant.get("/returns"), "decline", made[:1], all="1", status=200)
    assert "ticked" not in asked.find("a", class_="back-to").get("href")


@pytest.mark.parametrize("typed", ["", "x", "-", "1-x-2", "٢", "9" * 30, "%00", "1-" * 3000])
def test_no_address_that_can_be_typed_breaks_the_ticks(
    merchant: Merchant, made: list[Return], typed: str
) -> None:
    merchant.get(f"/returns?ticked={typed}")


def test_ids_that_are_none_choose_nothing(merchant: Merchant, made: list[Return]) -> None:
    for text in ("x", "-1", "9" * 40, "١"):
        answer = merchant.post("/returns/bulk", {"action": "approve", "id": text})
        assert answer.location == f"{merchant.base}/returns"


@pytest.mark.parametrize("field", ["amount", "key"])
@pytest.mark.parametrize("typed", ["²", "\x00", "1\x00"])
def test_hidden_fields_that_hold_nonsense_break_nothing(
    merchant: Merchant, made: list[Return], field: str, typed: str
) -> None:
    chosen = {"action": "refund", "confirmed": "1", "id": str(made[0].id), "key": "a"}
    amount = f"amount-{made[0].id}"
    named = {"amount": amount, "key": "key"}[field]
    merchant.post("/returns/bulk", {**chosen, amount: "100", named: typed}, status=303)


ALL = ["approve", "decline", "refund", "close", "note"]


@pytest.mark.parametrize(
    ("query", "status", "shown"),
    [
        ("", "requested", ALL),
        ("?tab=to_approve", "requested", ["approve", "decline", "note"]),
        ("?tab=on_the_way", "in_transit", ["refund", "close", "note"]),
        ("?tab=received", "received", ["refund", "close", "note"]),
        ("?tab=completed", "closed", ["refund", "note"]),
        ("?tab=ended", "declined", ["note"]),
        ("?status=in_transit", "in_transit", ["refund", "note"]),
    ],
)
def test_the_bar_offers_what_can_be_done_to_the_returns_of_the_list(
    merchant: Merchant, session: Session, made: list[Return],
    query: str, status: str, shown: list[str],
) -> None:  # fmt: skip
    session.execute(update(Return).values(status=status))
    session.commit()
    buttons = merchant.get(f"/returns{query}").find_all("button", name="action")
    assert [button.get("value") for button in buttons] == shown
    primary = [b.get("value") for b in buttons if "button-secondary" not in (b.get("class") or "")]
    assert primary == ([] if shown == ["note"] else shown[:1])


def test_what_was_left_as_it_is_stays_ticked_and_can_be_let_go(
    merchant: Merchant, session: Session, made: list[Return]
) -> None:
    session.execute(update(Return).where(Return.id != made[0].id).values(status="lost"))
    session.commit()
    after = merchant.follow(press(merchant, merchant.get("/returns"), "approve", made[:2]))
    assert ticked(after) == [str(made[1].id)], "the one that was approved is done with"
    assert after.form("returns-form").data.getlist("id") == [str(made[1].id)]
    clear = after.find("a", id="clear-choice").get("href") or ""
    assert ticked(merchant.get(clear)) == []
    done = merchant.follow(press(merchant, merchant.get("/returns"), "approve", made[1:]))
    assert ticked(done) == [str(each.id) for each in made[1:]]


def ticked(page: Page) -> list[str | None]:
    boxes = page.find_all("input", name="id")
    return [box.get("value") for box in boxes if box.get("checked") is not None]
