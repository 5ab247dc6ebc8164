"""Bringing in a file of orders: upload, look at what is in it, import, see what became of it."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from flask import Response, abort, g, redirect, request, send_file, url_for

from ...domain.errors import DomainError
from ...domain.roles import Permission
from ...services.import_order_file import UnusableOrderFile
from ...services.import_upload import (
    PROBLEMS,
    begin_check,
    begin_import,
    import_of,
    list_imports,
    take_in,
)
from ...services.order_uploads import MAX_BYTES, discard_upload, find_upload
from ...services.tasks import TaskView, task_folder
from ..htmx import page
from ..i18n import gettext as _
from ..rendering import day_and_time
from . import bp
from .guard import permission
from .import_columns import column_help
from .import_preview import preview
from .tasks import find_task

TEMPLATES = {
    "orders": (
        "order_number,placed_at,email,customer_name,delivery_street,delivery_house_number,"
        "delivery_postcode,delivery_city,delivery_country,sku,title,variant,quantity,line_paid,"
        "shipping_paid,carrier,tracking_number,shipped_at,delivered_at\r\n"
        "1001,2026-11-02 10:30,anna@customer.example,Anna de Vries,Damrak,1,1012 JS,Amsterdam,NL,"
        "SHIRT-M,Linen shirt,Blue / M,2,39.90,4.95,PostNL,3SDEVC1,2026-11-03,2026-11-04\r\n"
        "1001,,,,,,,,,SHOE-42,Running shoe,42,1,79.95,,PostNL,3SDEVC1,,\r\n"
    ),
    "variants": (
        "product_key,sku,title,price,stock,option_size,option_colour\r\n"
        "shirt,SHIRT-M,Linen shirt M,24.95,3,M,Blue\r\n"
        "shirt,SHIRT-L,Linen shirt L,24.95,,L,Blue\r\n"
    ),
}


@bp.get("/orders/import")
@permission(Permission.IMPORT_ORDERS)
def orders_import(slug: str) -> Response:
    """Choose a file; below, what was imported lately."""
    return _upload_page()


@bp.post("/orders/import")
@permission(Permission.IMPORT_ORDERS)
def orders_upload(slug: str) -> Any:
    """Take in a file and read it; a broken one is told here, before anything is written."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _upload_page(_("Choose a file."))
    try:
        with closing(file):
            token = take_in(shop_id=g.shop.id, name=file.filename, stream=file.stream)  # type: ignore[arg-type]
        upload = find_upload(shop_id=g.shop.id, token=token) or abort(404)
        task_id = begin_check(shop=g.shop, upload=upload, actor=g.actor)
    except (DomainError, UnusableOrderFile) as refusal:
        return _upload_page(_refusal(refusal))
    if task_id is not None:
        return redirect(url_for("merchant.task", task_id=task_id), 303)
    return redirect(url_for("merchant.orders_preview", upload_token=token), 303)


@bp.get("/orders/import/<upload_token>")
@permission(Permission.IMPORT_ORDERS)
def orders_preview(slug: str, upload_token: str) -> Any:
    """What is in the file, as it will be read. Once it is imported, this leads to that."""
    upload = find_upload(shop_id=g.shop.id, token=upload_token)
    task_id = import_of(shop_id=g.shop.id, token=upload_token)
    if task_id is not None:
        return redirect(url_for("merchant.task", task_id=task_id), 303)
    if upload is None or upload.check is None:
        abort(404)
    return page("merchant/orders_preview.html", **preview(upload))


@bp.post("/orders/import/<upload_token>")
@permission(Permission.IMPORT_ORDERS)
def orders_confirm(slug: str, upload_token: str) -> Any:
    """Import the file; pressing again leads to the same import."""
    task_id = begin_import(shop=g.shop, token=upload_token, actor=g.actor)
    if task_id is None:
        abort(404)
    return redirect(url_for("merchant.task", task_id=task_id), 303)


@bp.post("/orders/import/<upload_token>/discard")
@permission(Permission.IMPORT_ORDERS)
def orders_discard(slug: str, upload_token: str) -> Any:
    """Throw the file away and choose another."""
    if find_upload(shop_id=g.shop.id, token=upload_token) is None:
        abort(404)
    if import_of(shop_id=g.shop.id, token=upload_token) is None:
        discard_upload(shop_id=g.shop.id, token=upload_token)
    return redirect(url_for("merchant.orders_import"), 303)


@bp.get("/orders/checks/<id:task_id>")
@permission(Permission.IMPORT_ORDERS)
def orders_checked(slug: str, task_id: int) -> Any:
    """From a check the worker has done to what it found."""
    token = _import_task(task_id, "check_orders").params["upload"]
    return redirect(url_for("merchant.orders_preview", upload_token=token), 303)


@bp.get("/orders/imports/<id:task_id>")
@permission(Permission.IMPORT_ORDERS)
def orders_import_result(slug: str, task_id: int) -> Any:
    """What became of a file."""
    task = _import_task(task_id, "import_orders")
    if task.state != "done":
        return redirect(url_for("merchant.task", task_id=task_id), 303)
    return page(
        "merchant/orders_imported.html",
        name=task.params["name"],
        is_variants=task.params["kind"] == "variants",
        result=task.result,
        csv_url=url_for("merchant.orders_import_problems", task_id=task_id),
        orders_url=url_for("merchant.orders"),
        import_url=url_for("merchant.orders_import"),
    )


@bp.get("/orders/imports/<id:task_id>/problems.csv")
@permission(Permission.IMPORT_ORDERS)
def orders_import_problems(slug: str, task_id: int) -> Response:
    """All that was set aside, with row, column and why."""
    path = task_folder(_import_task(task_id, "import_orders").id) / PROBLEMS
    if not path.exists():
        abort(404)
    return send_file(path, "text/csv", as_attachment=True, download_name="set-aside.csv", max_age=0)


@bp.get("/orders/import/template/<table>.csv")
@permission(Permission.IMPORT_ORDERS)
def orders_template(slug: str, table: str) -> Response:
    """A table to fill in."""
    text = TEMPLATES.get(table) or abort(404)
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={table}.csv"
    return response


def _import_task(task_id: int, kind: str) -> TaskView:
    task = find_task(task_id)
    if task.kind != kind:
        abort(404)
    return task


def _refusal(refusal: DomainError | UnusableOrderFile) -> str:
    if isinstance(refusal, UnusableOrderFile):
        return str(refusal)
    return {
        "file_empty": _("The file is empty."),
        "too_many_files": _(
            "Other files are still being imported. Upload this one once they are done."
        ),
        "file_too_large": _("The file is too large: %(max)s MB at most.", **refusal.params),
    }[refusal.code]


def _upload_page(error: str = "") -> Response:
    return page(
        "merchant/orders_import.html",
        status=422 if error else 200,
        error=error,
        errors=[("file", error)] if error else [],
        action=url_for("merchant.orders_upload"),
        max_mb=MAX_BYTES // (1024 * 1024),
        templates=[
            (_("Orders"), url_for("merchant.orders_template", table="orders")),
            (_("Variants for exchanges"), url_for("merchant.orders_template", table="variants")),
        ],
        columns=column_help(),
        imports=[_import(row) for row in list_imports(shop_id=g.shop.id)],
        orders_url=url_for("merchant.orders"),
    )


def _import(row: Any) -> dict[str, Any]:
    done = row.state == "done"
    endpoint = "merchant.orders_import_result" if done else "merchant.task"
    states = {
        "waiting": ("info", "clock", _("Waiting")),
        "running": ("info", "rotate-cw", _("Under way")),
        "done": ("ok", "circle-check", _("Done")),
        "failed": ("danger", "circle-x", _("Failed")),
        "stopped": ("", "ban", _("Stopped")),
    }
    kind, icon, text = states[row.state]
    return {
        "name": row.params["name"],
        "url": url_for(endpoint, task_id=row.id),
        "when": day_and_time(row.created_at),
        "who": row.created_by_name,
        "kind": kind,
        "icon": icon,
        "state": text,
        "imported": row.result.get("imported", 0) + row.result.get("updated", 0) if done else None,
        "set_aside": row.result.get("set_aside", 0),
    }
