"""`flask` commands; each calls one service and prints what it did."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register all commands."""
