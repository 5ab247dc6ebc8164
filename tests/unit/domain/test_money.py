"""Amounts: minor units, rounding and splitting, and what merchants type."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.errors import AmountInvalid
from returnsite.domain.money import (
    allocate,
    exponent,
    from_decimal,
    line_share,
    parse_amount,
    round_half_up,
    to_decimal,
)

amounts = st.integers(0, 10**9)
currencies = st.sampled_from(["EUR", "JPY", "KWD", "CLF", "PLN"])


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("EUR", 2), ("USD", 2), ("HUF", 2), ("JPY", 0), ("ISK", 0), ("KWD", 3), ("CLF", 4)],
)
def test_a_currency_has_the_exponent_iso_4217_gives_it(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


@pytest.mark.parametrize(
    ("number", "rounded"),
    [
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(5, 2), 3),
        (Fraction(249, 100), 2),
        (Fraction(-249, 100), -2),
        (Fraction(0), 0),
    ],
)
def test_a_half_goes_away_from_zero(number: Fraction, rounded: int) -> None:
    assert round_half_up(number) == rounded


@pytest.mark.parametrize(
    ("text", "currency", "locale", "minor"),
    [
        ("1.234,56", "EUR", "nl-NL", 123456),
        ("1,234.56", "EUR", "en-US", 123456),
        ("3,95", "EUR", "nl", 395),
        ("3.95", "EUR", "en", 395),
        ("3.95", "EUR", "nl-NL", 395),
        ("3,9", "EUR", "en-US", 390),
        ("4", "EUR", "nl-NL", 400),
        ("0", "EUR", "nl-NL", 0),
        (",50", "EUR", "nl-NL", 50),
        ("1.234", "EUR", "nl-NL", 123400),
        ("1,234", "EUR", "en-US", 123400),
        ("€ 4,95", "EUR", "nl-NL", 495),
        ("€\u00a04,95", "EUR", "nl-NL", 495),
        ("4,95 EUR", "EUR", "nl-NL", 495),
        ("5,-", "EUR", "nl-NL", 500),
        ("1 234,50", "EUR", "fr-FR", 123450),
        ("1\u202f234,50", "EUR", "fr-FR", 123450),
        ("1'234.50", "CHF", "de-CH", 123450),
        ("1.234,50", "EUR", "de-DE", 123450),
        ("3,955", "KWD", "nl-NL", 3955),
        ("3.955", "KWD", "en", 3955),
        ("1234567", "EUR", "en", 123456700),
        ("123.456,00", "EUR", "nl-NL", 12345600),
        ("9" * 12, "EUR", "nl", int("9" * 12 + "00")),
    ],
)
def test_an_amount_is_read_the_way_its_locale_writes_it(
    text: str, currency: str, locale: str, minor: int
) -> None:
    assert parse_amount(text, currency, locale) == minor


@pytest.mark.parametrize(
    ("text", "currency", "locale", "code"),
    [
        ("", "EUR", "nl", "amount_invalid"),
        ("gratis", "EUR", "nl", "amount_invalid"),
        ("-1", "EUR", "nl", "amount_invalid"),
        ("1e3", "EUR", "nl", "amount_invalid"),
        ("3,95,10", "EUR", "nl", "amount_invalid"),
        ("1,234.56", "EUR", "nl-NL", "amount_invalid"),
        ("1.234,56", "EUR", "en-US", "amount_invalid"),
        ("12.34.56", "EUR", "nl-NL", "amount_invalid"),
        ("0.123", "EUR", "nl-NL", "amount_invalid"),
        (".123", "EUR", "nl-NL", "amount_invalid"),
        ("1234.567", "EUR", "nl-NL", "amount_invalid"),
        ("1.23.456", "EUR", "nl-NL", "amount_invalid"),
        ("1 2", "EUR", "nl-NL", "amount_invalid"),
        ("٣,٩٥", "EUR", "nl", "amount_invalid"),
        ("3,955", "EUR", "nl", "amount_too_precise"),
        ("5,5", "JPY", "nl", "amount_too_precise"),
        ("1.234", "KWD", "nl-NL", "amount_ambiguous"),
        ("9" * 13, "EUR", "nl", "amount_too_large"),
        ("9" * 5000, "EUR", "nl", "amount_invalid"),
    ],
)
def test_an_amount_that_can_be_misread_is_refused(
    text: str, currency: str, locale: str, code: str
) -> None:
    with pytest.raises(AmountInvalid) as refusal:
        parse_amount(text, currency, locale)

    assert refusal.value.code == code
    assert isinstance(refusal.value, ValueError)


@given(amounts, currencies, st.sampled_from(["nl-NL", "en-US", "de-CH", "fr-FR", "pl"]))
def test_what_a_locale_writes_is_read_back(minor: int, currency: str, locale: str) -> None:
    mark = "." if locale in {"en-US", "de-CH"} else ","
    text = str(to_decimal(minor, currency)).replace(".", mark)

    assert parse_amount(text, currency, locale) == minor


@given(st.text(max_size=60), currencies, st.sampled_from(["nl-NL", "en-US"]))
def test_no_text_does_worse_than_being_refused(text: str, currency: str, locale: str) -> None:
    try:
        minor = parse_amount(text, currency, locale)
    except AmountInvalid:
        return
    assert minor >= 0


def test_museum_32_yen_dinar_and_euro_keep_their_size() -> None:
    assert to_decimal(5800, "JPY") == Decimal(5800)
    assert from_decimal(Decimal(5800), "JPY") == 5800
    assert from_decimal(Decimal("5800"), "EUR") == 580_000
    assert from_decimal(Decimal("1.234"), "KWD") == 1234
    assert str(to_decimal(1234, "KWD")) == "1.234"
    assert parse_amount("¥5,800", "JPY", "en-US") == 5800
    assert parse_amount("5.800", "JPY", "nl-NL") == 5800
    assert parse_amount("1.234,56", "EUR", "nl-NL") == parse_amount("1,234.56", "EUR", "en-US")


@given(st.integers(-(10**12) + 1, 10**12 - 1), currencies)
def test_a_decimal_goes_there_and_back(minor: int, currency: str) -> None:
    assert from_decimal(to_decimal(minor, currency), currency) == minor


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e12", "1e999999"])
def test_a_decimal_that_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(AmountInvalid):
        from_decimal(Decimal(text), "EUR")


def test_a_vanishing_decimal_is_nothing() -> None:
    assert from_decimal(Decimal("1e-999999"), "EUR") == 0
    assert from_decimal(Decimal("0e999999"), "EUR") == 0


def test_museum_21_six_decimals_are_rounded_once() -> None:
    net, tax = Decimal("8.256199"), Decimal("1.733802")

    assert from_decimal(net + tax, "EUR") == 999
    assert from_decimal(Decimal("1.004999999"), "EUR") == 100
    assert from_decimal(Decimal("1.005"), "EUR") == 101


def test_museum_22_the_line_is_the_truth_not_the_unit_price() -> None:
    line_paid = from_decimal(Decimal("13.956300") * 9, "EUR")
    assert line_paid == 12561

    one_by_one = _return_in_slices(line_paid, 9, [1] * 9)

    assert sum(one_by_one) == line_paid
    assert set(one_by_one) == {1395, 1396}


def test_museum_20_twenty_five_per_cent_off_can_be_refunded_to_the_last_cent() -> None:
    line_paid = from_decimal(Decimal("23.90") * 10 * Decimal("0.75"), "GBP")
    assert line_paid == 17925

    assert sum(_return_in_slices(line_paid, 10, [3, 3, 3, 1])) == line_paid


@given(
    st.decimals(0, 9999, places=2),
    st.integers(0, 100),
    st.integers(0, 25),
    st.integers(1, 60),
    st.data(),
)
def test_museum_20_no_price_rate_and_quantity_gives_a_cent_too_much(
    price: Decimal, percent_off: int, vat: int, quantity: int, data: st.DataObject
) -> None:
    gross = price * quantity * (100 - percent_off) / 100 * (100 + vat) / 100
    line_paid = from_decimal(gross, "EUR")

    slices = _return_in_slices(line_paid, quantity, data.draw(_partitions(quantity)))

    assert sum(slices) == line_paid
    assert min(slices) >= 0


def test_museum_16_any_order_of_returns_refunds_the_order_wide_discount_once() -> None:
    prices, discount = [600, 400], 100
    off = allocate(discount, prices)
    paid = [price - part for price, part in zip(prices, off, strict=True)]

    refunds = [_return_in_slices(amount, 1, [1])[0] for amount in paid]

    assert paid == [540, 360]
    assert sum(refunds) == sum(prices) - discount


def test_units_returned_in_slices_share_the_amount_fairly() -> None:
    assert _return_in_slices(100, 3, [1, 1, 1]) == [33, 34, 33]
    assert _return_in_slices(100, 3, [2, 1]) == [67, 33]
    assert _return_in_slices(0, 3, [1, 2]) == [0, 0]


def test_after_a_cancelled_return_the_slices_still_sum_to_what_was_paid() -> None:
    first, second, third = _return_in_slices(100, 3, [1, 1, 1])
    assert (first, second, third) == (33, 34, 33)
    live = second + third

    again = line_share(
        line_paid=100, quantity=3, returned_before=2, amount_before=live, returning=1
    )

    assert live + again == 100


@given(amounts, st.integers(1, 40), st.data())
def test_returns_and_cancellations_in_any_order_never_exceed_what_was_paid(
    line_paid: int, quantity: int, data: st.DataObject
) -> None:
    live: list[tuple[int, int]] = []
    for _ in range(data.draw(st.integers(1, 12))):
        units, amount = sum(n for n, _ in live), sum(share for _, share in live)
        if live and data.draw(st.booleans()):
            live.pop(data.draw(st.integers(0, len(live) - 1)))
        elif units < quantity:
            returning = data.draw(st.integers(1, quantity - units))
            share = line_share(
                line_paid=line_paid,
                quantity=quantity,
                returned_before=units,
                amount_before=amount,
                returning=returning,
            )
            live.append((returning, share))
        assert all(share >= 0 for _, share in live)
        assert sum(share for _, share in live) <= line_paid
        if sum(n for n, _ in live) == quantity:
            assert sum(share for _, share in live) == line_paid


def test_more_units_than_were_bought_get_no_more_than_was_paid() -> None:
    given_ = {"line_paid": 100, "quantity": 2}

    assert line_share(**given_, returned_before=0, amount_before=0, returning=5) == 100
    assert line_share(**given_, returned_before=2, amount_before=100, returning=1) == 0


def test_a_share_is_never_more_than_what_is_left() -> None:
    assert (
        line_share(line_paid=100, quantity=2, returned_before=1, amount_before=90, returning=1)
        == 10
    )
    assert (
        line_share(line_paid=100, quantity=3, returned_before=1, amount_before=90, returning=1) == 0
    )


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [600, 400], [60, 40]),
        (100, [1, 1, 1], [34, 33, 33]),
        (10, [1, 2, 4], [1, 3, 6]),
        (5, [0, 0], [3, 2]),
        (5, [0, 7], [0, 5]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (0, [3, 4], [0, 0]),
    ],
)
def test_a_total_is_split_by_weight(total: int, weights: list[int], parts: list[int]) -> None:
    assert allocate(total, weights) == parts


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_the_parts_of_a_total_sum_to_it(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)

    assert sum(parts) == total
    fair = [Fraction(total * w, sum(weights)) for w in weights] if any(weights) else []
    assert all(abs(part - share) < 1 for part, share in zip(parts, fair, strict=False))


@pytest.mark.parametrize("weights", [[], [1, -1]])
def test_weights_must_make_sense(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        allocate(100, weights)


def _return_in_slices(line_paid: int, quantity: int, slices: list[int]) -> list[int]:
    """The shares of one return after the other."""
    shares: list[int] = []
    units = 0
    for returning in slices:
        shares.append(
            line_share(
                line_paid=line_paid,
                quantity=quantity,
                returned_before=units,
                amount_before=sum(shares),
                returning=returning,
            )
        )
        units += returning
    return shares


@st.composite
def _partitions(draw: st.DrawFn, quantity: int) -> list[int]:
    """All units in one or more slices."""
    slices = []
    while quantity:
        slices.append(draw(st.integers(1, quantity)))
        quantity -= slices[-1]
    return slices
