"""A mail server that listens, and returns whose mails are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from returnsite.models import Return
from returnsite.services.outbox import confirmation_rows, enqueue
from tests.conftest import Kept
from tests.smtp import Peer

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def peer(app: Flask, peer: Peer) -> Iterator[Peer]:
    """The mail server, and an address for the links in mails."""
    app.config["PUBLIC_URL"] = "https://returns.example"
    yield peer
    app.config["PUBLIC_URL"] = ""


@pytest.fixture
def shop(session: Session, factories: Any, kept: Kept) -> Any:
    return kept(
        lambda: factories.make_shop(
            session,
            name="Noorderlicht",
            slug="noorderlicht",
            notification_email="boss@noorderlicht.example",
            support_email="hulp@noorderlicht.example",
        )
    )


@pytest.fixture
def announce(session: Session, shop: Any, factories: Any, clock: Any) -> Any:
    """Make a confirmed return with its outbox rows, the way confirming does."""
    clock.set(START)

    def make(
        *, prepare: bool = True, order: dict[str, Any] | None = None, **columns: Any
    ) -> Return:
        ordered = factories.make_order(session, shop, **(order or {}))
        made: Return = factories.make_return(session, ordered, **columns)
        enqueue(
            confirmation_rows(
                shop_id=shop.id,
                return_id=made.id,
                customer=made.email,
                merchant=shop.notification_email,
                prepare_handoff=prepare,
                now=START,
            )
        )
        session.commit()
        return made

    return make
