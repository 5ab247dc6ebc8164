"""What texts are found by, and what searches ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.search_terms import (
    TERM_LENGTH,
    after,
    joined_words,
    search_words,
    terms_of,
    terms_of_email,
)


def found(query: str, terms: set[str]) -> bool:
    """As the database decides it: all words, or all of them as one."""

    def starts(word: str) -> bool:
        return any(word <= term < after(word) for term in terms)

    words, joined = search_words(query), joined_words(query)
    return bool(words) and (all(map(starts, words)) or starts(joined))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("R-47731-8WD", "R-47731-8WD"),
        ("r477318wd", "R-47731-8WD"),
        ("R 47731", "R-47731-8WD"),
        ("47731", "R-47731-8WD"),
        ("8wd", "R-47731-8WD"),
        ("R-4773l", "R-47731-8WD"),
        ("R-477318-WD", "R-47731-8WD"),
        ("#1001", "1001"),
        ("1001", "#1001"),
        ("nl48335", "NL-48335"),
        ("48335", "NL-48335"),
        ("3s devc 48", "3SDEVC482170002"),
        ("vries", "Sanne de Vries"),
        ("de vries", "Sanne de Vries"),
        ("devries", "Sanne de Vries"),
        ("vries sanne", "Sanne de Vries"),
        ("SANNE  de", "Sanne de Vries"),
        ("muller", "Jörg Müller"),
        ("MÜLLER", "Jorg Muller"),
        ("strasse", "Straße"),
        ("shirt m", "SHIRT-M"),
        ("o0O", "000"),
        ("المنصور", "فاطمة المنصور"),
        ("王", "王小明"),
        ("\u200b1001\u200b", "#1001"),
    ],
)
def test_a_text_is_found_however_it_is_typed(query: str, text: str) -> None:
    assert found(query, terms_of(text))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "R-47731-8WD"),
        ("  -- #", "R-47731-8WD"),
        ("7731", "R-47731-8WD"),
        ("vries jansen", "Sanne de Vries"),
        ("48336", "NL-48335"),
    ],
)
def test_what_is_not_in_a_text_does_not_find_it(query: str, text: str) -> None:
    assert not found(query, terms_of(text))


@pytest.mark.parametrize(
    "query",
    ["anna.vries@mail.example", "ANNA", "vries", "anna vries", "mail.example", "@mail.example"],
)
def test_an_address_is_found_by_its_name_and_its_host(query: str) -> None:
    assert found(query, terms_of_email("Anna.Vries@mail.example"))


def test_an_address_is_not_found_by_the_end_of_its_host() -> None:
    assert not found("example", terms_of_email("anna@mail.example"))
    assert terms_of_email("no address") == terms_of("no address")
    assert terms_of_email("") == set()


@given(st.text())
def test_every_text_is_found_by_itself_and_no_term_is_too_long(text: str) -> None:
    terms = terms_of(text)
    assert not terms or found(text, terms)
    assert all(0 < len(term) <= TERM_LENGTH for term in terms)


@given(st.text(), st.text(max_size=4))
def test_every_term_begins_with_a_letter_or_digit(text: str, host: str) -> None:
    assert all(term[0].isalnum() for term in terms_of(text) | terms_of_email(f"{text}@{host}"))
