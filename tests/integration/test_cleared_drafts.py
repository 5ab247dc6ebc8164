"""Old drafts are thrown away; the returns they became stay, and new ones can be made."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from returnsite.models import Draft
from tests.harness import IsolatedClient
from tests.walk import answers_for, lines_of, returns_of, start


def test_a_draft_that_gets_the_id_of_a_cleared_one_can_be_confirmed(
    session: Session, client: IsolatedClient, shop: Any, factories: ModuleType
) -> None:
    """SQLite gives the highest id out again once its row is gone."""
    order = factories.make_order(session, shop)
    session.commit()
    line = lines_of(order)[0]
    for _ in range(2):
        walk = start(client, shop, order, answers_for({line: 1}))
        assert walk.confirm().status_code == 303
        session.execute(delete(Draft))
        session.commit()
    assert len(returns_of(session, shop)) == 2
