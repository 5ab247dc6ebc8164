"""An uploaded order file on its way in: checked, then imported by the worker."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from flask_babel import gettext as _
from sqlalchemy import select

from ..database import writing
from ..domain.spreadsheets import csv_lines, style_for
from ..extensions import db
from ..files import write_whole
from ..models import Shop, Task
from ..orders.base import RowProblem
from .audit import Actor, note_change
from .check_order_file import SHOWN_PROBLEMS, check_order_file, problem_row
from .import_order_file import UnusableOrderFile, import_order_file, import_variant_file
from .order_uploads import (
    OrderUpload,
    discard_upload,
    find_upload,
    keep_check,
    make_room,
    store_upload,
)
from .shops import ShopSettings, find_settings
from .tasks import RUNNABLE, ShowsProgress, TaskFailed, TaskView, add_task, start_task, task_folder

CHECK_AT_ONCE = 512 * 1024
"""Bytes of a file that is checked while its sender waits; larger ones are for the worker."""

PROBLEMS = "problems.csv"


def take_in(*, shop_id: int, name: str, stream: BinaryIO) -> str:
    """Keep a file, in the place of the oldest that nobody imported when there are many; its token.

    Raises DomainError: `too_many_files`, `file_too_large`, `file_empty`.
    """
    query = select(Task.params).where(
        Task.shop_id == shop_id,
        Task.kind.in_(["check_orders", "import_orders"]),
        Task.state.in_(RUNNABLE),
    )
    needed = {params["upload"] for params in db.session.scalars(query)}
    db.session.rollback()
    make_room(shop_id=shop_id, needed=needed)
    return store_upload(shop_id=shop_id, name=name, stream=stream)


def begin_check(*, shop: ShopSettings, upload: OrderUpload, actor: Actor) -> int | None:
    """Check a small file now (None), have the worker check a large one (the task's id).

    Raises UnusableOrderFile; the file is thrown away then.
    """
    if upload.size > CHECK_AT_ONCE:
        params = {"upload": upload.token, "name": upload.name}
        return start_task(shop_id=shop.id, kind="check_orders", params=params, actor=actor)
    try:
        check = check_order_file(shop=shop, path=upload.path)
    except UnusableOrderFile:
        discard_upload(shop_id=shop.id, token=upload.token)
        raise
    keep_check(shop_id=shop.id, token=upload.token, check=check)
    return None


def run_check(task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
    """Check a large file. Raises TaskFailed."""
    shop, upload = _material(task)
    progress(0)
    try:
        check = check_order_file(shop=shop, path=upload.path, on_progress=progress)
    except UnusableOrderFile as error:
        discard_upload(shop_id=shop.id, token=upload.token)
        raise TaskFailed(str(error)) from error
    keep_check(shop_id=shop.id, token=upload.token, check=check)
    return {"count": check.count, "set_aside": check.set_aside}


def begin_import(*, shop: ShopSettings, token: str, actor: Actor) -> int | None:
    """Have the worker import a checked file; the task's id. Commits.

    Pressing again gives the same task. None where there is no such file, or it was not checked.
    """
    upload = find_upload(shop_id=shop.id, token=token)
    with writing():
        # On PostgreSQL this keeps a second press waiting until the first has committed.
        db.session.execute(select(Shop.id).where(Shop.id == shop.id).with_for_update())
        task_id = import_of(shop_id=shop.id, token=token)
        if task_id is None and upload is not None and upload.check:
            check = upload.check
            task_id = add_task(
                shop_id=shop.id,
                kind="import_orders",
                params={"upload": token, "name": upload.name, "kind": check["kind"]},
                actor=actor,
                total=check["count"] + check["set_aside"],
            )
            note_change(
                shop_id=shop.id, actor=actor, section="orders", event="import", subject=upload.name
            )
    return task_id


def import_of(*, shop_id: int, token: str) -> int | None:
    """The task that imports this file, if one was started lately."""
    query = (
        select(Task.id, Task.params)
        .where(Task.shop_id == shop_id, Task.kind == "import_orders")
        .order_by(Task.id.desc())
        .limit(200)
    )
    found = (row.id for row in db.session.execute(query) if row.params.get("upload") == token)
    return next(found, None)


def run_import(task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
    """Import a file that was checked. Raises TaskFailed.

    Taken up again after a kill it starts at the top: what was written by then is unchanged now.
    """
    finished = task_folder(task.id) / f"{task.params['upload']}.json"
    if finished.exists():  # killed between throwing the file away and saying so
        done: dict[str, Any] = json.loads(finished.read_bytes())
        return done
    shop, upload = _material(task)
    progress(0)
    bring_in = import_variant_file if task.params["kind"] == "variants" else import_order_file
    try:
        found = bring_in(shop=shop, path=upload.path, on_progress=progress)
    except UnusableOrderFile as error:
        raise TaskFailed(str(error)) from error
    summary = found.summary
    if summary.set_aside:
        _write_problems(task_folder(task.id) / PROBLEMS, summary.set_aside, task.locale)
    result = {
        "label": found.label,
        "imported": summary.imported,
        "updated": summary.updated,
        "unchanged": summary.unchanged,
        "set_aside": len(summary.set_aside),
        "problems": [problem_row(problem) for problem in summary.set_aside[:SHOWN_PROBLEMS]],
    }
    write_whole(finished, json.dumps(result).encode())
    discard_upload(shop_id=shop.id, token=upload.token)
    return result


def list_imports(*, shop_id: int, limit: int = 5) -> Sequence[Any]:
    """The last imports, newest first."""
    query = (
        select(Task.id, Task.state, Task.params, Task.result, Task.created_at, Task.created_by_name)
        .where(Task.shop_id == shop_id, Task.kind == "import_orders")
        .order_by(Task.id.desc())
        .limit(limit)
    )
    return db.session.execute(query).all()


def _material(task: TaskView) -> tuple[ShopSettings, OrderUpload]:
    shop = find_settings(shop_id=task.shop_id)
    upload = find_upload(shop_id=task.shop_id, token=task.params["upload"])
    db.session.rollback()
    if shop is None or upload is None:
        raise TaskFailed(_("The file is no longer here. Upload it again."))
    return shop, upload


def _write_problems(path: Path, problems: Sequence[RowProblem], locale: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = (_("row"), _("column"), _("order number"), _("problem"))
    rows = ((each.row, each.column, each.order_number, each.message) for each in problems)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(csv_lines(chain([head], rows), style_for(locale)))
