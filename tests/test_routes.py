"""The addresses of the product: shops embed and mail them, so a change must be seen.

`python -m tests.test_routes` writes `tests/routes.txt` anew.
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask

ROUTES = Path(__file__).with_name("routes.txt")


def listing(app: Flask) -> str:
    """One line a route: methods, path, endpoint."""
    lines = [
        f"{','.join(sorted((rule.methods or set()) - {'HEAD', 'OPTIONS'})):9} "
        f"{rule.rule} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
    ]
    return "\n".join(sorted(lines, key=lambda line: line.split()[1:])) + "\n"


def test_the_addresses_are_the_recorded_ones(built_app: Flask) -> None:
    assert listing(built_app) == ROUTES.read_text(encoding="utf-8")


if __name__ == "__main__":
    from returnsite import create_app

    settings = {"SECRET_KEY": "x" * 40, "SQLALCHEMY_DATABASE_URI": "sqlite://", "DATA_DIR": "data"}
    ROUTES.write_text(listing(create_app(settings)), encoding="utf-8")
