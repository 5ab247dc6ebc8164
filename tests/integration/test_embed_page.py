"""Settings → In your own page: the list of sites, what to paste, and the live test."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.conftest import on_one_database
from tests.harness import CheckedClient, Page
from tests.merchant import Merchant

pytestmark = on_one_database

EDIT, SAVE = "/embed/sites/edit", "/embed/sites"


def save(merchant: Merchant, *lines: str, status: int = 303) -> Page:
    """Type these lines into the list and save it."""
    typed = {"origins": "\r\n".join(lines)}
    return merchant.submit(merchant.get(EDIT), typed, form="sites-form", status=status)


def allowed(shop: Any, session: Session) -> list[str]:
    session.expire_all()
    return list(shop.frame_origins)


def test_a_saved_list_is_shown_and_announced(
    merchant: Merchant, session: Session, shop: Any
) -> None:
    assert "No site yet" in merchant.get("/embed").text
    saved = save(merchant, "https://www.shop.example", "", " https://bücher.example/ ")
    assert allowed(shop, session) == ["https://www.shop.example", "https://xn--bcher-kva.example"]
    page = merchant.follow(saved)
    assert "Saved" in page.text
    assert "https://bücher.example" in page.text
    assert "Does your shop answer at https://shop.example too?" in page.text
    assert "https://www.shop.example/…#returnsite-test" in page.text


def test_htmx_gets_the_list_in_its_place(merchant: Merchant, session: Session, shop: Any) -> None:
    shown = merchant.get_fragment(EDIT)
    assert "What to paste" not in shown.text
    data = {"origins": "https://shop.example", "seen": ""}
    saved = merchant.post(SAVE, data, fragment=True, status=200)
    assert "What to paste" not in saved.text
    assert "Your sites are saved" in saved.html
    assert allowed(shop, session) == ["https://shop.example"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("shop.example", "Begin “shop.example” with https://, so https://shop.example"),
        ("http://shop.example", "must be a safe address: https://shop.example"),
        ("https://shop.example/returns", "give the site alone: https://shop.example"),
        ("https://*.example", "list every site by its name"),
        ("<b>", "“<b>” is not the address of a site."),
        ("\n".join(f"https://s{n}.example" for n in range(40)), "List 30 sites at most"),
    ],
)
def test_a_wrong_line_comes_back_with_the_reason_and_everything_typed(
    merchant: Merchant, session: Session, shop: Any, line: str, words: str
) -> None:
    refused = save(merchant, "https://good.example", line, status=422)
    assert words in refused.text
    typed = refused.find("textarea", id="origins")
    assert "https://good.example" in (typed.text or "")
    assert line.splitlines()[0] in (typed.text or "")
    assert typed.get("aria-invalid") == "true"
    assert allowed(shop, session) == []


def test_two_people_see_what_the_other_saved(
    merchant: Merchant, session: Session, shop: Any
) -> None:
    mine = merchant.get(EDIT)
    save(merchant, "https://theirs.example")
    typed = {"origins": "https://mine.example"}
    answer = merchant.submit(mine, typed, form="sites-form", status=409)
    assert "https://theirs.example" in answer.text
    assert "https://mine.example" in (answer.find("textarea", id="origins").text or "")
    assert allowed(shop, session) == ["https://theirs.example"]
    merchant.submit(answer, {}, form="sites-form")
    assert allowed(shop, session) == ["https://mine.example"]


def test_who_only_reads_sees_the_page_and_cannot_change_it(merchant: Merchant) -> None:
    reader = merchant.as_role("read_only")
    page = reader.get("/embed")
    assert not page.find_all("a", id="change-sites")
    reader.get(EDIT, status=403)
    reader.post(SAVE, {"origins": "", "seen": ""}, status=403)


def test_the_snippets_are_the_shops_own_in_each_of_its_languages(
    merchant: Merchant, shop: Any
) -> None:
    page = merchant.get("/embed?for=en")
    element = page.find("code", id="snippet-element")
    assert f'<return-portal shop="{shop.slug}" lang="en">' in (element.text or "")
    assert "Return an order" in page.html
    assert 'lang="nl"' in (
        merchant.get("/embed?for=nl").find("code", id="snippet-element").text or ""
    )
    merchant.get("/embed?for=xx")


def test_the_live_test_frames_the_portal_of_this_host_and_no_other(
    merchant: Merchant, shop: Any
) -> None:
    save(merchant, "https://shop.example")
    page = merchant.get("/embed/test")
    assert page.headers["Content-Security-Policy"].endswith("frame-src 'self'")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "frame-src" not in merchant.get("/embed").headers["Content-Security-Policy"]
    assert "https://shop.example" in page.text
    assert page.find("return-portal").get("shop") == shop.slug


def test_the_frame_tests_itself_before_the_portal_is_open(
    checked: CheckedClient, session: Session, shop: Any
) -> None:
    shop.active = False
    shop.settings_version += 1
    session.commit()
    page = checked.get(f"/p/{shop.slug}/check?lang=en")
    assert "The portal is closed" in page.text
    checked.get(f"/p/{shop.slug}/check?lang=en&again=1")
    checked.get("/p/nobody/check", status=404)
