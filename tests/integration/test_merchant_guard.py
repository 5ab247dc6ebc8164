"""Who gets in: every merchant view declares what it needs, and nothing passes without."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from returnsite.domain.roles import PERMISSIONS, Permission, Role, allows
from returnsite.models import UserSession
from tests import factories
from tests.harness import FRAGMENT_HEADERS, CheckedClient, IsolatedClient
from tests.merchant import Merchant


def test_every_merchant_view_declares_its_permission(built_app: Flask) -> None:
    without = [
        endpoint
        for endpoint, view in built_app.view_functions.items()
        if endpoint.startswith("merchant.")
        and not isinstance(getattr(view, "permission", None), Permission)
    ]
    assert not without, f"declare @permission(…) on {without}"


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_do_some_things_and_only_owners_everything(role: Role) -> None:
    assert PERMISSIONS[role]
    assert (PERMISSIONS[role] == set(Permission)) is (role is Role.OWNER)
    assert not allows("stranger", Permission.SEE_RETURNS)


def test_a_stranger_is_led_to_the_sign_in_page_and_back(checked: CheckedClient, shop: Any) -> None:
    answer = checked.post(f"/shops/{shop.slug}/settings", {}, status=405)
    response = checked.client.get(f"/shops/{shop.slug}/settings?saved=x")
    assert response.status_code == 303
    wanted = f"/sign-in?next=%2Fshops%2F{shop.slug}%2Fsettings%3Fsaved%3Dx"
    assert response.headers["Location"] == wanted
    assert answer.status == 405


def test_htmx_is_sent_to_the_sign_in_page_whole(client: IsolatedClient, shop: Any) -> None:
    here = f"http://localhost/shops/{shop.slug}/settings"
    headers = {**FRAGMENT_HEADERS, "HX-Current-URL": here}
    response = client.get(f"/shops/{shop.slug}/settings", headers=headers)
    assert response.status_code == 204
    assert response.headers["HX-Redirect"] == f"/sign-in?next=%2Fshops%2F{shop.slug}%2Fsettings"


def test_a_member_sees_the_own_shop_and_no_other(merchant: Merchant) -> None:
    assert "Settings" in merchant.get("/settings").text
    merchant.checked.get("/shops/other/settings", status=404)
    unknown = merchant.checked.get("/shops/no-such-shop/settings", status=404)
    assert unknown.find_all("a", href="/account/shops")


@pytest.mark.parametrize("column", ["revoked_at", "ends_at", "last_seen_at"])
def test_a_session_that_is_over_opens_nothing(merchant: Merchant, clock: Any, column: str) -> None:
    from returnsite import clock as product_clock

    clock.set(product_clock.now())
    past = product_clock.now().replace(year=2020)
    merchant.session.execute(update(UserSession).values({column: past}))
    merchant.session.commit()
    answer = merchant.checked.client.get(merchant.url("/settings"))
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")


def test_a_person_of_two_shops_can_go_to_the_other(merchant: Merchant) -> None:
    second = factories.make_shop(merchant.session, name="Second shop")
    merchant.user.memberships.append(
        factories.Membership(shop_id=second.id, role="staff", created_at=factories.PLACED)
    )
    merchant.session.commit()
    page = merchant.get("/settings")
    assert page.find_all("a", href=f"/shops/{second.slug}/")


def test_merchant_pages_are_in_no_frame_and_in_no_cache(merchant: Merchant) -> None:
    page = merchant.get("/settings")
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_an_error_leaves_a_merchant_among_the_shops_own_pages(merchant: Merchant) -> None:
    page = merchant.get("/settings/no-such-section", status=404)
    assert page.find_all("a", href=merchant.url("/settings"), class_="button")
    assert page.find_all("nav", class_="app-nav")
