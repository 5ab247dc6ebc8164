"""What the JSON order sources share: finding the orders and setting broken ones aside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from flask_babel import gettext as _

from .base import BadValue, ReadContext, RowProblem, SourceOrder, UnusableFile
from .documents import documents, looks_like_json
from .nodes import Node

ReadOrder = Callable[[Node, int, ReadContext], SourceOrder]


def json_score(head: bytes, signs: frozenset[str]) -> int:
    """0 to 95: how many of the `signs` stand as member names in the file's first bytes."""
    if not looks_like_json(head):
        return 0
    names = set(re.findall(r'"(\w+)"\s*:', head.replace(b"\0", b"").decode(errors="replace")))
    found = len(names & signs)
    return min(95, 20 * found) if "line_items" in names or found > 2 else 0


def read_orders(
    path: Path,
    context: ReadContext,
    *,
    needed: frozenset[str],
    read_order: ReadOrder,
) -> Iterator[SourceOrder | RowProblem]:
    """Every order of the file, or why it was set aside.

    Raises UnusableFile when the first thing in it is no order: then nothing else will be.
    """
    for document in documents(path):
        node = Node(document.value)
        if document.value is None:
            if document.place == 1:
                raise UnusableFile(_("The file is not JSON."))
            yield RowProblem(document.place, "", _("The file cannot be read from here on."))
            continue
        if not needed <= set(node.value):
            if document.place == 1:
                raise UnusableFile(_("There are no orders in this file."))
            yield RowProblem(document.place, "", _("This is not an order."))
            continue
        try:
            yield read_order(node, document.place, context)
        except BadValue as problem:
            number = node.text("name") or node.text("number")
            yield RowProblem(document.place, problem.column, problem.message, number)
