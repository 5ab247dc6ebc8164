"""CSV for spreadsheets: nothing runs as a formula, and everything comes back as it was."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returnsite.domain.spreadsheets import FORMULA_STARTS, csv_lines, style_for


def _read(text: str, separator: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text[1:], newline=""), delimiter=separator))


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), min_size=1
    )
)
@pytest.mark.parametrize("locale", ["nl", "en"])
def test_texts_come_back_as_they_were_but_for_the_mark_before_formulas(
    locale: str, texts: list[str]
) -> None:
    style = style_for(locale)
    (row,) = _read("".join(csv_lines([texts], style)), style.separator)
    assert [cell.removeprefix("'") for cell in row] == [text.removeprefix("'") for text in texts]
    assert not any(cell.startswith(FORMULA_STARTS) for cell in row)


def test_numbers_stay_numbers_in_the_languages_own_marks() -> None:
    row = [-3, Decimal("-3.95"), None]
    assert "".join(csv_lines([row], style_for("nl"))) == "\ufeff-3;-3,95;\r\n"
    assert "".join(csv_lines([row], style_for("en"))) == "\ufeff-3,-3.95,\r\n"
