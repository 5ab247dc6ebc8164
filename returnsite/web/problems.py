"""What is wrong with a form, for the summary above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from wtforms import Field, FieldList, FormField


def problems_of(form: Iterable[Any]) -> list[tuple[str, str]]:
    """Field id and words, in the order of the form; what several have in common names the field."""
    return tell_apart([(one.id, str(one.label.text), str(one.errors[0])) for one in _fields(form)])


def tell_apart(wrong: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """Id and words of each (id, name, words); where several say the same, with their names."""
    said = Counter(text for _id, _name, text in wrong)
    return [(id_, f"{name}: {text}" if said[text] > 1 else text) for id_, name, text in wrong]


def _fields(fields: Iterable[Any]) -> Iterator[Field]:
    """The fields with something wrong; those of rows one by one."""
    for field in fields:
        if isinstance(field, FieldList):
            yield from _fields(field.entries)
        elif isinstance(field, FormField):
            yield from _fields(field.form)
        elif field.errors:
            yield field
