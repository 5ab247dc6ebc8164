"""What the page shows: figures, charts and tables, in words."""

from __future__ import annotations

from typing import Any

from flask import g

from ....domain.periods import Step
from ....domain.statistics import Share, share_of
from ....services.analytics.report import Rate, Report
from ...i18n import gettext as _
from ...portal.pictures import art_named, own_picture
from ...rendering import number
from ..words import reason_name
from . import charts, wording
from .drill import csv_url, here, lines_url, times_url
from .headings import title_of
from .query import Query
from .tables import TABLES, rate_label

SERIES = 3
"""Reasons that get a line of their own."""


def page_context(report: Report, query: Query) -> dict[str, Any]:
    """All cards."""
    return {
        "report": report,
        "query": query,
        "kpis": _kpis(report, query),
        "said": _said(report),
        "why": _bars(report, query, "reason"),
        "rate": _rate_chart(report),
        "reasons": _reason_chart(report),
        "mixes": [
            _bars(report, query, name) for name in ("fault", "resolution", "method", "carrier")
        ],
        "places": [_rates(query, name, rates) for name, rates in _places(report)],
        "products": _products(report, query),
        "tables": {name: make(report, query) for name, make in TABLES.items()},
        "sample_note": sample_note(report),
        "csv": {name: csv_url(query, name) for name in TABLES},
    }


def _said(report: Report) -> str:
    """What a screen reader hears when the figures have changed."""
    return _(
        "%(rate)s of what was sold came back; asked to come back: %(items)s",
        rate=wording.percent(report.now.rate.share),
        items=wording.units_text(report.now.total.units),
    )


def _kpis(report: Report, query: Query) -> list[dict[str, Any]]:
    return [
        _rate_kpi(report, query),
        _count_kpi(report, query),
        _kept_kpi(report, query),
        _fee_kpi(report, query),
        _time_kpi(report, query),
    ]


def _rate_kpi(report: Report, query: Query) -> dict[str, Any]:
    rate = report.now.rate
    before = report.before.rate if report.before else None
    sold = _("%(back)s of %(sold)s items sold", back=number(rate.part), sold=number(rate.whole))
    return {
        "label": _("Return rate"),
        "figure": wording.percent(rate.share),
        "note": wording.too_few(rate) or sold,
        "trend": wording.rate_trend(rate, before, is_open=report.slices[-1].is_open),
        "href": lines_url(query, by="ordered"),
    }


def _count_kpi(report: Report, query: Query) -> dict[str, Any]:
    """Returns, or items where the filters split returns."""
    split = report.scope.filters.of_lines
    now, before = (
        (side.total.units if split else side.total.leads) if side else None
        for side in (report.now, report.before)
    )
    return {
        "label": _("Items") if split else _("Returns"),
        "figure": number(now or 0),
        "note": "" if split else wording.units_text(report.now.total.units),
        "trend": wording.count_trend(now or 0, before),
        "href": lines_url(query),
    }


def _kept_kpi(report: Report, query: Query) -> dict[str, Any]:
    kept, before = (
        share_of(side.kept, side.total.value) if side else None
        for side in (report.now, report.before)
    )
    return {
        "label": _("Value kept"),
        "figure": wording.percent(kept.share if kept else None, 0),
        "note": _("%(amount)s by exchange and credit", amount=wording.amount(report.now.kept)),
        "trend": _kept_trend(kept, before),
        "href": lines_url(query, kept="1"),
    }


def _fee_kpi(report: Report, query: Query) -> dict[str, Any]:
    total, before = report.now.total, report.before.total if report.before else None
    return {
        "label": _("Return fees"),
        "figure": wording.amount(total.fee),
        "note": _("bonus given: %(amount)s", amount=wording.amount(total.bonus)),
        "trend": wording.count_trend(total.fee, before.fee if before else None),
        "href": lines_url(query, fee="1") if total.fee else None,
        "note_href": lines_url(query, bonus="1") if total.bonus else None,
    }


def _time_kpi(report: Report, query: Query) -> dict[str, Any]:
    whole = report.now.timings.stage("whole")
    before = report.before.timings.stage("whole") if report.before else None
    return {
        "label": _("Until paid or closed"),
        "figure": wording.days(whole.median.value if whole.median else None),
        "note": _("half of the returns"),
        "trend": wording.time_trend(whole, before),
        "href": times_url(query, "whole") if whole.median else None,
    }


def _kept_trend(now: Share | None, before: Share | None) -> dict[str, str]:
    if not now or not before or now.share is None or before.share is None:
        return {}
    points = round((now.share - before.share) * 100)
    if not points:
        return {"text": _("unchanged")}
    up = points > 0
    text = _("%(n)s points higher") if up else _("%(n)s points lower")
    return {"text": text % {"n": number(abs(points))}, "icon": "arrow-up" if up else "arrow-down"}


def _bars(report: Report, query: Query, name: str) -> dict[str, Any]:
    """A chart of shares of all units asked for."""
    total = report.asked.total.units
    groups = [(group.key, share_of(group.sums.units, total)) for group in report.asked.by[name]]
    scale = charts.scale_for([share.high for _key, share in groups])
    return {
        "name": name,
        "title": title_of(name),
        "note": wording.units_text(total),
        "bars": [
            {
                "label": wording.label_of(name, key),
                "href": lines_url(query, **{name: key}),
                "figure": wording.percent(share.share),
                "count": number(share.part),
                "margin": wording.margin(share),
                "bar": charts.bar(share, scale),
            }
            for key, share in groups
        ],
    }


def _places(report: Report) -> list[tuple[str, list[Rate]]]:
    found = [("country", report.countries), ("category", report.categories)]
    if report.scope.filters.product is not None:
        return [("variant", report.variants), found[0]]
    return found


def _rates(query: Query, name: str, rates: list[Rate]) -> dict[str, Any]:
    scale = charts.scale_for([rate.share.high for rate in rates if rate.share.is_enough])
    return {
        "name": name,
        "title": title_of(name),
        "rows": [rate_row(query, name, rate, scale) for rate in rates[:12]],
        "more": max(0, len(rates) - 12),
    }


def rate_row(query: Query, name: str, rate: Rate, scale: float) -> dict[str, Any]:
    """A line of a table of rates."""
    top = ""
    if rate.top_reason:
        share = share_of(rate.top_reason_units, rate.share.part)
        reason = reason_name(rate.top_reason)
        if share.whole < 10:
            top = _("%(reason)s (%(n)s of %(all)s)", reason=reason, n=share.part, all=share.whole)
        else:
            top = f"{reason} ({wording.percent(share.share, 0)})"
    href = here(query, product=rate.key) if name == "product" else None
    return {
        "label": rate_label(name, rate),
        "href": href or lines_url(query, by="ordered", **{name: rate.key}),
        "image_url": own_picture(rate.image_url),
        "art": art_named("", rate.label),
        "sold": number(rate.share.whole),
        "back": number(rate.share.part),
        "lines_href": lines_url(query, by="ordered", **{name: rate.key}),
        "figure": wording.percent(rate.share.share),
        "margin": wording.margin(rate.share),
        "too_few": wording.too_few(rate.share),
        "bar": charts.bar(rate.share, scale),
        "top": top,
    }


def _products(report: Report, query: Query) -> dict[str, Any] | None:
    if report.scope.filters.product is not None:
        return None
    card = _rates(query, "product", report.products)
    card["all"] = number(report.products_sold)
    return card


def _rate_chart(report: Report) -> dict[str, Any]:
    """The return rate over time, with margins, and that of the period before."""
    shares = [each.share for each in report.slices]
    before = [each.before.share if each.before else None for each in report.slices]
    known = [share.share for share in shares if share.share is not None]
    scale = charts.scale_for([*known, *(each for each in before if each is not None)])
    enough = [share.high for share in shares if share.is_enough]
    scale = max(scale, charts.scale_for(enough))
    waiting = sum(1 for each in report.slices if each.is_open)
    return {
        "title": _rate_title(report.step),
        "lines": charts.line([share.share for share in shares], scale),
        "band": charts.band(shares, scale),
        "before": charts.line(before, scale) if report.before else [],
        "axis": [
            wording.percent(scale * n / 4, 0 if scale >= 0.04 else 2) for n in (4, 3, 2, 1, 0)
        ],
        "ticks": charts.ticks(
            [wording.slice_name(each.period, report.step) for each in report.slices]
        ),
        "text": _rate_words(report),
        "waiting": waiting if waiting < len(shares) else 0,
        "all_waiting": waiting == len(shares),
    }


def _rate_title(step: Step) -> str:
    return {
        Step.DAY: _("Return rate by day"),
        Step.WEEK: _("Return rate by week"),
        Step.MONTH: _("Return rate by month"),
    }[step]


def _rate_words(report: Report) -> str:
    known = [each for each in report.slices if each.share.share is not None]
    if not known:
        return _("Nothing was sold in this period.")
    first, last = known[0], known[-1]
    return _(
        "From %(first)s for orders of %(from)s to %(last)s for those of %(to)s",
        first=wording.percent(first.share.share),
        last=wording.percent(last.share.share),
        to=wording.slice_name(last.period, report.step),
        **{"from": wording.slice_name(first.period, report.step)},
    )


def _reason_chart(report: Report) -> dict[str, Any]:
    """The most named reasons over time."""
    top = [group.key for group in report.asked.by["reason"][:SERIES]]
    series = [report.reasons_by_slice.get(code, [0] * len(report.slices)) for code in top]
    scale = charts.count_scale([count for counts in series for count in counts])
    return {
        "title": title_of("reason-time"),
        "series": [
            {
                "name": reason_name(code),
                "lines": charts.line([float(c) for c in counts], scale),
            }
            for code, counts in zip(top, series, strict=True)
        ],
        "axis": [number(scale * n // 4) for n in (4, 3, 2, 1, 0)],
        "ticks": charts.ticks(
            [wording.slice_name(each.period, report.step) for each in report.slices]
        ),
        "text": ", ".join(
            _("%(reason)s: %(n)s", reason=reason_name(code), n=number(sum(counts)))
            for code, counts in zip(top, series, strict=True)
        ),
    }


def sample_note(report: Report) -> str:
    """That times are those of a sample, and how sure the middle is."""
    median = report.now.timings.stage("whole").median
    if not report.now.timings.is_sample or median is None:
        return ""
    return _(
        "A sample of %(n)s returns: half of all are done within %(low)s to %(high)s.",
        n=number(median.count),
        low=wording.days(median.low),
        high=wording.days(median.high),
    )


def currency_note(report: Report) -> str:
    """That amounts of other currencies are left out."""
    others = report.asked.total.foreign_lines
    if not others:
        return ""
    return _(
        "Amounts are in %(currency)s; %(n)s items paid in other currencies are left out of them.",
        currency=g.shop.currency,
        n=number(others),
    )
