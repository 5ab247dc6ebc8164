"""Analytics: why things come back, how much, and how long it takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import Response, abort, g, make_response, redirect, request, url_for

from ....domain.roles import Permission
from ....domain.spreadsheets import csv_lines, style_for
from ....services.analytics.choices import find_product, read_choices
from ....services.analytics.export import KIND, count_to_export, export_file, export_params
from ....services.analytics.lines import PAGE, count_lines, list_lines
from ....services.analytics.report import Report, make_report
from ....services.analytics.source import ASKED, ORDERED
from ....services.tasks import load_task, start_task
from ...addresses import row_id
from ...htmx import fragments, page
from ...i18n import locale_code
from ...typed import posted_form, printable
from .. import bp
from ..guard import permission
from .cards import currency_note, page_context
from .forms import filter_form
from .lists import lines_context, read_limits
from .query import Query, read_query
from .tables import TABLES

TEMPLATE = "merchant/analytics/index.html"
EVERY_PRODUCT = 100_000


def ask(values: Mapping[str, str] | None = None) -> Query:
    """The question of the request's address, or of these values; 404 for a foreign product."""
    query = read_query(asked() if values is None else values, g.shop)
    product = query.limits.get("product")
    if product and find_product(shop_id=g.shop.id, product_id=int(product)) is None:
        abort(404)
    return query


def asked() -> dict[str, str]:
    """What the address says, without what no page sends and no database takes."""
    return {name: printable(value) for name, value in request.args.items()}


def report_for(query: Query, *, products: int = 10) -> Report:
    """All figures of a question."""
    return make_report(
        query.scope(g.shop.id),
        before=query.before,
        today=query.today,
        window_days=g.shop.policy.window_days,
        products=products,
    )


@bp.get("/analytics")
@permission(Permission.SEE_ANALYTICS)
def analytics(slug: str) -> Response:
    """The figures of a period."""
    query = ask()
    status = 422 if query.errors else 200
    return page(TEMPLATE, status=status, push_url=request.full_path, **_context(query))


@bp.get("/analytics/_figures")
@permission(Permission.SEE_ANALYTICS)
def analytics_figures(slug: str) -> Response:
    """The same for htmx, without the form that asks for it."""
    query = ask()
    url = None if query.errors else query.address(url_for("merchant.analytics"))
    return fragments(TEMPLATE, "figures", ("period_bar",), push_url=url, **_context(query))


def _context(query: Query) -> dict[str, Any]:
    report = report_for(query)
    return {
        **page_context(report, query),
        **filter_form(query, read_choices(g.shop.id)),
        "currency_note": currency_note(report),
        "shop": g.shop,
    }


@bp.get("/analytics/tables/<name>.csv")
@permission(Permission.EXPORT)
def analytics_table(slug: str, name: str) -> Response:
    """One table as a file for spreadsheets."""
    make = TABLES.get(name)
    if make is None:
        abort(404)
    query = ask()
    rows = make(report_for(query, products=EVERY_PRODUCT), query).for_files()
    return csv_file(f"{g.shop.slug}-{name}", csv_lines(rows, style_for(locale_code())))


@bp.post("/analytics/export")
@permission(Permission.EXPORT)
def analytics_export(slug: str) -> Response:
    """Have the worker write every return line of the question to a file."""
    scope = ask(posted_form()).scope(g.shop.id)
    task_id = start_task(
        shop_id=g.shop.id,
        kind=KIND,
        params=export_params(scope),
        actor=g.actor,
        total=count_to_export(scope),
    )
    return make_response(redirect(url_for("merchant.task", task_id=task_id), 303))


@bp.get("/analytics/export/<id:task_id>.csv")
@permission(Permission.EXPORT)
def analytics_exported(slug: str, task_id: int) -> Response:
    """The file of a finished export."""
    task = load_task(g.shop.id, task_id)
    if task is None or task.kind != KIND or task.state != "done":
        abort(404)
    path = export_file(task.id)
    if not path.is_file():
        abort(404)
    return csv_file(f"{slug}-returns", _pieces(path))


def _pieces(path: Path) -> Iterator[bytes]:
    """A file bit by bit: a year of a large shop is some hundred megabytes."""
    with path.open("rb") as file:
        while piece := file.read(1 << 16):
            yield piece


def csv_file(name: str, lines: Any) -> Response:
    """Lines as a download, sent while they are made."""
    response = Response(lines, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@bp.get("/analytics/returns")
@permission(Permission.SEE_RETURNS)
def analytics_lines(slug: str) -> Response:
    """The return lines behind a figure."""
    query, args = ask(), asked()
    basis = ORDERED if args.get("by") == "ordered" else ASKED
    scope, limits = query.scope(g.shop.id), read_limits(args)
    start = request.args.get("below", type=row_id)
    counted = count_lines(scope, limits, basis)
    lines = list_lines(scope, limits, basis, below=start, count=PAGE + 1, counted=counted)
    context = lines_context(query, args, lines, counted)
    return page("merchant/analytics/lines.html", push_url=request.full_path, **context)
