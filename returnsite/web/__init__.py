"""Everything that speaks HTTP."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register blueprints, error pages and everything around a request."""
