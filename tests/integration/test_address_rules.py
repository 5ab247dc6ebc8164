"""Postcodes and provinces of real countries, and what an address lacks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from returnsite.services.activate_shop import ReturnAddress, missing_parts
from returnsite.services.address_rules import (
    address_problems,
    province_text,
    rules_of,
    tidy_postcode,
)


def test_real_postcodes_are_recognised_however_they_are_typed(shared_data: Path) -> None:
    formats = json.loads((shared_data / "reference" / "postcode_formats.json").read_text())
    tried = 0
    for country, entry in formats.items():
        for example in entry["examples"]:
            bare = re.sub(r"[\s-]", "", example).lower()
            for typed in (example, bare, f"  {example.lower()} ", f"{country}-{example}"):
                if typed.startswith(country) and not example[0].isdigit():
                    continue
                assert tidy_postcode(typed, country) == example, (country, typed)
                tried += 1
    assert tried > 200


@pytest.mark.parametrize(
    ("country", "typed"), [("NL", "2611"), ("DE", "1234"), ("GB", "12345"), ("BE", "0"), ("LU", "")]
)
def test_a_postcode_of_no_such_form_is_refused(country: str, typed: str) -> None:
    address = {
        "street": "Markt 1",
        "city": "X",
        "country": country,
        "postcode": tidy_postcode(typed, country),
    }
    assert set(address_problems(address)) == {"postcode"}


def test_spain_and_italy_ask_for_a_province() -> None:
    spain = {"street": "Gran Vía 1", "city": "Madrid", "country": "ES", "postcode": "28013"}
    assert address_problems(spain) == {"province": "required"}
    assert address_problems({**spain, "province": "M"}) == {}
    assert address_problems({**spain, "province": "B"}) == {"postcode": "invalid"}
    assert province_text("ES", "M") == "Madrid"
    assert ("RM", "Roma") in rules_of("IT").provinces
    assert province_text("IT", "RM") == "RM"
    assert rules_of("NL").provinces == ()


def test_an_address_without_a_postcode_is_complete_where_there_are_none() -> None:
    place = {"name": "Returns", "street": "Road", "house_number": "1", "city": "Dublin"}
    assert missing_parts(ReturnAddress(**place, country="IE")) == []
    assert missing_parts(ReturnAddress(**place, country="NL")) == ["postcode"]
    assert missing_parts(ReturnAddress(**place)) == ["postcode", "country"]
    assert address_problems({"country": "XX"}) == {"country": "invalid"}
