"""`docs/invariants.md` names tests that exist, for every invariant and every museum entry."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = (ROOT / "docs" / "invariants.md").read_text(encoding="utf-8")
INVARIANTS, MUSEUM = 14, 38


def existing_tests() -> set[str]:
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def rows(part: str) -> dict[int, str]:
    return {int(number): rest for number, rest in re.findall(r"^\| (\d+) \| (.*)$", part, re.M)}


def test_every_named_test_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", TABLE))
    assert named
    assert named <= existing_tests(), named - existing_tests()


def test_every_entry_names_a_test_or_says_why_not() -> None:
    invariants, museum = (rows(part) for part in TABLE.split("## Bugs of other systems"))
    assert sorted(invariants) == list(range(1, INVARIANTS + 1))
    assert sorted(museum) == list(range(1, MUSEUM + 1))
    for number, row in (invariants | {n + 100: row for n, row in museum.items()}).items():
        assert "`test_" in row or "not yet" in row, number


def test_tests_named_after_an_entry_are_in_the_table_or_beside_one_that_is() -> None:
    """Entries whose tests were all renamed or deleted would otherwise go unnoticed."""
    numbers = {
        (kind, int(number))
        for name in existing_tests()
        for kind, number in re.findall(r"(invariant|museum)_(\d+)", name)
    }
    assert {number for kind, number in numbers if kind == "invariant"} == set(range(1, 15))
