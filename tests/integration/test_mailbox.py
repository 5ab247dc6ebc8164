"""The demo's mailbox: there in demo mode only, readable, and unable to do harm."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from returnsite import clock
from returnsite.jobs.worker import drain
from returnsite.services.outbox import confirmation_rows, enqueue
from tests.conftest import on_one_database
from tests.harness import CheckedClient, IsolatedClient
from tests.html_checks import elements, parse

pytestmark = on_one_database


@pytest.fixture
def demo(app: Flask, tmp_path: Path) -> Iterator[Path]:
    before = app.config["DATA_DIR"]
    app.config.update(DEMO=True, DATA_DIR=str(tmp_path))
    yield tmp_path / "mail"
    app.config.update(DEMO=False, DATA_DIR=before)


@pytest.fixture
def mails(app: Flask, session: Session, factories: Any, demo: Path) -> list[str]:
    """Names of the mails of a return with a code to show, newest last."""
    shop = factories.make_shop(session, is_demo=True, name="Noorderlicht")
    return_ = factories.make_return(
        session,
        factories.make_order(session, shop, customer_name="<b>Eve</b>"),
        kind="qr_code",
        method="drop_off_labelless",
        carrier="dhl",
        comment="<script>alert(1)</script>",
    )
    enqueue(
        confirmation_rows(
            shop_id=shop.id,
            return_id=return_.id,
            customer=return_.email,
            merchant=shop.notification_email,
            prepare_handoff=True,
            now=clock.now(),
        )
    )
    session.commit()
    drain(app)
    return sorted(path.stem for path in demo.glob("*.eml"))


def test_outside_the_demo_there_is_no_mailbox(
    app: Flask, client: IsolatedClient, mails: list[str]
) -> None:
    app.config["DEMO"] = False
    for path in ("", f"/{mails[0]}", f"/{mails[0]}/html", f"/{mails[0]}/file/0"):
        assert client.get(f"/mailbox{path}").status_code == 404


def test_an_empty_mailbox_says_so(checked: CheckedClient, demo: Path) -> None:
    assert "no mail yet" in checked.get("/mailbox").text.lower()


def test_the_newest_mail_is_on_top_and_opens(checked: CheckedClient, mails: list[str]) -> None:
    listing = checked.get("/mailbox")
    links = [a.get("href") for a in listing.find("ul", class_="mail-list").iter("a")]
    assert links == [f"/mailbox/{name}" for name in reversed(mails)]
    for link in links:
        page = checked.get(str(link))
        assert page.find("iframe").get("src") == f"{link}/html"
        assert "R-" in page.text


def test_many_mails_are_paged(checked: CheckedClient, mails: list[str], demo: Path) -> None:
    data = (demo / f"{mails[0]}.eml").read_bytes()
    for number in range(60):
        (demo / f"20250101T000000-{number}.{'0' * 16}.eml").write_bytes(data)
    (demo / "notes.eml").write_bytes(data)
    seen: list[str] = []
    for number in (1, 2, 3):
        page = checked.get(f"/mailbox?page={number}")
        seen += [str(a.get("href")) for a in page.find("ul", class_="mail-list").iter("a")]
    assert len(seen) == len(set(seen)) == 62
    assert seen[2].startswith("/mailbox/20250101T000000-59.")
    beyond = checked.get("/mailbox?page=99")
    assert [a.get("href") for a in beyond.find("ul", class_="mail-list").iter("a")][-1] == seen[-1]


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=" + "9" * 5000, "page=1.5"])
def test_a_strange_page_number_is_no_error(
    checked: CheckedClient, mails: list[str], query: str
) -> None:
    assert checked.get(f"/mailbox?{query}").find_all("ul", class_="mail-list")


def test_the_mail_itself_is_shut_in_a_sandbox(client: IsolatedClient, mails: list[str]) -> None:
    for name in mails:
        response = client.get(f"/mailbox/{name}/html")
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox allow-popups")
        assert "default-src 'none'" in policy
        assert "allow-scripts" not in policy
        assert "allow-same-origin" not in policy
        assert "unsafe" not in policy
        assert "X-Frame-Options" not in response.headers
        (style,) = re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
        root = parse(response.text)
        assert not [each for each in elements(root) if each.tag in ("script", "b")]
        for image in root.iter("img"):
            assert image.get("src", "").startswith("data:image/png;base64,")


def test_the_page_around_it_may_frame_nothing_but_this_site(
    client: IsolatedClient, mails: list[str]
) -> None:
    policy = client.get(f"/mailbox/{mails[0]}").headers["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "unsafe" not in policy


def test_files_can_be_kept_and_run_nowhere(client: IsolatedClient, mails: list[str]) -> None:
    found = [client.get(f"/mailbox/{name}/file/0") for name in mails]
    (picture,) = [response for response in found if response.status_code == 200]
    assert picture.data.startswith(b"\x89PNG")
    assert picture.headers["Content-Disposition"] == "attachment; filename=return-code.png"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in picture.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name",
    [
        "../secret_key",
        "..%2Fsecret_key",
        "%2e%2e%2fsecret_key",
        "notes",
        "20250101T000000-1.0000000000000000",
        "٢٠٢٥٠١٠١T000000-1.0000000000000000",
        "20250101T000000-1.0000000000000000%00",
    ],
)
def test_no_other_file_can_be_asked_for(
    client: IsolatedClient, mails: list[str], demo: Path, name: str
) -> None:
    (demo.parent / "secret_key.eml").write_text("secret")
    (demo / "notes.eml").write_text("secret")
    for tail in ("", "/html", "/file/0"):
        response = client.get(f"/mailbox/{name}{tail}")
        assert response.status_code == 404
        assert "secret" not in response.text.replace("secret_key", "")
