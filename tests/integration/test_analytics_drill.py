"""From any figure to what is behind it: as much as the figure says, and on to the inbox."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite.domain.periods import Period, day_number
from returnsite.models import FactProduct, Return, ReturnFact
from returnsite.services.analytics import lines, timing
from returnsite.services.analytics.figures import DIMENSIONS, read_asked, read_total
from returnsite.services.analytics.lines import Limits, count_lines, list_lines
from returnsite.services.analytics.source import ASKED, ORDERED, Filters, Scope
from returnsite.services.analytics.times import Which, count_timed, list_timed
from returnsite.services.analytics.timing import STAGES, read_timings
from returnsite.services.inbox.index import index_returns
from tests.analytics import make_full_history
from tests.conftest import Kept
from tests.harness import Page
from tests.merchant import Merchant

NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
YEAR = "period=year"
LIMITS: list[dict[str, Any]] = [
    {},
    {"country": "NL"},
    {"category": ""},
    {"reason": "damaged"},
    {"fault": "shop"},
    {"carrier": "dhl"},
]


@pytest.fixture
def full(session: Session, shop: Any, merchant: Merchant, clock: Any, kept: Kept) -> Merchant:
    """Somebody whose shop has a history of four months."""
    kept(lambda: make_full_history(session, shop))
    clock.set(NOW)
    return merchant


def _scope(shop: Any, **limits: Any) -> Scope:
    return Scope(shop.id, Period(date(2026, 1, 1), date(2026, 5, 20)), Filters(**limits))


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_every_group_counts_as_many_lines_as_its_list(
    full: Merchant, shop: Any, limits: dict[str, Any]
) -> None:
    asked = read_asked(_scope(shop, **limits))
    assert all(asked.by.values())
    for name in DIMENSIONS:
        for group in asked.by[name]:
            scope = _scope(shop, **{**limits, name: group.key})
            counted = count_lines(scope, Limits(), ASKED)
            found = (counted.lines, counted.units, counted.value)
            expected = group.sums
            if name in limits and limits[name] != group.key:
                continue
            assert found == (expected.lines, expected.units, expected.value), (name, group.key)


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_fees_bonus_and_value_kept_are_sums_of_their_lists(
    full: Merchant, shop: Any, limits: dict[str, Any]
) -> None:
    scope = _scope(shop, **limits)
    total, kept = read_total(scope)
    assert total.fee, total.bonus
    assert count_lines(scope, Limits(fee=True), ASKED).fee == total.fee
    assert count_lines(scope, Limits(bonus=True), ASKED).bonus == total.bonus
    assert count_lines(scope, Limits(kept=True), ASKED).value == kept
    counted = count_lines(scope, Limits(), ASKED)
    assert counted.returns == (None if scope.filters.of_lines else total.leads)


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_a_stage_is_as_many_returns_as_its_list_and_a_tenth_of_them_took_longer(
    full: Merchant, shop: Any, limits: dict[str, Any]
) -> None:
    scope = _scope(shop, **limits)
    for stage in read_timings(scope).stages:
        if stage.median is None or stage.slow is None:
            assert count_timed(scope, Which(stage.name)) == (0, False)
            continue
        count, is_sample = count_timed(scope, Which(stage.name))
        assert (count, is_sample) == (stage.median.count, False)
        longer = Which(stage.name, longer=int(stage.slow.value))
        assert count_timed(scope, longer)[0] <= count // 10
        listed = list_timed(scope, Which(stage.name), count=count + 1)
        minutes = [each.minutes for each in listed]
        assert minutes == sorted(minutes, reverse=True)
        assert len({each.id for each in listed}) == count
        assert minutes[-(-len(minutes) // 2) - 1 + (len(minutes) + 1) % 2] >= stage.median.value


def test_of_very_many_returns_the_list_is_the_sample_the_figure_was_made_of(
    full: Merchant, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "_tickets", lambda scope, sample: 100)
    timings = read_timings(_scope(shop))
    median = timings.stage("approve").median
    assert timings.is_sample
    assert median
    assert count_timed(_scope(shop), Which("approve")) == (median.count, True)
    page = full.get(f"/analytics/times?{YEAR}&stage=approve")
    assert f"{median.count} returns" in page.text
    assert "the figure is made of a sample" in page.text


@pytest.mark.parametrize("few", [0, 5_000], ids=["by the day", "by the cell"])
def test_a_list_is_the_same_however_it_is_found(
    full: Merchant, shop: Any, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "FEW", few)
    for limits in LIMITS:
        for basis in (ASKED, ORDERED):
            scope = _scope(shop, **limits)
            counted = count_lines(scope, Limits(), basis)
            everything = list_lines(scope, Limits(), basis, count=500, counted=counted)
            assert len(everything) == counted.lines
            days = [each.asked_at if basis == ASKED else each.ordered_at for each in everything]
            assert [day.date() for day in days] == sorted((d.date() for d in days), reverse=True)
            pages, below = [], None
            while found := list_lines(
                scope, Limits(), basis, below=below, count=7, counted=counted
            ):
                pages += found
                below = found[-1].id
            assert pages == everything


def test_the_list_of_a_stage_goes_on_where_its_page_ends(full: Merchant, shop: Any) -> None:
    which, scope = Which("whole"), _scope(shop)
    everything = list_timed(scope, which, count=500)
    pages, after = [], None
    while found := list_timed(scope, which, after=after, count=4):
        pages += found
        after = (found[-1].minutes, found[-1].id)
    assert pages == everything


def _text(element: Any) -> str:
    return "".join(element.itertext())


def _figures(page: Page, table: str) -> dict[str, Any]:
    """The links of a table's first column of figures, by the name of the row."""
    for section in page.find_all("section"):
        if section.get("aria-labelledby") == f"{table}-heading":
            rows = section.findall(".//table//tr")[1:]
            return {row.find("th").text: row.findall("td") for row in rows}
    raise AssertionError(table)


def test_each_sum_leads_to_a_list_that_says_the_same(full: Merchant) -> None:
    rows = _figures(full.get(f"/analytics?{YEAR}&compare=none"), "totals")
    words = {
        "Returns": "{} return",
        "Items asked to come back": "{} item",
        "Value of these items": "value {}",
        "Of that kept as exchange or credit": "value {}",
        "Return fees charged": "fees {}",
        "Bonus given with store credit": "bonus {}",
        "Of these came back": "{} item",
    }
    for name, text in words.items():
        link = rows[name][0].find("a")
        assert text.format(link.text) in full.get(link.get("href")).text, name
    assert rows["Items sold"][0].find("a") is None, "what was sold did not come back"


def test_the_figures_compared_with_lead_to_their_own_days(full: Merchant) -> None:
    page = full.get("/analytics?period=custom&from=2026-03-20&to=2026-05-10")
    rows = _figures(page, "totals")
    _now, before = (cell.find("a") for cell in rows["Items asked to come back"])
    assert "from=2026-01-27" in before.get("href")
    assert f"{before.text} items" in full.get(before.get("href")).text
    median = _figures(page, "stages")["Until approved"][-1].find("a")
    assert "from=2026-01-27" in median.get("href")


def test_how_long_leads_to_the_slowest_first(full: Merchant) -> None:
    cells = _figures(full.get(f"/analytics?{YEAR}&compare=none"), "stages")
    half, slow, count = (cell.find("a") for cell in cells["On the way"])
    listed = full.get(count.get("href"), max_queries=8)
    assert f"{count.text} returns" in listed.text
    assert "On the way" in listed.text
    assert half.get("href") == count.get("href")
    assert f"longer than {slow.text}" in full.get(slow.get("href")).text
    full.get("/analytics/times?stage=sleep", status=404)


def test_what_has_no_carrier_or_category_is_a_list_of_its_own(
    full: Merchant, session: Session
) -> None:
    page = full.get(f"/analytics?{YEAR}")
    for table, query in (("carrier", "carrier=~none"), ("category", "category=~none")):
        (link,) = (
            a for a in page.find_all("a", class_="row-link")
            if query in a.get("href").replace("%7E", "~")
            and ("by=ordered" in a.get("href")) == (table == "category")
        )  # fmt: skip
        assert link.text in full.get(link.get("href")).text


def test_the_inbox_shows_the_returns_of_a_list_where_it_can_say_the_same(
    full: Merchant, session: Session, shop: Any
) -> None:
    index_returns(session.scalars(select(Return.id)))
    session.commit()
    for query in ("", "&country=NL", "&reason=damaged", "&method=pickup", "&carrier=dhl",
                  "&resolution=credit&country=BE", "&kept=1"):  # fmt: skip
        listed = full.get(f"/analytics/returns?{YEAR}{query}")
        link = next(a for a in listed.find_all("a") if "Open in the inbox" in _text(a))
        ids = _returns_of_list(session, shop, query)
        assert ids
        noun = "return" if len(ids) == 1 else "returns"
        assert f"{len(ids)} {noun}" in full.get(link.get("href")).text, query


def _returns_of_list(session: Session, shop: Any, query: str) -> set[int]:
    """Held returns with a line the list shows, those too whose lines never came at all."""
    limits = {name: values[0] for name, values in parse_qs(query).items()}
    found = set()
    held = select(Return).where(
        Return.shop_id == shop.id,
        Return.status.not_in(["declined", "cancelled", "expired"]),
        Return.created_at >= datetime(2025, 12, 31, 23, tzinfo=UTC),
        Return.created_at < datetime(2026, 5, 20, 22, tzinfo=UTC),
    )
    for each in session.scalars(held):
        if limits.get("country", each.country) != each.country:
            continue
        if limits.get("method", each.method) != each.method:
            continue
        if limits.get("carrier", each.carrier) != each.carrier:
            continue
        for line in each.lines:
            if limits.get("reason", line.reason_code) != line.reason_code:
                continue
            if limits.get("resolution", line.resolution) != line.resolution:
                continue
            if "kept" not in limits or line.resolution != "money":
                found.add(each.id)
    return found


@pytest.mark.parametrize(
    "query", ["&category=Shoes", "&fault=shop", "&fee=1", "&bonus=1", "&carrier=~none",
              "&variant=S", "&reason=damaged&resolution=money", "&kept=1&reason=damaged"],
)  # fmt: skip
def test_the_inbox_is_not_offered_where_it_would_show_something_else(
    full: Merchant, query: str
) -> None:
    assert "in the inbox" not in full.get(f"/analytics/returns?{YEAR}{query}").text


def test_tables_of_reasons_and_methods_lead_to_the_inbox(full: Merchant) -> None:
    page = full.get(f"/analytics?{YEAR}")
    links = [urlsplit(a.get("href")) for a in page.find_all("a") if "in the inbox: " in _text(a)]
    asked = [parse_qs(link.query) for link in links]
    assert {name for each in asked for name in each} >= {
        "reason",
        "resolution",
        "method",
        "carrier",
    }
    assert all(link.path == f"{full.base}/returns" for link in links)
    assert all(each["from"] == ["2026-01-01"] for each in asked)


def test_a_product_is_named_on_its_list(full: Merchant, session: Session, shop: Any) -> None:
    id_ = session.scalars(
        select(FactProduct.id).where(FactProduct.shop_id == shop.id, FactProduct.key == "boot")
    ).one()
    units = session.scalar(
        select(func.sum(ReturnFact.units)).where(
            ReturnFact.product_id == id_, ReturnFact.requested_day <= day_number(NOW.date())
        )
    )
    listed = full.get(f"/analytics/returns?{YEAR}&product={id_}")
    assert "Product: Boot" in listed.text
    assert f", {units} items" in listed.text


def test_every_stage_can_be_asked_for(full: Merchant) -> None:
    for stage in STAGES:
        full.get(f"/analytics/times?{YEAR}&stage={stage}&longer=x&after=y.z")
        nines = "9" * 18
        full.get(f"/analytics/times?{YEAR}&stage={stage}&longer={nines}&after={nines}.{nines}")
