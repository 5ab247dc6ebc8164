"""Somebody with a password, and a browser in which they are signed in."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from returnsite import clock as product_clock
from returnsite.models import User
from tests.harness import CheckedClient
from tests.people import forget_mails, make_person, sign_in


@pytest.fixture(autouse=True)
def person(app: Flask, session: Session, shop: Any, clock: Any) -> User:
    """A member of `shop`, at a moment that is held."""
    clock.set(product_clock.now())
    forget_mails(app)
    return make_person(session, shop, email="sanne@shop.example", name="Sanne")


@pytest.fixture
def me(checked: CheckedClient, person: User) -> CheckedClient:
    """Signed in as the person."""
    sign_in(checked, person.email)
    return checked
