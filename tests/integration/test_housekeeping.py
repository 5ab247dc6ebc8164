"""Housekeeping: what has served its time goes, what is in use stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.jobs.worker import tidy
from returnsite.models import Draft, Order, Photo, RateCounter, Return
from returnsite.services.housekeeping import clear_expired
from returnsite.services.photos import photo_folder

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def order(session: Session, shop: Any, factories: Any, clock: Any) -> Order:
    clock.set(NOW)
    made: Order = factories.make_order(session, shop)
    return made


@pytest.fixture
def add(session: Session, order: Order) -> Any:
    """Add a draft that expired some time ago, with a photo in it."""

    def make(name: str, expired_for: timedelta, **photo: Any) -> tuple[Draft, Path]:
        draft = Draft(
            shop_id=order.shop_id,
            order_id=order.id,
            token_hash=name,
            locale="nl",
            answers={},
            created_at=NOW - timedelta(days=9),
            expires_at=NOW - expired_for,
            ends_at=NOW - expired_for,
        )
        session.add(draft)
        session.flush()
        session.add(
            Photo(
                shop_id=order.shop_id,
                draft_id=draft.id,
                line_id=order.parcels[0].lines[0].id,
                file=f"{name}.jpg",
                name="photo.jpg",
                media_type="image/jpeg",
                size=3,
                width=1,
                height=1,
                created_at=NOW,
                **photo,
            )
        )
        session.commit()
        path = photo_folder() / f"{name}.jpg"
        path.write_bytes(b"jpg")
        return draft, path

    return make


def drafts(session: Session) -> set[str]:
    session.rollback()
    return set(session.scalars(select(Draft.token_hash)))


def test_drafts_go_two_days_after_they_expired_and_their_photos_after_an_hour(
    session: Session, add: Any
) -> None:
    _, live = add("live", timedelta(hours=-1))
    _, over = add("over", timedelta(minutes=50))
    _, old = add("old", timedelta(hours=2))
    _, ancient = add("ancient", timedelta(days=3))
    clear_expired()
    assert drafts(session) == {"live", "over", "old"}
    assert [path.exists() for path in (live, over, old, ancient)] == [True, True, False, False]
    assert set(session.scalars(select(Photo.file))) == {"live.jpg", "over.jpg"}


def test_the_photos_of_a_return_stay_when_its_draft_goes(
    session: Session, add: Any, order: Order, factories: Any
) -> None:
    return_: Return = factories.make_return(session, order)
    draft, path = add("done", timedelta(days=30), return_line_id=return_.lines[0].id)
    draft.return_id = return_.id
    session.commit()
    clear_expired()
    assert drafts(session) == set()
    assert path.exists()
    (photo,) = session.scalars(select(Photo))
    assert photo.return_line_id == return_.lines[0].id
    assert photo.draft_id is None


def test_a_photo_the_customer_took_out_goes(session: Session, add: Any) -> None:
    _, path = add("live", timedelta(hours=-1), deleted_at=NOW - timedelta(hours=2))
    clear_expired()
    assert not path.exists()
    assert drafts(session) == {"live"}


def test_a_photo_without_its_file_is_no_obstacle(session: Session, add: Any) -> None:
    _, path = add("old", timedelta(days=3))
    path.unlink()
    clear_expired()
    assert drafts(session) == set()


def test_counters_of_the_past_go(session: Session, order: Order) -> None:
    moment = NOW.timestamp()
    session.add(RateCounter(key="over", count=3, expires_at=moment - 1))
    session.add(RateCounter(key="running", count=3, expires_at=moment + 60))
    session.commit()
    assert clear_expired().counters == 1
    assert list(session.scalars(select(RateCounter.key))) == ["running"]


def test_much_of_it_is_cleared_in_several_goes(
    session: Session, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("returnsite.services.housekeeping._BATCH", 10)
    for number in range(25):
        session.add(RateCounter(key=str(number), count=1, expires_at=0))
    session.commit()
    rounds = [clear_expired() for _ in range(4)]
    assert [each.counters for each in rounds] == [10, 10, 5, 0]
    assert [each.is_all for each in rounds] == [False, False, True, True]


def test_a_shop_in_use_loses_nothing(app: Flask, session: Session, add: Any) -> None:
    add("live", timedelta(hours=-1))
    tidy(app)
    assert drafts(session) == {"live"}
    assert session.scalars(select(Return)).all()
