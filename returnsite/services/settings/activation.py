"""What a portal still needs before customers may use it, and opening and closing it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from ...database import writing
from ...domain.methods import available_methods
from ...extensions import db
from ...models import Shop
from ..activate_shop import missing_parts
from ..audit import Actor, change, note_change
from ..shops import ShopSettings, load_settings


@dataclass(frozen=True, slots=True)
class Step:
    """One thing activation needs, `section` is where it is set; `missing` says what lacks.

    Codes of what lacks: no_address, house_number, postcode, city, street, name, country,
    no_method, no_carrier, no_reason, no_resolution; empty when it is done.
    """

    section: str
    part: str
    missing: str = ""

    @property
    def done(self) -> bool:
        """Whether nothing lacks."""
        return not self.missing


class NotReady(Exception):
    """The portal cannot be opened yet."""


def activation_steps(settings: ShopSettings) -> list[Step]:
    """Everything activation needs, in the order merchants set it up."""
    checks: tuple[tuple[str, str, Callable[[ShopSettings], str]], ...] = (
        ("portal", "return_address", _address),
        ("methods", "methods", _methods),
        ("reasons", "", _reasons),
        ("carriers", "", _carriers),
        ("refund", "resolutions", _resolutions),
    )
    return [Step(section, part, check(settings)) for section, part, check in checks]


def lost_steps(before: ShopSettings, after: ShopSettings) -> list[Step]:
    """What activation needs that was there before a change and is not after it."""
    had = {step.section for step in activation_steps(before) if step.done}
    return [step for step in activation_steps(after) if not step.done and step.section in had]


def set_portal_active(*, shop_id: int, active: bool, actor: Actor) -> None:
    """Open the portal to customers or close it. Commits. Raises NotReady."""
    with writing():
        shop = db.session.scalars(
            select(Shop).where(Shop.id == shop_id).with_for_update(of=Shop)
        ).one()
        settings = load_settings(shop_id, shop.settings_version)
        if active and not all(step.done for step in activation_steps(settings)):
            raise NotReady
        if shop.active != active:
            note_change(
                shop_id=shop_id,
                actor=actor,
                section="activation",
                event="activate" if active else "deactivate",
                changes=[change("active", shop.active, active)],
            )
            shop.active = active
            shop.settings_version += 1


def _address(settings: ShopSettings) -> str:
    if settings.return_address is None:
        return "no_address"
    return next(iter(missing_parts(settings.return_address)), "")


def _methods(settings: ShopSettings) -> str:
    return "" if settings.policy.methods else "no_method"


def _carriers(settings: ShopSettings) -> str:
    """Somebody at home must be able to send something back."""
    if not settings.policy.methods:
        return "no_carrier" if not settings.policy.contracts else ""
    return "" if available_methods(settings.policy, settings.policy.home_country) else "no_carrier"


def _reasons(settings: ShopSettings) -> str:
    return "" if settings.policy.reasons else "no_reason"


def _resolutions(settings: ShopSettings) -> str:
    return "" if settings.policy.resolutions else "no_resolution"
