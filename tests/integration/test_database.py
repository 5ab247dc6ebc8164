"""The tables that the migrations build are the ones the models describe, on each database."""

from __future__ import annotations

import importlib.util
from types import ModuleType
from typing import Any

import flask_migrate
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from returnsite.models import OrderTerm
from tests import factories
from tests.conftest import ROOT


def test_the_models_ask_for_nothing_the_migrations_did_not_build(app: Flask) -> None:
    with app.app_context():
        flask_migrate.check(directory=str(ROOT / "migrations"))


def test_the_noise_of_another_shop_is_there(session: Session) -> None:
    assert session.execute(text('SELECT count(*) FROM "order"')).scalar_one() > 0


def migration(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"migrations/versions/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_orders_of_before_are_found_by_the_parts_of_their_number(
    session: Session, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [factories.make_order(session, shop, number=f"NL-4833{n}").id for n in range(5)]
    session.flush()
    whole = delete(OrderTerm).where(OrderTerm.term != "NL48331", OrderTerm.order_id.in_(ids))
    session.execute(whole)
    parts = migration("0011_number_parts")
    monkeypatch.setattr(parts, "BATCH", 2)
    with Operations.context(MigrationContext.configure(session.connection())):
        parts.upgrade()
    terms = session.scalars(select(OrderTerm.term).where(OrderTerm.order_id.in_(ids))).all()
    assert sorted(terms) == sorted(t for n in range(5) for t in (f"NL4833{n}", f"4833{n}"))
