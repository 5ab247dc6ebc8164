"""Values that break programs, the wizard's fields to put them in, and what an answer may be."""

from __future__ import annotations

from urllib.parse import quote_plus

from werkzeug.test import TestResponse

from tests.harness import FRAGMENT_HEADERS
from tests.walk import SAME_ORIGIN, Walk, pickup_day

REFUSED = {404, 409, 410, 413, 422, 429}
ANSWERED = REFUSED | {303}
LIVE = {200, 303, 404, 410, 422}

# As bytes of a urlencoded form, so that what no text can hold is sent too.
NASTY = {
    "empty": "",
    "space": "+",
    "nul": "%00",
    "nul inside": "too_small%00x",
    "lone surrogate": "%ED%A0%80",
    "broken utf-8": "%C3%28%FF%FE",
    "emoji": quote_plus("👩🏽‍🚀" * 10),
    "right to left": quote_plus("\u202eevil\u202c שלום"),
    "crlf": "a%0D%0ASet-Cookie:+x=1",
    "sql": quote_plus('\' OR 1=1; DROP TABLE "return" --'),
    "html": quote_plus('"><script>alert(1)</script><img src=x onerror=alert(1)>'),
    "jinja": quote_plus("{{ config }}{% for x in ().__class__.__base__ %}"),
    "negative": "-1",
    "zero": "0",
    "fraction": "1.5",
    "exponent": "1e1",
    "plus": "%2B1",
    "arabic": quote_plus("٢"),
    "full-width": quote_plus("２"),
    "huge": "1" + "0" * 30,
    "longer than python reads": "9" * 5000,
    "int64": "9223372036854775808",
    "almost int64": "999999999999999999",
    "list": "[1]",
    "null": "null",
    "path": quote_plus("../../etc/passwd"),
    "percent": "%25s%25n",
    "date": "2026-02-31",
    "long": "x" * 5000,
}


def names_of(step: str, line: int) -> list[str]:
    """Every field a step's form has."""
    return {
        "items": ["line", f"quantity-{line}", "more", "less"],
        "reasons": [f"reason-{line}", f"comment-{line}", "drop-photo", f"photo-{line}"],
        "refund": ["all", f"resolution-{line}", f"variant-{line}", f"wish-{line}"],
        "shipment": ["method", "carrier", "point", "near", "pickup_date", "store"],
        "review": ["seen", "fee", "refund_total"],
    }[step]


def right(step: str, line: int) -> dict[str, str]:
    """An answer to the step that is accepted."""
    return {
        "items": {"line": str(line), f"quantity-{line}": "1"},
        "reasons": {f"reason-{line}": "too_small"},
        "refund": {
            "all": "per_line",
            f"resolution-{line}": "exchange",
            f"variant-{line}": "SHIRT-L",
        },
        "shipment": {"method": "pickup", "pickup_date": pickup_day()},
        "review": {"seen": "x"},
    }[step]


def raw(walk: Walk, step: str, pairs: list[tuple[str, str]], *, fragment: bool) -> TestResponse:
    """Post a form whose values are already percent-encoded."""
    body = "&".join([f"form_token={walk.form_token(step)}", *(f"{n}={v}" for n, v in pairs)])
    headers = {**SAME_ORIGIN, **(FRAGMENT_HEADERS if fragment else {})}
    kind = "application/x-www-form-urlencoded"
    return walk.client.post(walk.url(step), data=body, headers=headers, content_type=kind)


def assert_harmless(answer: TestResponse, wanted: set[int], *, fragment: bool, what: str) -> None:
    """A page of ours with an expected status; a fragment where one was asked."""
    assert answer.status_code in wanted, f"{what}: {answer.status_code}\n{answer.text[:600]}"
    assert "Set-Cookie" not in answer.headers, what
    assert "<script>alert" not in answer.text, what
    if answer.status_code != 303:
        assert len(answer.text) > 100, f"{what}: no page"
        assert ("<html" in answer.text.lower()) is not fragment, what
