"""Hand-offs: made once per shipment, whatever happens to carrier, worker and return meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.carriers import registry
from returnsite.carriers.base import (
    CarrierDown,
    CarrierRefused,
    Handoff,
    HandoffRequest,
    PostalAddress,
    ReturnCarrier,
)
from returnsite.jobs.worker import drain
from returnsite.models import Outbox, Return, ReturnShipment
from returnsite.services.handoffs import prepare_handoffs, void_handoffs
from returnsite.services.labels import label_folder, read_label
from returnsite.services.outbox import GiveUp, confirmation_rows, enqueue, handoff_row
from tests import pdf
from tests.conftest import Kept

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

REQUEST = HandoffRequest(
    reference="RS-1",
    kind="label_pdf",
    method="drop_off_point",
    carrier="postnl",
    contract_reference="",
    return_number="R-7K2M-9QXT",
    order_number="#1001",
    shop_name="Noorderlicht",
    sender=PostalAddress("Anna de Vries", "Damrak", "1012 JS", "Amsterdam", "NL", house_number="1"),
    recipient=PostalAddress(
        "Retouren", "Pakhuisweg", "2611 GX", "Delft", "NL", company="Noorderlicht B.V."
    ),
    language="nl",
    created_at=START,
    hand_in_by=date(2026, 12, 7),
)


class ScriptedCarrier:
    """A carrier outside our walls: it answers as told and remembers what it was asked."""

    code = "postnl"
    name = "PostNL"
    is_test = False

    def __init__(self) -> None:
        self.requests: list[HandoffRequest] = []
        self.voided: list[str] = []
        self.failures: list[Exception] = []
        self.during: Any = None

    def prepare(self, request: HandoffRequest) -> Handoff:
        self.requests.append(request)
        if self.during:
            self.during()
        if self.failures:
            raise self.failures.pop(0)
        return Handoff(
            tracking_no=f"3S-{request.reference}",
            document=b"%PDF-1.3 x",
            media_type="application/pdf",
        )

    def void(self, *, reference: str, tracking_no: str) -> None:
        self.voided.append(tracking_no)


@pytest.fixture
def carrier() -> Iterator[ScriptedCarrier]:
    """PostNL answered by a stand-in, as it would be by a real interface."""
    scripted = ScriptedCarrier()
    before = registry._CARRIERS["postnl"]
    registry._CARRIERS["postnl"] = scripted
    yield scripted
    registry._CARRIERS["postnl"] = before


@pytest.fixture
def return_(session: Session, shop: Any, factories: Any, kept: Kept) -> Return:
    return kept(lambda: factories.make_return(session, factories.make_order(session, shop)))


def shipment_of(session: Session, return_: Return) -> ReturnShipment:
    session.rollback()
    return session.scalars(
        select(ReturnShipment).where(ReturnShipment.return_id == return_.id)
    ).one()


@pytest.mark.parametrize("carrier", registry.all_carriers(), ids=lambda each: each.code)
@pytest.mark.parametrize("kind", ["label_pdf", "qr_code", "code", "none"])
def test_every_carrier_repeats_itself_for_the_same_reference(
    app: Flask, carrier: ReturnCarrier, kind: str
) -> None:
    request = replace(REQUEST, carrier=carrier.code, kind=kind)
    with app.app_context():
        first, second = carrier.prepare(request), carrier.prepare(request)
        other = carrier.prepare(replace(request, reference="RS-2"))
        carrier.void(reference="RS-1", tracking_no=first.tracking_no)
        carrier.void(reference="RS-1", tracking_no=first.tracking_no)
    assert first == second
    assert (first.document is not None) == (kind == "label_pdf")
    assert (first.media_type == "application/pdf") == (kind == "label_pdf")
    if kind in ("qr_code", "code"):
        assert first.code
        assert first.code_kind == ("shop" if carrier.code == "own" else "carrier")
    if first.tracking_no:
        assert first.tracking_no != other.tracking_no


@pytest.mark.parametrize("carrier", registry.all_carriers(), ids=lambda each: each.code)
def test_what_a_test_mode_carrier_gives_says_test(app: Flask, carrier: ReturnCarrier) -> None:
    with app.app_context():
        label = carrier.prepare(replace(REQUEST, carrier=carrier.code))
        code = carrier.prepare(replace(REQUEST, carrier=carrier.code, kind="qr_code"))
    assert label.document is not None
    marked = "TEST" in pdf.text(label.document)
    assert marked == carrier.is_test
    assert label.tracking_no.startswith("TEST") == carrier.is_test
    assert code.code.startswith("TEST") == carrier.is_test


def test_an_unknown_carrier_is_refused_not_guessed() -> None:
    with pytest.raises(CarrierRefused):
        registry.find_carrier("pigeon_post")


def test_museum_37_the_label_goes_from_the_customer_to_the_return_address(
    session: Session, return_: Return, shop: Any, carrier: ScriptedCarrier
) -> None:
    prepare_handoffs(return_id=return_.id)
    (asked,) = carrier.requests
    assert (asked.sender.name, asked.sender.postcode) == ("Anna de Vries", "1012 JS")
    assert asked.sender.email == return_.email
    assert (asked.recipient.street, asked.recipient.postcode) == ("Pakhuisweg", "2611 GX")
    assert asked.recipient.company == shop.name
    assert asked.recipient.email == ""
    last = return_.hand_in_by - timedelta(seconds=1)
    assert asked.hand_in_by == last.astimezone(ZoneInfo(shop.time_zone)).date()


def test_a_province_stands_on_the_label_as_on_an_envelope(
    session: Session, return_: Return, shop: Any, carrier: ScriptedCarrier
) -> None:
    shop.return_address.country, shop.return_address.province = "ES", "M"
    shop.return_address.city = "Alcalá de Henares"
    session.commit()
    prepare_handoffs(return_id=return_.id)
    assert carrier.requests[0].recipient.city == "Alcalá de Henares Madrid"


def test_museum_37_the_printed_label_says_the_same(session: Session, return_: Return) -> None:
    prepare_handoffs(return_id=return_.id)
    shipment = shipment_of(session, return_)
    assert shipment.document is not None
    data = read_label(shipment.document)
    assert data is not None
    words = pdf.text(data)
    to, _, sender = words.partition("Afzender" if "Afzender" in words else "Sender")
    assert "2611 GX Delft" in to
    assert "1012 JS Amsterdam" in sender
    assert return_.email not in words
    assert pdf.codes(pdf.pages(data)[0]) == {
        ("Code 128", return_.number),
        ("QR Code", return_.number),
    }


def test_preparing_twice_makes_one_label(
    session: Session, return_: Return, carrier: ScriptedCarrier
) -> None:
    prepare_handoffs(return_id=return_.id)
    ready_at = shipment_of(session, return_).ready_at
    prepare_handoffs(return_id=return_.id)
    assert len(carrier.requests) == 1
    assert shipment_of(session, return_).ready_at == ready_at


def test_invariant_12_a_worker_that_dies_before_writing_asks_again_by_the_same_reference(
    app: Flask, session: Session, return_: Return, carrier: ScriptedCarrier
) -> None:
    class Killed(BaseException):
        """What `kill -9` looks like from inside: nothing after it runs."""

    def die() -> None:
        raise Killed

    carrier.during = die
    with pytest.raises(Killed):
        prepare_handoffs(return_id=return_.id)
    session.rollback()
    carrier.during = None
    prepare_handoffs(return_id=return_.id)
    first, second = carrier.requests
    assert first == second
    assert shipment_of(session, return_).state == "ready"
    assert [path.name for path in label_folder().glob(f"*-{shipment_of(session, return_).id}.pdf")]


def test_two_workers_at_once_leave_one_result(
    session: Session, return_: Return, carrier: ScriptedCarrier
) -> None:
    def overtake() -> None:
        carrier.during = None
        prepare_handoffs(return_id=return_.id)

    carrier.during = overtake
    prepare_handoffs(return_id=return_.id)
    assert len({request.reference for request in carrier.requests}) == 1
    assert shipment_of(session, return_).state == "ready"
    assert carrier.voided == []


def test_a_carrier_that_is_down_is_asked_again_and_the_return_stays(
    app: Flask, session: Session, return_: Return, carrier: ScriptedCarrier, clock: Any
) -> None:
    clock.set(START)
    enqueue([handoff_row(shop_id=return_.shop_id, return_id=return_.id, now=START)])
    session.commit()
    carrier.failures = [CarrierDown("time-out"), CarrierDown("503")]
    drain(app)
    assert shipment_of(session, return_).state == "pending"
    clock.advance(minutes=1)
    drain(app)
    clock.advance(minutes=2)
    drain(app)
    assert shipment_of(session, return_).state == "ready"
    assert session.get_one(Return, return_.id).status == "approved"
    assert len(carrier.requests) == 3


def test_what_one_carrier_refuses_keeps_nothing_else_from_being_made(
    app: Flask, session: Session, return_: Return, carrier: ScriptedCarrier, clock: Any
) -> None:
    clock.set(START)
    first = shipment_of(session, return_)
    columns = ("return_id", "carrier", "method", "kind", "created_at")
    for _more in range(2):
        session.add(ReturnShipment(**{name: getattr(first, name) for name in columns}))
    enqueue([handoff_row(shop_id=return_.shop_id, return_id=return_.id, now=START)])
    session.commit()
    carrier.failures = [CarrierRefused("No such street."), CarrierRefused("Too heavy.")]
    drain(app)
    query = select(ReturnShipment.state, ReturnShipment.error).order_by(ReturnShipment.id)
    made = session.execute(query.where(ReturnShipment.return_id == return_.id)).all()
    assert [tuple(each) for each in made] == [
        ("failed", "No such street."),
        ("failed", "Too heavy."),
        ("ready", ""),
    ]
    assert session.scalars(select(Outbox.last_error).where(
        Outbox.kind == "prepare_handoff")).one() == "No such street.; Too heavy."  # fmt: skip


def test_a_refusal_is_final_and_says_why_to_the_merchant(
    app: Flask, session: Session, return_: Return, carrier: ScriptedCarrier, clock: Any
) -> None:
    clock.set(START)
    enqueue([handoff_row(shop_id=return_.shop_id, return_id=return_.id, now=START)])
    session.commit()
    carrier.failures = [CarrierRefused("The contract does not include returns.")]
    drain(app)
    shipment = shipment_of(session, return_)
    assert shipment.state == "failed"
    assert shipment.error == "The contract does not include returns."
    assert session.scalars(select(Outbox)).one().state == "failed"
    clock.advance(days=4)
    drain(app)
    assert len(carrier.requests) == 1


def test_a_carrier_down_for_three_days_fails_visibly(
    app: Flask, session: Session, return_: Return, carrier: ScriptedCarrier, clock: Any
) -> None:
    clock.set(START)
    enqueue([handoff_row(shop_id=return_.shop_id, return_id=return_.id, now=START)])
    session.commit()
    carrier.failures = [CarrierDown("503")] * 100
    while session.scalars(select(Outbox)).one().state == "pending":
        drain(app)
        session.rollback()
        clock.set(max(START, session.scalars(select(Outbox)).one().next_try_at))
    shipment = shipment_of(session, return_)
    assert shipment.state == "failed"
    assert shipment.error == "CarrierDown"


def test_a_return_cancelled_while_the_carrier_works_gets_its_label_withdrawn(
    session: Session, return_: Return, carrier: ScriptedCarrier
) -> None:
    def cancel() -> None:
        session.get_one(Return, return_.id).status = "cancelled"
        session.commit()

    carrier.during = cancel
    prepare_handoffs(return_id=return_.id)
    shipment = shipment_of(session, return_)
    assert shipment.state == "void"
    assert shipment.document is None
    assert carrier.voided == [f"3S-RS-{shipment.id}"]


def test_a_cancelled_return_is_not_announced_any_more(
    session: Session, return_: Return, carrier: ScriptedCarrier
) -> None:
    return_.status = "cancelled"
    session.commit()
    prepare_handoffs(return_id=return_.id)
    assert carrier.requests == []


def test_cancelling_withdraws_the_label_once_ready(
    app: Flask, session: Session, return_: Return, carrier: ScriptedCarrier
) -> None:
    from returnsite.services.outbox import cancellation_rows

    prepare_handoffs(return_id=return_.id)
    return_.status = "cancelled"
    enqueue(
        cancellation_rows(
            shop_id=return_.shop_id, return_id=return_.id, customer="", now=return_.created_at
        )
    )
    session.commit()
    drain(app)
    shipment = shipment_of(session, return_)
    assert shipment.state == "void"
    assert carrier.voided == [f"3S-RS-{shipment.id}"]


def test_a_label_the_carrier_refuses_to_withdraw_keeps_no_other_from_it(
    session: Session, return_: Return, carrier: ScriptedCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.add(ReturnShipment(return_id=return_.id, kind="label_pdf", method="drop_off_point",
                               carrier="postnl", created_at=START))  # fmt: skip
    session.commit()
    prepare_handoffs(return_id=return_.id)
    kept: list[str] = []

    def void(*, reference: str, tracking_no: str) -> None:
        if not kept:
            kept.append(reference)
            raise CarrierRefused("already scanned")
        carrier.voided.append(reference)

    monkeypatch.setattr(carrier, "void", void)
    with pytest.raises(GiveUp, match="already scanned"):
        void_handoffs(return_id=return_.id)
    assert len(carrier.voided) == 1
    assert carrier.voided != kept


def test_a_shop_without_return_address_gets_its_labels_once_it_has_one(
    app: Flask, session: Session, return_: Return, shop: Any, carrier: ScriptedCarrier, clock: Any
) -> None:
    clock.set(START)
    address_id, shop.return_address_id, shop.active = shop.return_address_id, None, False
    enqueue([handoff_row(shop_id=return_.shop_id, return_id=return_.id, now=START)])
    session.commit()
    drain(app)
    assert carrier.requests == []
    shop.return_address_id = address_id
    session.commit()
    clock.advance(minutes=1)
    drain(app)
    assert shipment_of(session, return_).state == "ready"


def test_a_store_visit_shows_the_return_number_for_the_shops_counter(
    session: Session, shop: Any, factories: Any
) -> None:
    return_ = factories.make_return(
        session, factories.make_order(session, shop), method="in_store", carrier=None, kind="none"
    )
    session.commit()
    prepare_handoffs(return_id=return_.id)
    shipment = shipment_of(session, return_)
    assert (shipment.code, shipment.code_kind) == (return_.number, "shop")
    assert shipment.document is None


def test_no_transaction_is_open_while_the_carrier_is_asked(
    session: Session, return_: Return, carrier: ScriptedCarrier
) -> None:
    open_: list[bool] = []
    carrier.during = lambda: open_.append(session.registry().in_transaction())  # type: ignore[attr-defined]
    prepare_handoffs(return_id=return_.id)
    assert open_ == [False]


def test_the_confirmations_jobs_put_the_hand_off_first(return_: Return) -> None:
    rows = confirmation_rows(
        shop_id=return_.shop_id,
        return_id=return_.id,
        customer=return_.email,
        merchant=None,
        prepare_handoff=True,
        now=START,
    )
    assert rows[0]["kind"] == "prepare_handoff"
