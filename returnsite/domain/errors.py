"""What can go wrong in a decision, each with a stable code the web layer has words for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal the customer or merchant is told about.

    `code` is stable and picks the text; `params` fill it in. Classes with one meaning have a
    `default_code`, so they are raised with parameters only.
    """

    default_code: ClassVar[str] = "domain_error"

    def __init__(self, code: str | None = None, **params: Any) -> None:
        self.code = code or self.default_code
        self.params = params
        super().__init__(self.code, params)

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code


class SeveralErrors(DomainError):
    """More than one thing is wrong with what was typed: `all_of_them`, the first one in front."""

    default_code = "several_errors"

    def __init__(self, all_of_them: Sequence[DomainError]) -> None:
        self.all_of_them = tuple(all_of_them)
        first = self.all_of_them[0]
        super().__init__(first.code, **first.params)


class UnknownResolution(DomainError):
    """Not a resolution this line can have."""

    default_code = "unknown_resolution"


class WrongState(DomainError):
    """The event is not possible in this status; params: `status`, `event`."""

    default_code = "wrong_state"


class StatementChanged(DomainError):
    """The amounts are no longer those the customer saw on the review page."""

    default_code = "statement_changed"


class AlreadyClaimed(DomainError):
    """Someone else returned these units first."""

    default_code = "already_claimed"


class AmountInvalid(DomainError, ValueError):
    """A text or number that is not a usable amount of money."""

    default_code = "amount_invalid"


class QuantityInvalid(DomainError, ValueError):
    """A text that is not a whole number of units, 1 or more."""

    default_code = "quantity_invalid"


class DraftExpired(DomainError):
    """The draft's time has passed; nothing of it was confirmed."""

    default_code = "draft_expired"


class DraftConfirmed(DomainError):
    """The draft has become a return and takes no more answers."""

    default_code = "draft_confirmed"
