"""Refusals: a stable code and the parameters its text needs."""

from __future__ import annotations

import pytest

from returnsite.domain import errors
from returnsite.domain.errors import AmountInvalid, DomainError, WrongState

CLASSES = [
    one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, DomainError)
]


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = [one.default_code for one in CLASSES]

    assert len(set(codes)) == len(codes) > 5


def test_a_refusal_carries_what_its_text_needs() -> None:
    refusal = WrongState(status="closed")

    assert (refusal.code, refusal.params) == ("wrong_state", {"status": "closed"})
    assert str(refusal) == "wrong_state {'status': 'closed'}"


def test_a_refusal_can_be_more_precise_than_its_class() -> None:
    with pytest.raises(AmountInvalid) as refusal:
        raise AmountInvalid("amount_too_large", digits=12)

    assert refusal.value.code == "amount_too_large"
    assert str(AmountInvalid()) == "amount_invalid"
