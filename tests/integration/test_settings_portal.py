"""The settings page: edited in place, two people at once, and undo."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from returnsite.models import AuditEntry
from tests.harness import count_queries, text_of
from tests.merchant import Merchant, stored


def test_the_page_shows_every_section_as_saved(merchant: Merchant) -> None:
    page = merchant.get("/settings", max_queries=15)
    for text in ("30 days after delivery", "€3.95", "Money back, Exchange, Store credit"):
        assert text in page.text
    assert "Portal is open" in page.text


def test_a_value_is_changed_in_its_place_and_the_audit_log_says_who_did_it(
    merchant: Merchant,
) -> None:
    page = merchant.get("/settings/portal/window")
    assert page.find("input", name="window_days").get("value") == "30"
    saved = merchant.submit(
        page, {"window_days": "45"}, action="/portal/window", status=200, fragment=True
    )
    assert "45 days after delivery" in saved.text
    assert "Saved" in saved.text
    assert len(saved.body) <= 10_240
    assert len(saved.queries) <= 12, "\n".join(saved.queries)
    assert stored(merchant).window_days == 45
    entry = merchant.session.scalars(select(AuditEntry)).one()
    assert (entry.section, entry.user_id, entry.actor) == (
        "portal",
        merchant.user.id,
        merchant.user.name,
    )
    assert entry.changes == [{"field": "window_days", "old": 30, "new": 45}]
    assert "Return window: 30 → 45" in merchant.get("/settings/portal/history").text


def test_saving_works_without_javascript(merchant: Merchant) -> None:
    page = merchant.get("/settings/portal/window")
    back = merchant.submit(page, {"window_days": "45"}, action="/portal/window")
    assert back.location.endswith("/settings?saved=portal.window#card-portal")
    shown = merchant.get(back.location.partition("#")[0])
    assert "Saved" in shown.text
    assert "45 days after delivery" in shown.text
    undone = merchant.submit(shown, action="/portal/undo")
    assert "30 days after delivery" in merchant.follow(undone).text
    assert stored(merchant).window_days == 30


@pytest.mark.parametrize(
    ("part", "field", "typed"),
    [
        ("window", "window_days", "abc"),
        ("window", "window_days", "-1"),
        ("window", "window_days", "99999"),
        ("links", "policy_url", "javascript:alert(1)"),
        ("links", "policy_url", "shop example/policy"),
        ("links", "support_url", "ftp://shop.example"),
        ("links", "support_email", "nobody"),
        ("notification", "notification_email", "nobody"),
        ("terms", "refund_days", "1.5"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_kept(
    merchant: Merchant, part: str, field: str, typed: str
) -> None:
    page = merchant.get(f"/settings/portal/{part}")
    before = stored(merchant).settings_version
    for fragment in (False, True):
        refused = merchant.submit(
            page, {field: typed}, action=f"/portal/{part}", status=422, fragment=fragment
        )
        box = refused.find("input", name=field)
        assert box.get("value") == typed
        assert box.get("aria-invalid") == "true"
        assert refused.find(id=f"{field}-error")
        assert refused.find_all("a", href=f"#{field}")
    assert stored(merchant).settings_version == before


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("shop.example/policy", "https://shop.example/policy"),
        ("www.shop.example", "https://www.shop.example"),
        ("http://shop.example/a", "http://shop.example/a"),
    ],
)
def test_an_address_of_the_web_may_be_typed_as_people_say_it(
    merchant: Merchant, typed: str, becomes: str
) -> None:
    page = merchant.get("/settings/portal/links")
    merchant.submit(page, {"policy_url": typed}, action="/portal/links", status=200, fragment=True)
    assert stored(merchant).policy_url == becomes


@pytest.mark.parametrize(
    ("part", "field", "says"),
    [
        ("portal/window", "window_days", "Enter a number of days from 0 to 3650."),
        ("portal/terms", "refund_days", "Enter a number of days from 1 to 365."),
        ("refund/resolutions", "credit_valid_days", "Enter a number of days from 1 to 3650."),
        ("mail/server", "port", "Enter a port number, usually 587 or 465."),
    ],
)
@pytest.mark.parametrize("typed", ["two weeks", "14,5"])
def test_what_is_no_number_is_answered_with_what_would_be_one(
    merchant: Merchant, part: str, field: str, says: str, typed: str
) -> None:
    page = merchant.get(f"/settings/{part}")
    refused = merchant.submit(page, {field: typed}, action=f"/{part}", status=422, fragment=True)
    assert text_of(refused.find(id=f"{field}-error")).endswith(says)
    assert refused.find("input", name=field).get("value") == typed


def test_the_second_of_two_people_is_told_and_nothing_is_overwritten(merchant: Merchant) -> None:
    page = merchant.get("/settings/portal/window")
    other = merchant.get("/settings/portal/window")
    merchant.submit(other, {"window_days": "60"}, action="/portal/window")
    told = merchant.submit(
        page, {"window_days": "20"}, action="/portal/window", status=409, fragment=True
    )
    assert f"{merchant.user.name} changed this while you were typing" in told.text
    assert told.find("input", name="window_days").get("value") == "20"
    assert stored(merchant).window_days == 60
    merchant.submit(told, action="/portal/window")
    assert stored(merchant).window_days == 20


def test_undo_tells_when_somebody_else_saved_meanwhile(merchant: Merchant) -> None:
    saved = merchant.submit(
        merchant.get("/settings/portal/window"),
        {"window_days": "45"},
        action="/portal/window",
        status=200,
        fragment=True,
    )
    merchant.submit(
        merchant.get("/settings/portal/terms"), {"refund_days": "7"}, action="/portal/terms"
    )
    merchant.submit(saved, action="/portal/undo", status=409, fragment=True)
    assert (stored(merchant).window_days, stored(merchant).refund_days) == (45, 7)


def test_none_is_a_choice_for_the_notification(merchant: Merchant) -> None:
    page = merchant.get("/settings/portal/notification")
    merchant.submit(page, {"notify": "none"}, action="/portal/notification")
    assert stored(merchant).notification_email is None
    page = merchant.get("/settings/portal/notification")
    refused = merchant.submit(
        page,
        {"notify": "mail", "notification_email": ""},
        action="/portal/notification",
        status=422,
    )
    assert "Enter an e-mail address, or choose None." in refused.text


def test_a_window_shorter_than_the_law_is_warned_of_while_typing_and_afterwards(
    merchant: Merchant,
) -> None:
    warned = merchant.get_fragment("/settings/portal/window/_preview?window_days=10")
    assert "Shorter than the law" in warned.text
    fine = merchant.get_fragment("/settings/portal/window/_preview?window_days=14")
    assert b"Shorter" not in fine.body
    page = merchant.get("/settings/portal/window")
    merchant.submit(page, {"window_days": "10"}, action="/portal/window")
    assert "Shorter than the law: 14 days in the EU" in merchant.get("/settings").text


def test_a_longer_time_to_refund_than_the_law_allows_is_saved_with_a_warning(
    merchant: Merchant,
) -> None:
    form = merchant.get("/settings/portal/terms")
    typed = merchant.get_fragment("/settings/portal/terms/_preview?refund_days=60")
    assert "Longer than the law" in typed.text
    assert "Longer than the law" not in merchant.get("/settings").text
    terms = "/portal/terms"
    saved = merchant.submit(form, {"refund_days": "60"}, action=terms, status=200, fragment=True)
    assert "Longer than the law: 14 days in the EU" in saved.text
    assert stored(merchant).refund_days == 60


def test_at_least_one_refund_option_has_to_stay(merchant: Merchant) -> None:
    page = merchant.get("/settings/refund/resolutions")
    refused = merchant.submit(page, {"resolutions": None}, action="/refund/resolutions", status=422)
    assert "Choose at least one." in refused.text
    merchant.submit(
        page,
        {"resolutions": ["credit"], "bonus": "7.5", "credit_valid_days": "365"},
        action="/refund/resolutions",
    )
    assert (stored(merchant).resolutions, stored(merchant).credit_bonus_bp) == (["credit"], 750)
    assert stored(merchant).credit_valid_days == 365
    assert "money back must be offered" in merchant.get("/settings").text


def test_the_matrix_says_what_customers_get_where_and_why_not(merchant: Merchant) -> None:
    page = merchant.get("/settings")
    assert "Does not exist here" in page.text
    assert "Mark an address as a store first" in page.text
    assert "DHL" in page.text
    form = merchant.get("/settings/methods/methods")
    merchant.submit(form, {"methods": ["drop_off_point"]}, action="/methods/methods")
    assert stored(merchant).methods == ["drop_off_point"]


@pytest.mark.parametrize("path", ["/settings/no-such", "/settings/portal/no-such"])
def test_an_unknown_section_or_part_is_not_found(merchant: Merchant, path: str) -> None:
    merchant.get(path, status=404)


@pytest.mark.parametrize("role", ["staff", "read_only"])
def test_only_owners_change_settings(merchant: Merchant, role: str) -> None:
    merchant.as_role(role)
    page = merchant.get("/settings")
    assert "Change" not in page.text
    merchant.get("/settings/portal/window", status=403)
    merchant.post("/settings/portal/window", {"window_days": "1", "version": "0"}, status=403)
    assert stored(merchant).window_days == 30


def test_a_post_without_the_sessions_token_is_refused(merchant: Merchant) -> None:
    merchant.checked.post(merchant.url("/settings/portal/window"), {"window_days": "1"}, status=400)
    assert stored(merchant).window_days == 30


def test_the_customers_portal_uses_what_was_saved_at_once(merchant: Merchant) -> None:
    page = merchant.get("/settings/portal/window")
    merchant.submit(page, {"window_days": "77"}, action="/portal/window")
    assert (
        "77 days after delivery" in merchant.checked.get(f"/p/{merchant.shop.slug}/?lang=en").text
    )


def test_saving_the_same_again_changes_nothing(merchant: Merchant) -> None:
    page = merchant.get("/settings/portal/window")
    before = stored(merchant).settings_version
    with count_queries() as queries:
        merchant.submit(page, action="/portal/window")
    assert stored(merchant).settings_version == before
    assert not any("audit_entry" in query for query in queries)
    assert not list(merchant.session.scalars(select(AuditEntry)))


def test_what_a_person_types_does_not_forge_a_line_of_the_log(merchant: Merchant) -> None:
    merchant.user.name = "Eve\nportal: changed by Adam"
    page = merchant.get("/settings/portal/window")
    merchant.submit(page, {"window_days": "31"}, action="/portal/window")
    entry: Any = merchant.session.scalars(select(AuditEntry)).one()
    assert "\n" not in entry.actor


@pytest.mark.parametrize(
    ("part", "changes", "says"),
    [
        ("fees/schedule", {"any": "4.95"}, "Fee: all methods: €3.95 → €4.95"),
        ("fees/free", {"free_from_order_value": "100"}, "Free from an order value of: – → €100.00"),
        (
            "portal/window",
            {"unknown_delivery": "closed"},
            "When the delivery date is not known: Count from some days after sending → "
            "Refuse the return",
        ),
        ("refund/resolutions", {"bonus": "7.5"}, "Bonus on store credit: 0% → 7.5%"),
        (
            "methods/methods",
            {"methods": ["pickup"]},
            "→ Collected at home",
        ),
    ],
)
def test_the_history_is_told_in_the_words_of_the_page(
    merchant: Merchant, part: str, changes: dict[str, Any], says: str
) -> None:
    page = merchant.get(f"/settings/{part}")
    merchant.submit(page, changes, action=f"/{part}", status=200, fragment=True)
    history = merchant.get(f"/settings/{part.partition('/')[0]}/history").text
    assert says in history
