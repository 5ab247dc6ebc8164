"""On whose pages a shop's portal may stand in a frame."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ..database import writing
from ..extensions import db
from ..models import Shop
from .activate_shop import ShopRefused
from .audit import COMMAND_LINE, Actor, change, note_change
from .origins import MOST, OriginProblem, read_origins

_locked = select(Shop).with_for_update(of=Shop).execution_options(populate_existing=True)
"""Of two who save at once the second sees what the first saved, and settings have two versions."""

_WHY = {
    "not_https": ": only this machine itself may do without https",
    "wildcard": ": list every site by its name",
}


class OriginsRefused(ValueError):
    """Lines that are no origins: `problems` says which and why."""

    def __init__(self, problems: Sequence[OriginProblem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)


class OriginsChanged(Exception):
    """Somebody else saved another list meanwhile: `current`."""

    def __init__(self, current: Sequence[str]) -> None:
        super().__init__("the list was changed meanwhile")
        self.current = tuple(current)


def set_frame_origins(*, slug: str, origins: Sequence[str]) -> list[str]:
    """Let pages of these origins, and no others, frame the portal; returns them. Commits.

    An origin is scheme, host and perhaps port, `https://shop.example`. Raises ShopRefused.
    """
    wanted, problems = read_origins(origins)
    problems += [OriginProblem("no_origin", origin) for origin in origins if not origin.strip()]
    if problems:
        raise ShopRefused("origin", _in_words(problems[0]))
    with writing():
        shop = db.session.scalar(_locked.where(Shop.slug == slug))
        if shop is None:
            raise ShopRefused("shop", f"there is no “{slug}”")
        _save(shop, wanted, COMMAND_LINE)
    return wanted


def change_frame_origins(
    *, shop_id: int, lines: Sequence[str], seen: Sequence[str], actor: Actor
) -> list[str]:
    """The same for a shop at hand, as somebody types it who saw the list as `seen`. Commits.

    Raises OriginsRefused, or OriginsChanged where the list is another one by now.
    """
    wanted, problems = read_origins(lines)
    if problems:
        raise OriginsRefused(problems)
    with writing():
        shop = db.session.scalars(_locked.where(Shop.id == shop_id)).one()
        current = list(shop.frame_origins)
        if current != list(seen) and current != wanted:
            raise OriginsChanged(current)
        _save(shop, wanted, actor)
    return wanted


def _save(shop: Shop, wanted: list[str], actor: Actor) -> None:
    before = list(shop.frame_origins)
    if before != wanted:
        shop.frame_origins = wanted
        shop.settings_version += 1
        note_change(
            shop_id=shop.id,
            actor=actor,
            section="embed",
            event="changed",
            changes=[change("frame_origins", " ".join(before), " ".join(wanted))],
        )


def _in_words(problem: OriginProblem) -> str:
    if problem.code == "too_many":
        return f"{problem.given} are more than {MOST}"
    meant = f". Did you mean {problem.suggestion}?" if problem.suggestion else ""
    why = _WHY.get(problem.code, "")
    return f"“{problem.given}” is not like https://shop.example{why}{meant}"
