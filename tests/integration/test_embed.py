"""Whose pages may frame a portal, and what shops paste into them."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from returnsite.models import AuditEntry
from returnsite.services.audit import Actor
from returnsite.services.embed_shop import (
    OriginsChanged,
    OriginsRefused,
    change_frame_origins,
    set_frame_origins,
)
from returnsite.services.origins import MOST, OriginProblem, read_origin, read_origins
from returnsite.services.snippets import ELEMENT, make_snippets
from tests.conftest import ROOT, on_one_database
from tests.harness import IsolatedClient

pytestmark = on_one_database

SOMEBODY = Actor(None, "Somebody")
PUBLISHED = ROOT / "static/embed"


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://Shop.Example/", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("https://shop.example.", "https://shop.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
        ("https://магазин.example", "https://xn--80aairftm.example"),
        ("https://192.0.2.7", "https://192.0.2.7"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://shop.localhost", "http://shop.localhost"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("https://localhost", "https://localhost"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(given: str, origin: str) -> None:
    assert read_origin(given) == origin


@pytest.mark.parametrize(
    ("given", "code", "suggestion"),
    [
        ("shop.example", "no_scheme", "https://shop.example"),
        ("shop.example/returns", "no_scheme", "https://shop.example"),
        ("http://shop.example", "not_https", "https://shop.example"),
        ("http://192.0.2.7:8080", "not_https", "https://192.0.2.7:8080"),
        ("https://shop.example/returns", "more_than_origin", "https://shop.example"),
        ("https://shop.example/?a=1", "more_than_origin", "https://shop.example"),
        ("https://shop.example/#a", "more_than_origin", "https://shop.example"),
        ("https://user:word@shop.example", "more_than_origin", "https://shop.example"),
        ("https://*.shop.example", "wildcard", ""),
        ("*", "wildcard", ""),
        ("https://", "no_origin", ""),
        ("https://shop", "no_origin", ""),
        ("https://shop..example", "no_origin", ""),
        ("https://-shop.example", "no_origin", ""),
        ("https://shop_1.example", "no_origin", ""),
        ("https://shop.example:0", "no_origin", ""),
        ("https://shop.example:99999", "no_origin", ""),
        ("https://shop.example:٣", "no_origin", ""),
        ("https://1.2.3", "no_origin", ""),
        ("https://[::1]", "no_origin", ""),
        ("https://[", "no_origin", ""),
        ("ftp://shop.example", "no_origin", ""),
        ("javascript:alert(1)", "no_origin", ""),
        ("data:text/html,hi", "no_origin", ""),
        ("null", "no_origin", ""),
        ("'self'", "no_origin", ""),
        ("https://a.example; script-src *", "wildcard", ""),
        ("https://a.example; script-src 'unsafe-inline'", "no_origin", ""),
        ("https://a.example\thttps://b.example", "no_origin", ""),
        ("https://" + "a" * 64 + ".example", "no_origin", ""),
        ("https://" + "a." * 130 + "example", "no_origin", ""),
        ("https://xn--\N{SNOWMAN}.example", "no_origin", ""),
    ],
)
def test_what_is_no_origin_says_why_and_what_was_meant(
    given: str, code: str, suggestion: str
) -> None:
    assert read_origin(given) == OriginProblem(code, given, suggestion)


def test_lines_are_read_each_once_and_empty_ones_left_out() -> None:
    lines = ["", " https://a.example \u200b", "https://A.example/", "  ", "https://b.example"]
    assert read_origins(lines) == (["https://a.example", "https://b.example"], [])
    many = [f"https://shop{number}.example" for number in range(MOST + 1)]
    assert read_origins(many[:MOST])[1] == []
    assert [problem.code for problem in read_origins(many)[1]] == ["too_many"]


def test_a_changed_list_is_what_browsers_are_told(
    session: Session, shop: Any, client: IsolatedClient
) -> None:
    lines = ["https://bücher.example", "https://www.bücher.example:8443"]
    change_frame_origins(shop_id=shop.id, lines=lines, seen=[], actor=SOMEBODY)
    policy = client.get(f"/p/{shop.slug}/").headers["Content-Security-Policy"]
    told = "'self' https://xn--bcher-kva.example https://www.xn--bcher-kva.example:8443"
    assert policy.endswith(f"frame-ancestors {told}")


def test_two_people_do_not_overwrite_each_others_list(session: Session, shop: Any) -> None:
    save = {"shop_id": shop.id, "actor": SOMEBODY}
    change_frame_origins(lines=["https://a.example"], seen=[], **save)
    with pytest.raises(OriginsChanged) as changed:
        change_frame_origins(lines=["https://b.example"], seen=[], **save)
    assert changed.value.current == ("https://a.example",)
    change_frame_origins(lines=["https://a.example"], seen=[], **save)
    change_frame_origins(lines=["https://b.example"], seen=["https://a.example"], **save)
    session.expire_all()
    assert shop.frame_origins == ["https://b.example"]
    log = session.query(AuditEntry).order_by(AuditEntry.id)
    assert [(entry.changes[0]["old"], entry.changes[0]["new"]) for entry in log] == [
        ("", "https://a.example"),
        ("https://a.example", "https://b.example"),
    ]


def test_nothing_is_saved_when_a_line_is_wrong(session: Session, shop: Any) -> None:
    with pytest.raises(OriginsRefused) as refused:
        change_frame_origins(
            shop_id=shop.id, lines=["https://a.example", "b"], seen=[], actor=SOMEBODY
        )
    assert [problem.given for problem in refused.value.problems] == ["b"]
    assert set_frame_origins(slug=shop.slug, origins=[]) == []


def test_snippets_carry_the_shops_values_and_the_hash_of_the_script(app: Flask) -> None:
    with app.test_request_context():
        made = make_snippets(base_url="https://portal.example", slug="a-b", lang="nl")
    script = (PUBLISHED.parent / ELEMENT).read_bytes()
    digest = b64encode(hashlib.sha384(script).digest()).decode()
    assert f'integrity="sha384-{digest}"' in made.element
    assert f'src="https://portal.example/static/{ELEMENT}"' in made.element
    assert '<return-portal shop="a-b" lang="nl">' in made.element
    for snippet in (made.element, made.frame, made.link):
        assert "https://portal.example/p/a-b/?lang=nl" in snippet
    assert "sandbox" not in made.frame


def test_the_script_is_small_and_a_published_version_never_changes() -> None:
    published = json.loads((PUBLISHED / "published.json").read_text())
    present = {
        str(path.relative_to(PUBLISHED)): "sha384-"
        + b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()
        for path in PUBLISHED.rglob("*.js")
    }
    assert present == published, "shops keep the hash: make a new version beside the old one"
    assert ELEMENT.removeprefix("embed/") in published
    for name in published:
        assert (PUBLISHED / name).stat().st_size <= 5000
        assert (PUBLISHED / name).with_suffix(".d.ts").exists()


@pytest.mark.parametrize(
    "source", [ROOT / "static" / ELEMENT, ROOT / "static/js/frame.js"], ids=lambda path: path.stem
)
def test_no_message_is_sent_to_whoever_listens(source: Path) -> None:
    text = source.read_text()
    assert text.count("postMessage(") == 1
    assert '"*"' not in text
    assert "'*'" not in text
