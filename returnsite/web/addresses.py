"""What addresses are made of."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, Map


class RowId(IntegerConverter):
    """`<id:order_id>`: the number of a row; what no database could hold is no address."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, min=1, max=2**63 - 1)


def init_app(app: Flask) -> None:
    """Let routes use `id`."""
    app.url_map.converters["id"] = RowId
