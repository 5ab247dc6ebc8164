"""What people type into the search of orders, and what it finds."""

from __future__ import annotations

import pytest

from returnsite.domain.search import (
    PERSONAL,
    after_all,
    fold,
    number_terms,
    order_terms,
    read_query,
)

TERMS = order_terms(
    number="#NL-48217",
    trackings=["3SDEVC816223392"],
    skus=["SHIRT-M/blue", ""],
    names=["José Núñez-Pérez", ""],
    emails=["jose.nunez@customer.example"],
)


def fits(text: str, terms: set[str] = TERMS) -> bool:
    query = read_query(text)
    assert query is not None
    marks = ("", PERSONAL)
    return any(
        all(any(term.startswith(m + word) for term in terms for m in marks) for word in words)
        for words in query.alternatives
    )


@pytest.mark.parametrize(
    "text",
    [
        *("NL-48217", "#nl 48 217", "nl48", "3s devc 8162 23392", "3sdevc8162"),
        *(
            "48217",
            "482",
            "shirt-m",
            "SHIRT M BLUE",
            "jose",
            "JOSÉ",
            "nunez",
            "Núñez",
            "perez jose",
            "nunezperez",
        ),
        *("jose.nunez@customer.example", "jose.nun", "nunez-p", "jose nl48217", "\u200bjose\u00ad"),
    ],
)
def test_it_is_found_by(text: str) -> None:
    assert fits(text)


@pytest.mark.parametrize(
    "text", ["8217", "L48217", "16223392", "josef", "jose jansen", "customer.example", "unez"]
)
def test_it_is_not_found_by(text: str) -> None:
    assert not fits(text)


@pytest.mark.parametrize("text", ["", "  ", "#", "--", "\x00", "💥"])
def test_without_a_letter_or_digit_nothing_is_looked_for(text: str) -> None:
    assert read_query(text) is None


@pytest.mark.parametrize(
    ("number", "terms"),
    [
        ("#1001", {"1001"}),
        ("NL-48335", {"NL48335", "48335"}),
        ("nl48335", {"NL48335", "48335"}),
        ("2026/W3/0042", {"2026W30042", "W30042", "0042", "42"}),
        ("000123", {"000123", "123"}),
        ("5f3a9c1e", {"5F3A9C1E"}),
        ("", set()),
        ("000", {"000"}),
    ],
)
def test_a_number_is_found_from_each_of_its_parts_on(number: str, terms: set[str]) -> None:
    assert number_terms(number) == terms


def test_a_number_of_many_parts_has_few_terms() -> None:
    assert len(number_terms("-".join("x" * 90))) <= 7


def test_personal_terms_are_marked_and_others_are_not() -> None:
    plain = {term for term in TERMS if not term.startswith(PERSONAL)}
    assert plain == {"NL48217", "48217", "3SDEVC816223392", "SHIRTMBLUE"}
    assert "@NUNEZPEREZ" in TERMS


def test_terms_fit_the_column_and_sort_before_the_end_of_their_range() -> None:
    terms = order_terms(
        number="9-" * 300, trackings=["8" * 300], skus=[], names=["𐐷" * 300], emails=["x" * 300]
    )
    assert all(len(term) <= 64 for term in terms)
    assert all(term.encode() < after_all(term[:2]).encode() for term in terms)


def test_folding_keeps_letters_of_every_script() -> None:
    assert fold("Ångström-ß 北京 ٣") == "ANGSTROMSS北京3"
