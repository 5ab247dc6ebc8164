"""States that are put back are those that were made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from returnsite.extensions import db
from returnsite.models import Order, Shop, User
from tests import factories
from tests.states import States

Walk = Callable[[], tuple[Shop, Order]]


@pytest.fixture
def states(app: Flask, session: Session) -> States:
    found: States = app.extensions[States]
    return found


@pytest.fixture
def made() -> list[str]:
    """The steps that were made, not put back."""
    return []


@pytest.fixture
def walk(states: States, session: Session, made: list[str], request: Any) -> Walk:
    """Begin with nothing, and go to an order by way of its shop."""

    def make_shop() -> Shop:
        made.append("shop")
        return factories.make_shop(session)

    def walk(between: Callable[[], object] = lambda: None) -> tuple[Shop, Order]:
        session.rollback()
        states.begin()
        shop = states.reach(make_shop, request.node.name)
        between()

        def make_order() -> Order:
            made.append("order")
            return factories.make_order(session, shop)

        return shop, states.reach(make_order)

    return walk


def everything(session: Session) -> dict[str, list[Any]]:
    session.rollback()
    return {
        name: session.execute(text(f'SELECT * FROM "{name}" ORDER BY 1')).all()
        for name in db.metadata.tables
    }


def test_a_state_comes_back_whole_and_nothing_is_made_twice(
    walk: Walk, session: Session, made: list[str]
) -> None:
    _shop, order = walk()
    before, number = everything(session), order.number
    session.execute(update(Order).values(number="spoilt", number_norm="SPOILT"))
    factories.make_user(session, session.scalars(select(Shop)).one())
    session.commit()
    _shop, again = walk()
    assert again.number == number
    assert everything(session) == before
    assert made == ["shop", "order"]


def test_after_other_writes_a_step_is_made_and_they_stay(
    walk: Any, session: Session, made: list[str]
) -> None:
    walk()
    _shop, order = walk(between=lambda: factories.make_user(session))
    assert made == ["shop", "order", "order"]
    assert order.id
    assert session.scalar(select(func.count()).select_from(User)) == 1


def test_new_rows_follow_those_that_were_put_back(walk: Walk, session: Session) -> None:
    walk()
    shop, order = walk()
    assert factories.make_order(session, shop).id > order.id


def test_a_beginning_has_no_rows(walk: Walk, states: States, session: Session) -> None:
    walk()
    states.begin()
    assert not any(everything(session).values())
