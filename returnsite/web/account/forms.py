"""Fields that the forms of an account share. Shape only; services decide."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from ..portal.steps.base import without_nul
from ..problems import problems_of
from .words import words


class AccountForm(FlaskForm):
    """A form whose validators name codes, and whose errors are shown in words."""

    class Meta:
        """The application checks the session's token on every post already."""

        csrf = False

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape; errors become words."""
        valid: bool = super().validate(extra_validators)
        for field in self:
            field.errors = [words(str(code)) for code in field.errors]
        return valid

    def refuse(self, name: str, text: str) -> None:
        """Put what a service refused beside a field."""
        self[name].errors = [text]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong, for the summary: (field id, words)."""
        return problems_of(self)


def text(missing: str, *, longest: int = 200, **options: Any) -> StringField:
    """A line of text that has to be filled in."""
    checks = [DataRequired(missing), Length(max=longest, message="too_long")]
    return StringField(filters=[_line], validators=checks, **options)


def optional_text(*, longest: int = 200, **options: Any) -> StringField:
    """A line of text that may stay empty."""
    checks = [Length(max=longest, message="too_long")]
    return StringField(filters=[_line], validators=checks, **options)


def secret(missing: str, **options: Any) -> PasswordField:
    """A password: taken as typed, spaces included; never shown again."""
    checks = [InputRequired(missing), Length(max=4096, message="too_long")]
    return PasswordField(filters=[without_nul], validators=checks, **options)


def _line(value: str | None) -> str:
    return without_nul(value).strip()
