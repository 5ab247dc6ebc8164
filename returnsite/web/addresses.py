"""What addresses are made of."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**63 - 1


class RowId(IntegerConverter):
    """`<id:order_id>`: the number of a row; what no database could hold is no address."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, min=1, max=LARGEST)


def row_id(text: str) -> int:
    """`?before=12`: the number of a row, as `request.args.get` takes a type.

    Raises ValueError for what no database could hold.
    """
    number = int(text)
    if not 1 <= number <= LARGEST:
        raise ValueError(text[:20])
    return number


def init_app(app: Flask) -> None:
    """Let routes use `id`."""
    app.url_map.converters["id"] = RowId
