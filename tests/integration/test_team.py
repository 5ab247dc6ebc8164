"""The people of a shop: who may change what, and a shop that always keeps an owner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite import clock as product_clock
from returnsite.models import AuditEntry, Membership
from returnsite.services.accounts.errors import AccountRefused
from returnsite.services.accounts.team import MOST_INVITES, change_role, remove_member
from returnsite.services.audit import Actor
from tests import factories
from tests.harness import assert_constant_queries
from tests.merchant import Merchant

POSTS = ("invite", "members/{member}/role", "members/{member}/remove",
         "invites/{invite}/resend", "invites/{invite}/revoke")  # fmt: skip


def _member(merchant: Merchant, **columns: Any) -> Membership:
    from tests import factories

    role = columns.pop("role", "staff")
    user = factories.make_user(merchant.session, merchant.shop, role=role, **columns)
    merchant.session.commit()
    return user.memberships[0]


def _own(merchant: Merchant) -> Membership:
    return merchant.user.memberships[0]


@pytest.mark.parametrize(
    ("role", "sees", "changes"),
    [("owner", True, True), ("staff", True, False), ("read_only", False, False)],
)
def test_owners_manage_staff_looks_and_others_see_nothing(
    merchant: Merchant, session: Session, factories: Any, role: str, sees: bool, changes: bool
) -> None:
    member_id = _member(merchant).id
    invite = factories.make_invite(session, merchant.shop)
    session.commit()
    invite_id = invite.id
    merchant.as_role(role)
    page = merchant.get("/team", status=200 if sees else 403)
    assert ("Invite somebody" in page.text) is changes
    for path in POSTS:
        url = f"/team/{path.format(member=member_id, invite=invite_id)}"
        answer = merchant.checked.client.post(
            merchant.url(url), data={"csrf_token": merchant.csrf()}
        )
        assert (answer.status_code != 403) is changes, url
    removes = merchant.checked.client.get(merchant.url(f"/team/members/{member_id}/remove"))
    assert (removes.status_code != 403) is changes


def test_a_role_is_changed_and_the_change_is_on_record(
    merchant: Merchant, session: Session
) -> None:
    member = _member(merchant, name="Kim")
    page = merchant.get("/team")
    done = merchant.submit(page, {"role": "read_only"}, action=f"/{member.id}/role")
    assert "Kim is Read only now" in merchant.follow(done).text or "Kim" in page.text
    session.refresh(member)
    assert member.role == "read_only"
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.event, entry.shop_id) == ("role_changed", merchant.shop.id)
    assert entry.changes == [{"field": "role", "old": "staff", "new": "read_only"}]


def test_a_role_somebody_else_changed_meanwhile_is_not_overwritten(
    merchant: Merchant, session: Session
) -> None:
    member = _member(merchant)
    page = merchant.get("/team")
    member.role = "read_only"
    session.commit()
    told = merchant.submit(page, {"role": "owner"}, action=f"/{member.id}/role", status=422)
    assert "Somebody else changed this meanwhile" in told.text
    session.refresh(member)
    assert member.role == "read_only"


@pytest.mark.parametrize("role", ["", "admin", "OWNER"])
def test_a_role_that_is_none_is_refused(merchant: Merchant, session: Session, role: str) -> None:
    member = _member(merchant)
    fields = {"role": role, "was": "staff"}
    merchant.post(f"/team/members/{member.id}/role", fields, status=422)
    merchant.post("/team/invite", {"email": "kim@shop.example", "role": role}, status=422)
    session.refresh(member)
    assert member.role == "staff"


def test_the_last_owner_can_be_neither_demoted_nor_removed(
    merchant: Merchant, session: Session
) -> None:
    own = _own(merchant)
    assert "the only owner" in merchant.get("/team").text
    demoted = merchant.post(
        f"/team/members/{own.id}/role", {"role": "staff", "was": "owner"}, status=422
    )
    assert "keeps at least one owner" in demoted.text
    merchant.post(f"/team/members/{own.id}/remove", {}, status=422)
    session.refresh(own)
    assert own.role == "owner"
    _member(merchant, role="owner")
    merchant.post(f"/team/members/{own.id}/role", {"role": "staff", "was": "owner"})


def test_of_two_owners_who_leave_at_once_one_stays(
    app: Flask, merchant: Merchant, session: Session
) -> None:
    ids = [_own(merchant).id, _member(merchant, role="owner").id]
    shop_id, actor = merchant.shop.id, Actor(None, "test")

    def leave(member_id: int) -> bool:
        with app.app_context():
            try:
                remove_member(shop_id=shop_id, member_id=member_id, actor=actor)
            except AccountRefused:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, ids)) == [False, True]
    session.rollback()
    owners = select(Membership).where(Membership.shop_id == shop_id, Membership.role == "owner")
    assert len(session.scalars(owners).all()) == 1


def test_an_owner_demoted_and_one_removed_at_once_leave_an_owner(
    app: Flask, merchant: Merchant, session: Session
) -> None:
    first, second = _own(merchant).id, _member(merchant, role="owner").id
    shop_id, actor = merchant.shop.id, Actor(None, "test")

    def demote() -> None:
        change_role(shop_id=shop_id, member_id=first, role="staff", was="owner", actor=actor)

    def remove() -> None:
        remove_member(shop_id=shop_id, member_id=second, actor=actor)

    def run(change: Any) -> bool:
        with app.app_context():
            try:
                change()
            except AccountRefused:
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, (demote, remove))) == [False, True]


def test_who_is_removed_is_out_at_once_and_keeps_other_shops(
    app: Flask, merchant: Merchant, session: Session, factories: Any
) -> None:
    from tests.merchant import sign_in

    second = factories.make_shop(session, name="Second")
    kim = factories.make_user(session, merchant.shop, second, role="staff", name="Kim")
    session.commit()
    browser = app.test_client()
    sign_in(browser, kim)
    assert browser.get(merchant.url("/team")).status_code == 200
    member = next(each for each in kim.memberships if each.shop_id == merchant.shop.id)
    asked = merchant.get(f"/team/members/{member.id}/remove")
    assert "Remove Kim?" in asked.text
    merchant.submit(asked, action=f"/{member.id}/remove")
    assert browser.get(merchant.url("/team")).status_code == 404
    assert browser.get(f"/shops/{second.slug}/team").status_code == 200
    assert "Kim" not in [each.user.name for each in session.scalars(
        select(Membership).where(Membership.shop_id == merchant.shop.id))]  # fmt: skip


@pytest.mark.parametrize("email", ["", "kim", "kim@", "kim@shop", "a b@shop.example", "x" * 300])
def test_an_address_mail_cannot_reach_is_refused_and_kept(merchant: Merchant, email: str) -> None:
    page = merchant.submit(
        merchant.get("/team"),
        {"email": email, "role": "owner"},
        action="/team/invite",
        status=422,
    )
    assert page.find("input", id="email").get("value") == email
    assert page.find("select", id="role").find("option[@selected]").get("value") == "owner"  # type: ignore[union-attr]


def test_who_is_there_already_is_not_invited(merchant: Merchant) -> None:
    page = merchant.submit(
        merchant.get("/team"),
        {"email": merchant.user.email.upper()},
        action="/team/invite",
        status=422,
    )
    assert "works in your shop already" in page.text


def test_the_password_is_asked_when_the_rest_is_right(merchant: Merchant, clock: Any) -> None:
    page = merchant.get("/team")
    clock.advance(minutes=11)
    for wrong in ({"email": "kim"}, {"email": merchant.user.email}, {"role": "admin"}):
        told = merchant.submit(
            page, {"email": "kim@shop.example", **wrong}, action="/team/invite", status=422
        )
        assert "Your password" not in told.text
        assert told.find(id=f"{next(iter(wrong))}-error")
    fine = {"email": "kim@shop.example"}
    asked = merchant.submit(page, fine, action="/team/invite", status=422)
    assert "Confirm that it is you" in asked.text
    assert "kim@shop.example" not in merchant.get("/team").text


def test_invitations_that_wait_are_limited(
    merchant: Merchant, session: Session, factories: Any
) -> None:
    for number in range(MOST_INVITES):
        factories.make_invite(session, merchant.shop, email=f"{number}@shop.example")
    session.commit()
    page = merchant.submit(
        merchant.get("/team"), {"email": "one@shop.example"}, action="/team/invite", status=422
    )
    assert "Too many invitations" in page.text


def test_the_list_takes_as_many_queries_for_three_as_for_one(merchant: Merchant) -> None:
    assert_constant_queries(merchant.checked, merchant.url("/team"), lambda: _member(merchant))


def _note_sign_in(merchant: Merchant, user: Any, event: str = "signed_in") -> None:
    merchant.session.add(
        AuditEntry(
            user_id=user.id,
            actor=user.name,
            section="session",
            event=event,
            subject="password" if event == "signed_in" else "",
            changes=[{"field": "browser", "old": None, "new": "Firefox, Linux"}],
            at=product_clock.now(),
            network="198.51.100.0",
        )
    )
    merchant.session.commit()


def test_owners_see_who_signed_in_and_who_only_tried(merchant: Merchant) -> None:
    kim = _member(merchant, name="Kim").user
    stranger = factories.make_user(merchant.session, name="Stranger")
    for user, event in ((kim, "sign_in_failed"), (kim, "signed_in"), (stranger, "signed_in")):
        _note_sign_in(merchant, user, event)
    assert merchant.get("/team/history").find_all("a", href=merchant.url("/team/sign-ins"))
    page = merchant.get("/team/sign-ins")
    assert "Kim Signed in with the password" in page.text
    assert "Kim Wrong password" in page.text
    assert "Firefox, Linux · network 198.51.100.0" in page.text
    assert "Stranger" not in page.text


def test_sign_ins_from_before_somebody_came_are_not_the_shop_s(merchant: Merchant) -> None:
    kim = _member(merchant, name="Kim")
    _note_sign_in(merchant, kim.user)
    kim.created_at = product_clock.now() + timedelta(seconds=1)
    merchant.session.commit()
    assert "Kim" not in merchant.get("/team/sign-ins").text


def test_sign_ins_come_in_pages_and_as_few_queries(merchant: Merchant) -> None:
    kim = _member(merchant, name="Kim").user
    _note_sign_in(merchant, kim)
    url = merchant.url("/team/sign-ins")
    assert_constant_queries(merchant.checked, url, lambda: _note_sign_in(merchant, kim))
    for _ in range(20):
        _note_sign_in(merchant, kim)
    first = merchant.get("/team/sign-ins")
    (older,) = [a.get("href", "") for a in first.find_all("a") if "before=" in a.get("href", "")]
    assert first.text.count("Kim Signed in") == 20
    assert merchant.get(older).text.count("Kim Signed in") == 3


def test_only_owners_see_sign_ins(merchant: Merchant) -> None:
    merchant.as_role("staff")
    merchant.get("/team/sign-ins", status=403)
    assert "Sign-ins" not in merchant.get("/team/history").text
