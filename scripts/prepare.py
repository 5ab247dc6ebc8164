"""Bring the database up to date and fill an empty one with the demo shop, before a start.

The same as `flask db upgrade` and `flask demo load --if-empty`, in one process instead of two.
"""

from __future__ import annotations

import flask_migrate

from app import app
from returnsite.services.demo import load_demo


def main() -> None:
    """Prepare the database that the environment names."""
    with app.app_context():
        flask_migrate.upgrade()
        if app.config["DEMO"]:
            load_demo(if_empty=True, history=True)


if __name__ == "__main__":
    main()
