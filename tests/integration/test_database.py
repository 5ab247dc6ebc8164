"""The tables that the migrations build are the ones the models describe, on each database."""

from __future__ import annotations

import flask_migrate
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import ROOT


def test_the_models_ask_for_nothing_the_migrations_did_not_build(app: Flask) -> None:
    with app.app_context():
        flask_migrate.check(directory=str(ROOT / "migrations"))


def test_the_noise_of_another_shop_is_there(session: Session) -> None:
    assert session.execute(text('SELECT count(*) FROM "order"')).scalar_one() > 0
