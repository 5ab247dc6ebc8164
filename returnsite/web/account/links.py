"""The page behind a link that does not work any more."""

from __future__ import annotations

from typing import Literal

from flask import Response

from ..htmx import page


def link_over(kind: Literal["reset", "invite", "email", "first_run", "demo"]) -> Response:
    """410, with the way to a new link; the same whether it is old, used or made up."""
    return page("account/link_over.html", status=410, kind=kind)
