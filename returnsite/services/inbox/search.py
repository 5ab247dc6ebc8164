"""Which returns a search is about, found by the starts of their terms.

Terms with one start are neighbours in the index. A start that few returns have is looked up and
gives their ids; one that very many have (`3S` of every tracking number) is asked of each return
while the list is read, which then soon has a page full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    GenerativeSelect,
    and_,
    exists,
    false,
    func,
    intersect,
    select,
    union,
)

from ...database import run
from ...domain.lookup import normalise_number
from ...domain.search_terms import after, joined_words, search_words
from ...models import Return, ReturnTerm
from ..queries.order_numbers import numbered_orders

FEW, SOME = 10_000, 20_000
"""Terms that are looked up at once; with more of them the list is read in its order instead. And
terms that a set of those is met with; of more than that each return found is asked."""


@dataclass(frozen=True, slots=True)
class Search:
    """Either `ids`, a query for all ids that match, or a `condition` on each return."""

    ids: GenerativeSelect | None = None
    condition: ColumnElement[bool] | None = None


def plan_search(shop_id: int, query: str) -> Search:
    """How to find what `query` asks for. One query, or two, when it asks for anything.

    What is typed is one number or name if any begins so, whatever spaces or dashes are in it;
    else it is words, and a return matches that has a term for each.
    """
    words, joined = search_words(query), joined_words(query)
    if not words:
        return Search(condition=false()) if query.strip() else Search()
    counts = _counts(shop_id, (joined,))
    if counts[joined] or len(words) == 1:
        words = (joined,)
    else:
        counts = _counts(shop_id, words)
    rarest = min(words, key=lambda word: counts[word])
    if counts[rarest] < FEW:
        rest = sorted({*words} - {rarest}, key=lambda word: counts[word])
        return Search(ids=_ids(shop_id, rarest, {word: counts[word] for word in rest}))
    return Search(condition=and_(*map(_has, words)))


def plan_number_search(shop_id: int, query: str) -> Search:
    """The same for people who may not look for customers: by a whole return number, or an order
    number or a part of it."""
    number = normalise_number(query)
    if not number:
        return Search(condition=false()) if query.strip() else Search()
    own = select(Return.id.label("return_id")).where(
        Return.shop_id == shop_id, Return.number_norm == number
    )
    orders = union(*numbered_orders(shop_id, query))
    ordered = select(Return.id.label("return_id")).where(Return.order_id.in_(orders))
    both = own.union(ordered).subquery()
    return Search(ids=select(both.c.return_id))


def _counts(shop_id: int, starts: Sequence[str]) -> dict[str, int]:
    """How many terms begin so, counted up to SOME."""
    counted = [
        select(func.count())
        .select_from(select(1).where(*_begins(shop_id, start)).limit(SOME).subquery())
        .scalar_subquery()
        for start in starts
    ]
    return dict(zip(starts, run(select(*counted)).one(), strict=True))


def _begins(shop_id: int, start: str) -> tuple[ColumnElement[bool], ...]:
    term = ReturnTerm.term
    return (ReturnTerm.shop_id == shop_id, term >= start, term < after(start))


def _ids(shop_id: int, start: str, rest: Mapping[str, int]) -> GenerativeSelect:
    """Ids of returns with terms for all; `rest` says how many terms there are of the others."""
    sets = [start, *(word for word, count in rest.items() if count < SOME)]
    found = [select(ReturnTerm.return_id).where(*_begins(shop_id, each)) for each in sets]
    for word in rest.keys() - {*sets}:
        found[0] = found[0].where(_has(word, ReturnTerm.return_id))
    return intersect(*found) if len(found) > 1 else found[0].distinct()


def _has(start: str, return_id: Any = Return.id) -> ColumnElement[bool]:
    other = ReturnTerm.__table__.alias()
    return exists(
        select(1).where(
            other.c.return_id == return_id, other.c.term >= start, other.c.term < after(start)
        )
    )
