"""What a step of the wizard is. Steps hold no state: the draft is an argument."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from werkzeug.datastructures import FileStorage, MultiDict

from ....services.checks import Problem
from ....services.drafts import Wizard
from ....services.quotes import Quote

Form = MultiDict[str, str]
Files = MultiDict[str, FileStorage]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a posted form says: the step's answer, and what could not be read in it."""

    part: Any
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """Everything a step shows itself from. `form` holds what was typed, when it was refused."""

    wizard: Wizard
    quote: Quote
    problems: tuple[Problem, ...] = ()
    form: Form | None = None
    query: Form = field(default_factory=MultiDict)

    def error(self, part: str, line_id: int | None = None) -> Problem | None:
        """The first problem with this field."""
        return next((p for p in self.problems if (p.part, p.line_id) == (part, line_id)), None)


def typed(form: Form, name: str, limit: int | None = None) -> str:
    """What was typed in a field, "" without one."""
    return without_nul(form.get(name, ""))[:limit]


def without_nul(text: str | None) -> str:
    """NUL is the one character that no database text can hold."""
    return (text or "").replace("\x00", "")


class Step(Protocol):
    """One question of the wizard.

    `name` is its part of the URL and its key in the answers; `template` its page, which has the
    blocks `title`, `main` and those in `live_blocks`. `uses_variants`: the catalogue is read.
    """

    @property
    def name(self) -> str: ...
    @property
    def template(self) -> str: ...
    @property
    def live_blocks(self) -> tuple[str, ...]: ...
    @property
    def uses_variants(self) -> bool: ...

    def read(self, form: Form, wizard: Wizard) -> Reading:
        """The answer in a posted form or a live query; 404 for ids that are not this order's."""

    def check(self, view: View) -> list[Problem]:
        """What is missing or not allowed in the answers of `view.wizard` to this step."""

    def context(self, view: View) -> dict[str, Any]:
        """Variables of the template beyond those every step has."""

    def field_id(self, problem: Problem, view: View) -> str:
        """The id of the form field a problem is about."""
