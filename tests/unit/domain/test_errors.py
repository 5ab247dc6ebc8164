"""Refusals: a stable code and the parameters its text needs."""

from __future__ import annotations

import pytest

from returnsite.domain import errors
from returnsite.domain.errors import DomainError, NotReturnable, QuantityTooHigh

CLASSES = [
    one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, DomainError)
]


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = [one.default_code for one in CLASSES]

    assert len(set(codes)) == len(codes) > 10


def test_a_refusal_carries_what_its_text_needs() -> None:
    refusal = QuantityTooHigh(max_quantity=2)

    assert (refusal.code, refusal.params) == ("quantity_too_high", {"max_quantity": 2})
    assert str(refusal) == "quantity_too_high {'max_quantity': 2}"


def test_a_refusal_can_be_more_precise_than_its_class() -> None:
    with pytest.raises(NotReturnable) as refusal:
        raise NotReturnable("window_over", line_id=3)

    assert refusal.value.code == "window_over"
    assert str(NotReturnable()) == "not_returnable"
