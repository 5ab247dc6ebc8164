"""What a browser loads for the first page, compressed as a front server would."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

from bench.data import SLUG, Database

GOAL_KB = 60


def report(database: Database) -> Iterator[str]:
    """Every file the first page names, and the sum."""
    client = database.app.test_client()
    start = f"/p/{SLUG}/"
    page = client.get(start)
    cookies = page.headers.getlist("Set-Cookie")
    urls = [start, *dict.fromkeys(re.findall(r'(?:href|src)="(/(?:static|p)/[^"#]+)', page.text))]
    urls = [url for url in urls if url == start or "." in url]
    yield "| file | bytes | compressed |"
    yield "|---|---|---|"
    total = 0
    for url in urls:
        body = client.get(url).data
        small = len(gzip.compress(body, 6))
        total += small
        yield f"| {url.partition('?')[0]} | {len(body)} | {small} |"
    verdict = "met" if total <= GOAL_KB * 1024 else f"missed (≤ {GOAL_KB} KB)"
    yield f"| **all** | | **{total / 1024:.1f} KB**, {verdict}; cookies: {len(cookies)} |"
