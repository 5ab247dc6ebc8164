"""Addresses as they are outside the site: in mails, and in links that shops pass on."""

from __future__ import annotations

from flask import current_app


def public_url(path: str) -> str:
    """The whole address of a path of ours, which begins with a slash."""
    root = current_app.config["PUBLIC_URL"] or "http://localhost:8000"
    return f"{root}{path}"
