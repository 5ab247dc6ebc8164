"""Cards of rows, each of which can be changed in its place; and the sections of the settings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import url_for
from flask_wtf import FlaskForm

from ....services.settings.store import State, Store
from ....services.shops import ShopSettings
from ..guard import may

Change = Callable[[Any], None]
"""Writes what a form says into the stored shop, within the transaction of `save_section`."""


@dataclass(frozen=True, slots=True)
class Row:
    """A saved value with its way to change it. `part` names it in addresses; empty: no change.

    `problem` says what is wrong with the value, `note` explains it.
    """

    part: str
    label: str
    value: str
    note: str = ""
    problem: str = ""
    action: str = ""
    """The words of the link; "Change" when empty."""
    key: str = ""
    """Names a thing of a list in addresses and forms."""
    badges: tuple[tuple[str, str, str], ...] = ()
    """Words, kind and icon of what a thing of a list is marked with."""
    on: bool | None = None
    """Whether a thing of a list is switched on; None where there is nothing to switch."""
    press: tuple[str, str] | None = None
    """A button of a thing of a list: its name in the form and its words."""
    movable: bool = False
    """Whether a thing of a list can be moved up and down."""


@dataclass(frozen=True, slots=True)
class View:
    """What a section is shown from: the settings as saved and how the section stands."""

    settings: ShopSettings
    state: State


class Refused(Exception):
    """What a form asks for cannot be saved; `field` is where the text belongs."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(field)
        self.field = field
        self.text = text


class SettingsForm(FlaskForm):
    """A form of a section; the session's token and the version it was opened at go with it."""


class Card(ABC):
    """Rows of saved values. Cards hold no state; what they show is their `view` argument."""

    name: ClassVar[str]
    template: ClassVar[str] = "merchant/sections/rows.html"
    """Draws the inside of the card, open parts included."""
    preview_follows_typing: ClassVar[bool] = True
    """Whether each keystroke asks for it anew; not where it holds fields that are typed in."""

    @abstractmethod
    def title(self) -> str:
        """The heading of the card."""

    @abstractmethod
    def rows(self, view: Any) -> list[Row]:
        """What is saved."""

    @abstractmethod
    def urls(self, part: str | None) -> dict[str, str]:
        """Addresses: `show` the card, `parts` (before a part's name), `save` the open part."""

    def can_change(self) -> bool:
        """Whether who looks at the card may change what it holds."""
        return True

    def form_template(self, part: str) -> str:
        """The partial that draws the fields of a part's form."""
        return "merchant/sections/fields.html"

    def context(self, view: Any, part: str | None, form: Any) -> Mapping[str, Any]:
        """What the card's template needs besides rows and form."""
        return {}

    def saved_text(self, view: Any, saved: str) -> str:
        """What is said once something is saved; "Saved" when empty."""
        return ""

    def preview_template(self, part: str) -> str:
        """The partial that shows what `preview` returns, in the element `preview-<card>`."""
        return f"merchant/sections/{self.name}_preview.html"

    def preview(self, view: Any, part: str, form: Any) -> Mapping[str, Any] | None:
        """What the values on the screen would come to; None where nothing is to be said."""
        return None


class Section(Card):
    """One card of the settings page, with its forms and how it is stored."""

    store: ClassVar[Store]
    shown_in_preview: ClassVar[bool] = False
    """Whether the portal beside the cards looks otherwise after saving."""
    on_checklist: ClassVar[bool] = False
    """Whether the checklist warns of it, besides what blocks activation."""

    @abstractmethod
    def form(self, view: View, part: str) -> SettingsForm | None:
        """The form of a part: filled in by the request when it posts, else with what is saved.

        None for a part there is not.
        """

    @abstractmethod
    def change(self, view: View, part: str, form: Any) -> Change:
        """What saving a valid form writes. Raises Refused."""

    def urls(self, part: str | None) -> dict[str, str]:
        """Addresses of the section and of the part that is open."""
        name = self.name
        show = url_for("merchant.settings_section", section=name)
        urls = {
            "show": show,
            "parts": f"{show}/",
            "undo": url_for("merchant.undo_settings", section=name),
            "history": url_for("merchant.settings_history", section=name),
        }
        if part:
            urls["save"] = url_for("merchant.save_settings", section=name, part=part)
            urls["preview"] = url_for("merchant.preview_settings", section=name, part=part)
        return urls

    def can_change(self) -> bool:
        """As the role allows."""
        return may("change_settings")

    def subject(self, part: str, form: Any) -> str:
        """Which thing of the section was changed, in words, for the log."""
        return ""

    def event(self, part: str, form: Any) -> str:
        """What is done to it, for the log: change, add, remove, move."""
        return "change"

    def asks_for_password(self, view: View, part: str) -> bool:
        """Whether saving it wants a password typed a moment ago: parcels could go astray."""
        return False

    def saved_part(self, part: str, form: Any) -> str:
        """What "Saved" is said about: the part, or what a button of the list did."""
        return part

    def also_shows(self, before: ShopSettings, after: ShopSettings) -> str:
        """The one other card that now says something else, by name."""
        return ""

    def only_looking(self, part: str, form: Any) -> bool:
        """Whether a post, without JavaScript, only asks for a row more or a preview."""
        return False

    def look_at(self, view: View, part: str, form: Any) -> None:
        """What a post that only looks wants kept for the preview. Raises Refused."""
