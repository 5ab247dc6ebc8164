"""What a return still comes to: never below nothing, never below what was paid, never twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.ledger import (
    Balance,
    Cause,
    Channel,
    Entry,
    LineUnits,
    MoneyState,
    Paid,
    Pot,
    Totals,
    balance,
    corrected,
    follow_counts,
    paid_totals,
    postage,
    totals,
    waivers,
)
from returnsite.domain.policy import Resolution
from returnsite.domain.refunds import EntryType

T, R = EntryType, Resolution


def items(amount: int, line: int = 1, resolution: Resolution = R.MONEY) -> Entry:
    return Entry(T.ITEMS, amount, line, resolution)


def fee(amount: int) -> Entry:
    return Entry(T.FEE, -amount)


def correction(amount: int, pot: Pot = Pot.MONEY, line: int | None = None) -> Entry:
    return Entry(T.CORRECTION, amount, line, None, pot, Cause.AGREED)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], Totals()),
        ([items(1995), fee(395)], Totals(money=1600)),
        ([items(1995, resolution=R.CREDIT), fee(395)], Totals(credit=1600)),
        ([items(200), items(1995, 2, R.CREDIT), fee(395)], Totals(credit=1800)),
        ([items(100), fee(395)], Totals()),
        ([items(1995, resolution=R.CREDIT), Entry(T.BONUS, 199, 1, R.CREDIT)], Totals(credit=2194)),
        ([items(1995), Entry(T.OUTBOUND_SHIPPING, 495)], Totals(money=2490)),
        (
            [items(1995, resolution=R.CREDIT), Entry(T.OUTBOUND_SHIPPING, 495)],
            Totals(credit=2490),
        ),
        ([Entry(T.EXCHANGE_DIFFERENCE, 500, 1, R.EXCHANGE)], Totals(money=500)),
        ([Entry(T.EXCHANGE_DIFFERENCE, -500, 1, R.EXCHANGE)], Totals(to_pay=500)),
        (
            [items(200, 2), Entry(T.EXCHANGE_DIFFERENCE, -500, 1, R.EXCHANGE)],
            Totals(to_pay=300),
        ),
        ([items(1995), fee(395), correction(-100)], Totals(money=1500)),
        ([items(1995), correction(300, Pot.CREDIT)], Totals(money=1995, credit=300)),
    ],
)
def test_the_pots_fill_as_the_statement_did(entries: list[Entry], expected: Totals) -> None:
    assert totals(entries) == expected


def test_museum_31_a_pending_payout_counts_once_and_a_failed_one_never() -> None:
    payouts = [
        Paid(2500, Channel.BANK, "pending"),
        Paid(2500, Channel.CASH, "done"),
        Paid(9900, Channel.BANK, "failed"),
        Paid(100, Channel.CREDIT, "done"),
    ]
    assert paid_totals(payouts) == Totals(money=5000, credit=100)
    found = balance([items(7500)], payouts)
    assert (found.open_money, found.open_credit) == (2500, 0)
    assert found.open_of(Channel.ORIGINAL) == 2500
    assert found.state is MoneyState.PARTLY_PAID


@pytest.mark.parametrize(
    ("due", "paid", "state"),
    [(0, 0, MoneyState.NONE), (5, 0, MoneyState.DUE), (5, 4, MoneyState.PARTLY_PAID),
     (5, 5, MoneyState.PAID)],
)  # fmt: skip
def test_money_is_in_one_of_four_states(due: int, paid: int, state: MoneyState) -> None:
    assert Balance(Totals(money=due), Totals(money=paid)).state is state


def test_a_refused_exchange_leaves_the_customer_owing_nothing() -> None:
    ledger = [Entry(T.EXCHANGE_DIFFERENCE, -500, 1, R.EXCHANGE)]
    added = follow_counts(ledger, [LineUnits(1, 1, not_accepted=1)], Totals())
    assert totals([*ledger, *added]) == Totals()


def test_an_exchange_that_comes_after_its_refusal_takes_no_paid_money_back() -> None:
    ledger = [Entry(T.OUTBOUND_SHIPPING, 100), Entry(T.EXCHANGE_DIFFERENCE, -500, 1, R.EXCHANGE)]
    ledger += follow_counts(ledger, [LineUnits(1, 1, not_accepted=1)], Totals())
    assert totals(ledger) == Totals(money=100)
    ledger += follow_counts(ledger, [LineUnits(1, 1)], Totals(money=100))
    assert totals(ledger) == Totals(money=100)


def test_the_fee_is_no_debt_when_nothing_is_accepted() -> None:
    ledger = [items(1995), fee(395)]
    added = follow_counts(ledger, [LineUnits(1, 1, not_accepted=1)], Totals())
    assert totals([*ledger, *added]) == Totals()
    assert sum(entry.amount for entry in [*ledger, *added]) == 0


@pytest.mark.parametrize("resolution", [R.MONEY, R.CREDIT])
def test_postage_goes_back_only_with_everything(resolution: R) -> None:
    ledger = [items(1000, 1, resolution), items(2000, 2, resolution)]
    ledger += [Entry(T.OUTBOUND_SHIPPING, 495), Entry(T.EXCHANGE_DIFFERENCE, 0, 3, R.EXCHANGE)]
    whole = [LineUnits(1, 1), LineUnits(2, 1), LineUnits(3, 1, exchanged=True)]

    def due(*units: LineUnits) -> int:
        return totals([*ledger, *follow_counts(ledger, units, Totals())]).total

    assert due(*whole[:2], LineUnits(3, 1, missing=1, exchanged=True)) == 3495
    assert due(whole[0], LineUnits(2, 1, not_accepted=1)) == 1495
    assert due(whole[0], LineUnits(2, 1, missing=1)) == 1000
    ledger += follow_counts(ledger, [whole[0], LineUnits(2, 1, missing=1)], Totals())
    assert postage(ledger) == 0
    ledger += follow_counts(ledger, whole, Totals())
    assert (totals(ledger).total, postage(ledger)) == (3495, 495)


def test_postage_that_was_paid_is_not_asked_back() -> None:
    ledger = [items(1000, 1), items(2000, 2), Entry(T.OUTBOUND_SHIPPING, 495)]
    paid = Totals(money=1300)
    ledger += follow_counts(ledger, [LineUnits(1, 1), LineUnits(2, 1, missing=1)], paid)
    assert (totals(ledger).money, postage(ledger)) == (1300, 300)


def test_no_line_corrects_another() -> None:
    ledger = [items(1000, 1), items(2000, 2, R.CREDIT)]
    units = [LineUnits(1, 1, not_accepted=1), LineUnits(2, 1)]
    (added,) = follow_counts(ledger, units, Totals())
    assert (added.line_id, added.amount, added.pot) == (1, -1000, Pot.MONEY)


def test_waiving_leaves_nothing_open() -> None:
    ledger = [items(1000, 1), items(2000, 2, R.CREDIT)]
    paid = Totals(money=300)
    assert totals([*ledger, *waivers(ledger, paid)]) == paid


amounts = st.integers(0, 100_000)


@st.composite
def returns(draw: st.DrawFn) -> tuple[list[Entry], list[tuple[int, int]]]:
    """A statement's ledger, and the quantity of each line."""
    entries: list[Entry] = []
    lines: list[tuple[int, int]] = []
    for line in range(1, draw(st.integers(1, 4)) + 1):
        resolution = draw(st.sampled_from(R))
        lines.append((line, draw(st.integers(1, 7))))
        if resolution is R.EXCHANGE:
            difference = draw(st.integers(-50_000, 50_000))
            entries.append(Entry(T.EXCHANGE_DIFFERENCE, difference, line, resolution))
            continue
        entries.append(items(draw(amounts), line, resolution))
        if resolution is R.CREDIT:
            entries.append(Entry(T.BONUS, draw(st.integers(0, 5_000)), line, resolution))
    entries.append(Entry(T.OUTBOUND_SHIPPING, draw(st.integers(0, 2_000))))
    gross = totals(entries).total
    entries.append(fee(draw(st.integers(0, min(2_000, gross)))))
    return entries, lines


@st.composite
def counts(draw: st.DrawFn, lines: list[tuple[int, int]]) -> list[LineUnits]:
    made = []
    for line, quantity in lines:
        refused = draw(st.integers(0, quantity))
        made.append(LineUnits(line, quantity, refused, draw(st.integers(0, quantity - refused))))
    return made


@given(st.data())
def test_invariant_07_no_counts_and_payouts_bring_the_ledger_below_what_was_paid(
    data: st.DataObject,
) -> None:
    ledger, lines = data.draw(returns())
    promised = totals(ledger)
    paid = Totals()
    for _round in range(data.draw(st.integers(1, 5))):
        ledger += follow_counts(ledger, data.draw(counts(lines)), paid)
        due = totals(ledger)
        assert due.money >= paid.money
        assert due.credit >= paid.credit
        assert due.signed == sum(entry.amount for entry in ledger)
        paid = Totals(
            data.draw(st.integers(paid.money, due.money)),
            data.draw(st.integers(paid.credit, due.credit)),
        )
    whole = [LineUnits(line, quantity) for line, quantity in lines]
    ledger += follow_counts(ledger, whole, paid)
    due = totals(ledger)
    if paid.money <= promised.money and paid.credit <= promised.credit:
        assert due == promised, "all of it came after all"
    assert due.money >= paid.money
    assert due.credit >= paid.credit


@given(st.data())
def test_counting_the_same_twice_adds_nothing(data: st.DataObject) -> None:
    ledger, lines = data.draw(returns())
    units = data.draw(counts(lines))
    ledger += follow_counts(ledger, units, Totals())
    assert follow_counts(ledger, units, Totals()) == ()


@given(st.data())
def test_more_refused_is_never_more_money(data: st.DataObject) -> None:
    ledger, lines = data.draw(returns())
    line, quantity = lines[0]
    dues = [
        totals([*ledger, *follow_counts(ledger, [LineUnits(line, quantity, n)], Totals())]).signed
        for n in range(quantity + 1)
    ]
    owes = any(
        e.amount < 0 for e in ledger if e.type is T.EXCHANGE_DIFFERENCE and e.line_id == line
    )
    assert dues == sorted(dues, reverse=not owes)


@given(st.data(), st.integers(1, 200_000))
def test_a_correction_takes_no_more_than_is_open(data: st.DataObject, amount: int) -> None:
    ledger, _lines = data.draw(returns())
    due = totals(ledger)
    paid = Totals(data.draw(st.integers(0, due.money)), data.draw(st.integers(0, due.credit)))
    pot = data.draw(st.sampled_from([Pot.MONEY, Pot.CREDIT]))
    borne = corrected(ledger, correction(-amount, pot), paid)
    after = totals([*ledger, correction(borne, pot)])
    assert -amount <= borne <= 0
    assert after.money >= paid.money
    assert after.credit >= paid.credit
