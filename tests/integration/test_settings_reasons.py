"""The card of return reasons: words, order, switching off, and what must stay readable."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from returnsite.models import AuditEntry, Reason, ReturnRule
from tests import factories
from tests.harness import Page
from tests.merchant import Merchant


def live(merchant: Merchant) -> list[Reason]:
    """The reasons as stored, in their order."""
    merchant.session.expire_all()
    query = select(Reason).where(Reason.shop_id == merchant.shop.id, Reason.deleted_at.is_(None))
    return list(merchant.session.scalars(query.order_by(Reason.position, Reason.id)))


def codes(merchant: Merchant) -> list[str]:
    """Their codes."""
    return [one.code for one in live(merchant)]


def press(merchant: Merchant, button: str, code: str, **more: object) -> Page:
    """Press a button of the list on a reason."""
    reason = next(one for one in live(merchant) if one.code == code)
    page = merchant.get("/settings")
    return merchant.submit(
        page,
        {button: str(reason.id), **more},
        action="/reasons/order",
        status=200,
        fragment=True,
    )


def add(merchant: Merchant, **fields: object) -> Page:
    """Add an own reason."""
    page = merchant.get("/settings/reasons/new")
    return merchant.submit(
        page,
        {"label_nl": "Past niet bij de bank", **fields},
        action="/reasons/new",
        status=200,
        fragment=True,
    )


def test_a_reason_is_renamed_and_translated_in_its_place(merchant: Merchant) -> None:
    reason = live(merchant)[0]
    path = f"/settings/reasons/edit-{reason.id}"
    page = merchant.get(path)
    assert page.find("input", name="label_nl").get("value") == "Te klein"
    changes = {"label_nl": "Valt te klein", "label_en": "Runs small", "comment_required": "1"}
    saved = merchant.submit(page, changes, action=path, status=200, fragment=True)
    assert "Runs small" in saved.text
    assert "Saved" in saved.text
    assert len(saved.queries) <= 12, "\n".join(saved.queries)
    assert len(saved.body) <= 10_240
    fresh = live(merchant)[0]
    assert (fresh.code, fresh.labels["nl"], fresh.comment_required) == (
        "too_small",
        "Valt te klein",
        True,
    )
    history = merchant.get("/settings/reasons/history").text
    assert "Too small" in history
    assert "Valt te klein" in history


def test_words_are_needed_in_the_first_language_and_what_was_typed_stays(
    merchant: Merchant,
) -> None:
    page = merchant.get("/settings/reasons/new")
    changes = {"label_nl": " ", "label_en": "Wrong colour", "fault": "shop"}
    for fragment in (False, True):
        refused = merchant.submit(
            page, changes, action="/reasons/new", status=422, fragment=fragment
        )
        assert refused.find("input", name="label_en").get("value") == "Wrong colour"
        assert refused.find(id="label_nl-error")
        chosen = refused.find("input", name="fault", value="shop")
        assert "checked" in chosen.attrib
    merchant.submit(page, {"label_nl": "x" * 81}, action="/reasons/new", status=422, fragment=True)
    assert len(live(merchant)) == len(factories.REASONS)


def test_an_own_reason_gets_a_code_that_stays(merchant: Merchant) -> None:
    add(merchant, label_nl="Kleur: blåuw!")
    add(merchant, label_nl="Kleur: blåuw!")
    first, second = live(merchant)[-2:]
    assert (first.code, second.code) == ("own_kleur_blauw", "own_kleur_blauw_2")
    path = f"/settings/reasons/edit-{first.id}"
    merchant.submit(merchant.get(path), {"label_nl": "Andere kleur"}, action=path)
    assert live(merchant)[-2].code == "own_kleur_blauw"


@pytest.mark.parametrize(
    ("button", "code", "wanted"),
    [
        ("up", "changed_mind", ["changed_mind", "too_small", "damaged", "wrong_item", "other"]),
        ("down", "too_small", ["changed_mind", "too_small", "damaged", "wrong_item", "other"]),
        ("up", "too_small", ["too_small", "changed_mind", "damaged", "wrong_item", "other"]),
        ("down", "other", ["too_small", "changed_mind", "damaged", "wrong_item", "other"]),
    ],
)
def test_buttons_move_a_reason_by_one(
    merchant: Merchant, button: str, code: str, wanted: list[str]
) -> None:
    press(merchant, button, code)
    assert codes(merchant) == wanted


@pytest.mark.parametrize(("place", "at"), [("0", 0), ("2", 2), ("999999999", 4), ("-1", 4)])
def test_a_reason_is_dropped_at_a_place(merchant: Merchant, place: str, at: int) -> None:
    press(merchant, "moved", "damaged", place=place)
    assert codes(merchant).index("damaged") == at


def test_a_reason_is_switched_off_and_customers_no_longer_see_it(merchant: Merchant) -> None:
    saved = press(merchant, "switch", "too_small")
    assert not live(merchant)[0].enabled
    assert "Off" in saved.text
    undone = merchant.submit(saved, action="/reasons/undo", status=200, fragment=True)
    assert "Put back" in undone.text
    assert live(merchant)[0].enabled


def test_without_any_reason_the_checklist_says_so(merchant: Merchant) -> None:
    merchant.submit(merchant.get("/settings"), {"active": "0"}, action="/activation")
    answers = [press(merchant, "switch", code) for code in codes(merchant)]
    assert "Reasons: switch on at least one" in answers[-1].text


def test_switching_works_without_javascript(merchant: Merchant) -> None:
    first = live(merchant)[0]
    back = merchant.submit(
        merchant.get("/settings"), {"switch": str(first.id)}, action="/reasons/order"
    )
    shown = merchant.get(back.location.partition("#")[0])
    assert shown.find(id=f"switch-reasons-{first.id}").get("aria-pressed") == "false"
    merchant.submit(shown, action="/reasons/undo")
    assert live(merchant)[0].enabled


def test_a_reason_that_returns_name_can_only_be_switched_off(merchant: Merchant) -> None:
    saved = add(merchant)
    own = live(merchant)[-1]
    assert saved.find_all("a", data_hx_get=f"{merchant.base}/settings/reasons/edit-{own.id}")
    page = merchant.get(f"/settings/reasons/edit-{own.id}")
    assert "Remove this reason" in page.text
    order = factories.make_order(merchant.session, merchant.shop)
    factories.make_return(merchant.session, order).lines[0].reason_code = own.code
    asked = merchant.get(f"/settings/reasons/delete-{own.id}")
    refused = merchant.submit(asked, action=f"/delete-{own.id}", status=422, fragment=True)
    assert "can only be switched off" in refused.text
    assert live(merchant)[-1].id == own.id
    assert "Remove this reason" not in merchant.get(f"/settings/reasons/edit-{own.id}").text


def test_an_unused_own_reason_is_removed_and_comes_back_by_undo(merchant: Merchant) -> None:
    add(merchant)
    own = live(merchant)[-1]
    page = merchant.get(f"/settings/reasons/delete-{own.id}")
    gone = merchant.submit(page, action=f"/delete-{own.id}", status=200, fragment=True)
    assert own.code not in codes(merchant)
    merchant.submit(gone, action="/reasons/undo", status=200, fragment=True)
    assert codes(merchant)[-1] == own.code
    events = merchant.session.scalars(select(AuditEntry.event).order_by(AuditEntry.id)).all()
    assert events == ["add", "remove", "undo"]


def test_reasons_of_every_shop_are_never_removed(merchant: Merchant) -> None:
    first = live(merchant)[0]
    page = merchant.get(f"/settings/reasons/delete-{first.id}")
    merchant.submit(page, action=f"/delete-{first.id}", status=422, fragment=True)
    assert live(merchant)[0].id == first.id


def test_a_rule_that_names_the_reason_is_pointed_out(merchant: Merchant) -> None:
    rule = ReturnRule(
        shop_id=merchant.shop.id,
        name="Small is free",
        conditions=[{"field": "reason", "op": "in", "value": ["too_small", "damaged"]}],
        effects=[{"kind": "returnable", "value": True}],
    )
    merchant.session.add(rule)
    merchant.shop.settings_version += 1
    first = live(merchant)[0]
    assert "Small is free" in merchant.get(f"/settings/reasons/edit-{first.id}").text
    assert "A return rule names it" in press(merchant, "switch", "too_small").text


def test_somebody_else_moved_meanwhile(merchant: Merchant) -> None:
    page = merchant.get("/settings")
    press(merchant, "up", "changed_mind")
    told = merchant.submit(
        page,
        {"up": str(live(merchant)[2].id)},
        action="/reasons/order",
        status=409,
        fragment=True,
    )
    assert f"{merchant.user.name} changed this meanwhile" in told.text
    assert codes(merchant)[:2] == ["changed_mind", "too_small"]


def test_reasons_of_another_shop_are_not_there(merchant: Merchant) -> None:
    rival = factories.make_shop(merchant.session, slug="rival")
    foreign = merchant.session.scalars(
        select(Reason).where(Reason.shop_id == rival.id).limit(1)
    ).one()
    foreign_id = foreign.id
    for part in (f"edit-{foreign_id}", f"delete-{foreign_id}", "edit-", "order", "edit-x"):
        merchant.get(f"/settings/reasons/{part}", status=404)
    page = merchant.get("/settings")
    merchant.submit(
        page, {"switch": str(foreign_id)}, action="/reasons/order", status=200, fragment=True
    )
    merchant.session.expire_all()
    assert merchant.session.get_one(Reason, foreign_id).enabled


def test_only_owners_change_reasons(merchant: Merchant) -> None:
    first = live(merchant)[0].id
    merchant.as_role("staff")
    assert "switch-button" not in merchant.get("/settings").html
    merchant.post("/settings/reasons/order", {"switch": str(first), "version": "0"}, status=403)


def make_forty(merchant: Merchant) -> None:
    """A shop with a list as long as its customers can bear."""
    for number in range(len(factories.REASONS), 40):
        labels = {"nl": f"Past niet bij bank {number}", "en": f"Does not suit sofa {number}"}
        merchant.session.add(
            Reason(
                shop_id=merchant.shop.id, code=f"own_{number}", labels=labels, position=10 + number
            )
        )
    merchant.shop.settings_version += 1
    merchant.session.commit()


def test_the_list_takes_no_more_queries_however_long_it_is(merchant: Merchant) -> None:
    before = len(merchant.get("/settings").queries)
    make_forty(merchant)
    page = merchant.get("/settings")
    assert "1 to 8 of 40" in page.text
    assert page.fragment
    assert len(page.fragment.queries) <= before


def test_with_forty_reasons_every_answer_is_small_and_shows_what_was_done(
    merchant: Merchant,
) -> None:
    make_forty(merchant)
    answers = [press(merchant, "up", code) for code in ("own_7", "own_39", "damaged")]
    answers.append(press(merchant, "switch", "own_22"))
    path = f"/settings/reasons/edit-{live(merchant)[30].id}"
    form = merchant.get_fragment(path)
    answers.append(form)
    answers.append(merchant.submit(form, {"label_nl": ""}, action=path, status=422, fragment=True))
    saved = merchant.submit(form, {"label_nl": "Anders"}, action=path, status=200, fragment=True)
    assert "25 to 32 of 40" in saved.text
    answers.append(saved)
    added = add(merchant, label_en="Ugly after all")
    assert "Ugly after all" in added.text
    answers.append(added)
    answers.append(merchant.submit(added, action="/reasons/undo", status=200, fragment=True))
    assert max(len(one.body) for one in answers) <= 10_000


def test_one_moves_over_the_edge_of_a_page_and_the_page_goes_along(merchant: Merchant) -> None:
    make_forty(merchant)
    ninth = live(merchant)[8]
    up = press(merchant, "up", ninth.code)
    assert "1 to 8 of 40" in up.text
    assert up.find("button", name="down", value=str(ninth.id)).get("disabled") is None
    down = press(merchant, "down", ninth.code)
    assert "9 to 16 of 40" in down.text
    assert live(merchant)[8].id == ninth.id


def test_pages_of_reasons_are_turned_without_javascript_too(merchant: Merchant) -> None:
    make_forty(merchant)
    page = merchant.get("/settings")
    links = [one for one in page.find_all("a") if "reasons-page=2" in one.get("href", "")]
    turned = merchant.get(links[0].get("href", "").partition("#")[0])
    assert "9 to 16 of 40" in turned.text
    last = live(merchant)[15]
    back = merchant.submit(turned, {"switch": str(last.id)}, action="/reasons/order")
    assert "9 to 16 of 40" in merchant.get(back.location.partition("#")[0]).text
    merchant.get("/settings?reasons-page=99999")
    merchant.get("/settings?reasons-page=x")


def test_a_reason_is_dropped_at_a_place_of_the_page_it_is_on(merchant: Merchant) -> None:
    make_forty(merchant)
    code = live(merchant)[12].code
    press(merchant, "moved", code, place="0", first="8")
    assert codes(merchant).index(code) == 8


@pytest.mark.parametrize(("typed", "at"), [("1", 0), ("40", 39), ("17", 16)])
def test_a_long_list_takes_a_reason_to_a_place_by_number(
    merchant: Merchant, typed: str, at: int
) -> None:
    make_forty(merchant)
    one = live(merchant)[20]
    path = f"/settings/reasons/edit-{one.id}"
    form = merchant.get(path)
    assert form.find("input", id="place").get("value") == "21"
    for wrong in ("0", "41", "two", ""):
        refused = merchant.submit(form, {"place": wrong}, action=path, status=422, fragment=True)
        assert "Enter a number from 1 to 40" in refused.text
    merchant.submit(form, {"place": typed}, action=path, status=200, fragment=True)
    assert codes(merchant).index(one.code) == at


def test_while_a_reason_is_open_nothing_else_can_be_pressed(merchant: Merchant) -> None:
    form = merchant.get_fragment(f"/settings/reasons/edit-{live(merchant)[0].id}")
    assert not form.find_all("button", name="switch")
    assert not form.find_all("button", name="up")


def test_the_history_of_a_move_names_the_reasons_in_the_readers_language(
    merchant: Merchant,
) -> None:
    merchant.user.locale = "nl"
    merchant.session.commit()
    first = str(live(merchant)[0].id)
    page = merchant.get("/settings")
    merchant.submit(page, {"down": first}, action="/reasons/order", status=200, fragment=True)
    assert "Volgorde: Te klein, " in merchant.get("/settings/reasons/history").text
