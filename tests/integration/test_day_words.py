"""A day of another year says which."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask, g

from returnsite.services.shops import find_shop
from returnsite.web.rendering import day, day_and_time, day_short
from tests.conftest import on_one_database

pytestmark = on_one_database


@pytest.mark.parametrize(
    ("now", "shown", "long", "short"),
    [
        ((2026, 11, 26, 12), date(2026, 12, 3), "Thursday 3 December", "3 December"),
        ((2026, 11, 26, 12), date(2025, 12, 3), "Wednesday 3 December 2025", "3 Dec 2025"),
        # Already next year where the shop is.
        ((2026, 12, 31, 23, 30), date(2027, 1, 4), "Monday 4 January", "4 January"),
        ((2026, 12, 31, 23, 30), date(2026, 12, 31), "Thursday 31 December 2026", "31 Dec 2026"),
        ((2026, 12, 31, 22, 30), date(2026, 12, 31), "Thursday 31 December", "31 December"),
    ],
)
def test_the_year_is_told_when_it_is_not_this_one_where_the_shop_is(
    app: Flask, shop: Any, clock: Any, now: tuple[int, ...], shown: date, long: str, short: str
) -> None:
    clock.set(datetime(*now, tzinfo=UTC))  # type: ignore[misc,arg-type]
    with app.test_request_context("/?lang=en"):
        g.shop = find_shop(slug=shop.slug)
        g.locale = "en"
        assert (day(shown), day_short(shown)) == (long, short)


def test_a_moment_of_last_year_has_its_year(app: Flask, shop: Any, clock: Any) -> None:
    clock.set(datetime(2026, 1, 10, tzinfo=UTC))
    with app.test_request_context("/"):
        g.shop = find_shop(slug=shop.slug)
        g.locale = "nl"
        assert day_and_time(datetime(2025, 12, 3, 9, 14, tzinfo=UTC)) == "3 dec 2025, 10:14"
