"""Cards that are lists: things that are added, changed, switched, moved and removed one by one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from flask import request, url_for

from ...i18n import gettext as _
from .base import Change, Section, SettingsForm, View

BUTTONS = ("up", "down", "switch", "use")


class OrderForm(SettingsForm):
    """The buttons of a list. Which was pressed, on what, stands in the request."""


class Listed(Section):
    """A card that is a list. Parts are `new`, `edit-<key>`, `delete-<key>` and `order`."""

    template = "merchant/sections/list.html"
    can_order = True

    @abstractmethod
    def open_form(self, view: View, verb: str, key: str) -> SettingsForm | None:
        """The form of `new`, `edit` and `delete`; None for what is not there."""

    @abstractmethod
    def write(self, view: View, verb: str, key: str, form: Any) -> Change:
        """What saving it writes."""

    def press(self, view: View, button: str, key: str) -> Change:
        """What a button of the list writes: up, down, switch, or `moved` to a place."""
        raise NotImplementedError

    def form(self, view: View, part: str) -> SettingsForm | None:
        """The form of a part; the buttons of a list only ever post."""
        verb, dash, key = part.partition("-")
        if part == "order":
            known = self.can_order and request.method == "POST" and pressed()[0]
            return OrderForm() if known else None
        if (verb == "new" and not dash) or (verb in {"edit", "delete"} and key):
            return self.open_form(view, verb, key)
        return None

    def change(self, view: View, part: str, form: Any) -> Change:
        """What the pressed button, or the form, writes."""
        if part == "order":
            return self.press(view, *pressed())
        verb, _dash, key = part.partition("-")
        return self.write(view, verb, key, form)

    def event(self, part: str, form: Any) -> str:
        """Added, removed, moved or changed."""
        button = pressed()[0] if part == "order" else ""
        verb = part.partition("-")[0]
        if button in {"up", "down", "moved"}:
            return "move"
        return {"new": "add", "delete": "remove"}.get(verb, "change")

    def saved_part(self, part: str, form: Any) -> str:
        """A button of the list is named with what it was pressed on."""
        return "-".join(pressed()) if part == "order" else part

    def saved_text(self, view: View, saved: str) -> str:
        """What was done."""
        return {
            "new": _("Added"),
            "delete": _("Removed"),
            "up": _("Moved up"),
            "down": _("Moved down"),
            "moved": _("Moved"),
        }.get(saved.partition("-")[0], _("Saved"))

    def context(self, view: View, part: str | None, form: Any) -> Mapping[str, Any]:
        """Addresses of the list's own buttons, and which of its things is open."""
        deleting = bool(part and part.startswith("delete-"))
        return {
            "open": part.partition("-")[2] if part else None,
            "new_url": url_for("merchant.settings_part", section=self.name, part="new"),
            "order_url": url_for("merchant.save_settings", section=self.name, part="order")
            if self.can_order
            else None,
            "save_text": _("Remove") if deleting else None,
        }


def pressed() -> tuple[str, str]:
    """The button of the list that was pressed, and on what; blank for none."""
    for name in (*BUTTONS, "moved"):
        if key := request.form.get(name, ""):
            return name, key[:64]
    return "", ""


def wanted_place() -> int:
    """Where something was dropped, on a page that begins at `first`; out of range: the end."""
    first, place = (_number(request.form.get(name, "")) for name in ("first", "place"))
    return 99999 if place is None else (first or 0) + place


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def moved(keys: Sequence[str], button: str, key: str) -> list[str]:
    """The keys after a button of the list was pressed on one of them."""
    if key not in keys:
        return list(keys)
    at = keys.index(key)
    to = {"up": max(at - 1, 0), "down": at + 1}.get(button, wanted_place())
    rest = [one for one in keys if one != key]
    return [*rest[:to], key, *rest[to:]]
