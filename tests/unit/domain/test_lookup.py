"""Numbers and postcodes as people type them, and personal data as others may see it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.lookup import (
    mask_email,
    mask_name,
    mask_postcode,
    normalise_number,
    normalise_postcode,
)


@pytest.mark.parametrize(
    "text",
    [
        "3SDEVC816223392",
        "3sdevc816223392",
        " 3S DEVC 816 223 392 ",
        "3S-DEVC-816223392",
        "3S\u200bDEVC\u00ad816223392\ufeff",
        "３ＳＤＥＶＣ８１６２２３３９２",
        "3SDEVC816223392.",
        "3SDEVC٨١٦٢٢٣٣٩٢",
        "\u31643SDEVC816223392\u202e",
    ],
)
def test_a_number_is_the_same_however_it_is_typed(text: str) -> None:
    assert normalise_number(text) == "3SDEVC816223392"


@pytest.mark.parametrize(
    ("text", "number"),
    [("#1001", "1001"), ("NL-48217", "NL48217"), ("straße-1", "STRASSE1"), ("—#—", ""), ("", "")],
)
def test_only_letters_and_digits_count(text: str, number: str) -> None:
    assert normalise_number(text) == number


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("2611 GX", "2611GX"),
        ("2611gx", "2611GX"),
        ("NL-2611GX", "2611GX"),
        ("nl 2611 gx", "2611GX"),
        ("L-1234", "1234"),
        ("LU-1234", "1234"),
        ("D-10115", "10115"),
        ("DE 10115", "10115"),
        ("B-1000", "1000"),
        ("CH-8001", "8001"),
        ("S-111 22", "11122"),
        ("SE-111 22", "11122"),
        ("FIN-00100", "00100"),
        ("PL 00-950", "00950"),
        ("1000-123", "1000123"),
        ("sw1a 1aa", "SW1A1AA"),
        ("L1 8JQ", "L18JQ"),
        ("B1 1AA", "B11AA"),
        ("D02 X285", "D02X285"),
        ("D02 1234", "D021234"),
        ("", ""),
    ],
)
def test_a_postcode_is_compared_without_spaces_case_or_country(text: str, postcode: str) -> None:
    assert normalise_postcode(text) == postcode


@pytest.mark.parametrize(
    ("text", "country", "postcode"),
    [
        ("US-90210", "US", "90210"),
        ("2611 GX", "NL", "2611GX"),
        ("NL2611", "NL", "2611"),
        ("VLT 1117", "MT", "VLT1117"),
        ("L-1234", "LU", "1234"),
        ("10115", "de", "10115"),
    ],
)
def test_a_known_country_cuts_its_own_prefix(text: str, country: str, postcode: str) -> None:
    assert normalise_postcode(text, country) == postcode


@given(st.text(max_size=300))
def test_whatever_is_pasted_comes_out_short_plain_and_stable(text: str) -> None:
    number, postcode = normalise_number(text), normalise_postcode(text)

    assert len(number) <= 64
    assert len(postcode) <= 16
    assert (number + postcode).isalnum() or not number + postcode
    assert normalise_number(number) == number


@given(
    st.sampled_from(["2611GX", "10115", "1234", "SW1A1AA", "00950", "11122", "D02X285"]),
    st.lists(st.sampled_from([" ", "-", ".", "\u200b", "\u00a0"]), max_size=5),
    st.booleans(),
)
def test_noise_in_a_postcode_changes_nothing(code: str, noise: list[str], lower: bool) -> None:
    typed = code.lower() if lower else code
    for place, mark in enumerate(noise):
        typed = typed[: place * 2] + mark + typed[place * 2 :]

    assert normalise_postcode(typed) == code


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("jan@gmail.com", "j•••@gmail.com"),
        ("s.devries@example.nl", "s•••@example.nl"),
        ('"a@b"@example.nl', '"•••@example.nl'),
        ("@example.nl", "•••@example.nl"),
        ("nonsense", "•••"),
        ("", "•••"),
    ],
)
def test_an_address_is_masked_but_recognisable(address: str, masked: str) -> None:
    assert mask_email(address) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Sanne de Vries", "S. d•• V•••"),
        ("  Jan   Jansen ", "J. J•••"),
        ("Cher", "C•••"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_a_name_is_masked_but_recognisable(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("code", "masked"),
    [("2611 GX", "2611 ••"), ("10115", "101 ••"), ("SW1A 1AA", "SW1A ••"), ("", "")],
)
def test_a_postcode_is_masked_but_recognisable(code: str, masked: str) -> None:
    assert mask_postcode(code) == masked
