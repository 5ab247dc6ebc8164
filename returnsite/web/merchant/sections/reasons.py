"""Reasons: what customers can say, in which order and words, and what each of them asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import Length

from ....domain.policy import Fault
from ....services.setting_items import ReasonItem
from ....services.settings.reasons import (
    REASONS,
    ReasonInUse,
    TooManyReasons,
    UnknownReason,
    add_reason,
    change_reason,
    count_uses,
    is_own,
    order_reasons,
    remove_reason,
    rules_naming,
    switch_reason,
)
from ....services.shops import ShopSettings
from ...i18n import gettext as _
from ...i18n import locale_code
from ..words import fault_name, language_name
from .base import Change, Refused, Row, SettingsForm, View
from .forms import TOO_LONG, Needed, choices, filled, line
from .list_pages import SIZE, list_page
from .things import Listed, moved, pressed

_LENGTH = Length(max=80, message=TOO_LONG)


class ReasonForm(SettingsForm):
    """What a reason asks for; its words are added by language."""

    fault = RadioField(
        _l("Whose fault is it?"),
        description=_l("Decides whether the return is free, and how it counts in the analysis."),
        choices=[],
    )
    comment_required = BooleanField(_l("The customer has to explain it"))
    photo_required = BooleanField(_l("The customer has to add a photo"))
    place = StringField(
        _l("Place in the list"),
        filters=[line],
        render_kw={"css": "input-number", "inputmode": "numeric", "autocomplete": "off"},
    )


class RemoveForm(SettingsForm):
    """Taking a reason off the list."""


class Reasons(Listed):
    """The card of reasons."""

    name = "reasons"
    store = REASONS

    def title(self) -> str:
        """The heading."""
        return _("Return reasons")

    def rows(self, view: View) -> list[Row]:
        """Each reason of the page that is shown, in the language of the reader."""
        reasons = view.settings.reasons
        return [_row(view, one) for one in reasons[list_page(self.name, _keys(reasons)).slice]]

    def open_form(self, view: View, verb: str, key: str) -> SettingsForm | None:
        """The words and demands of a reason; nothing to fill in when it is to go."""
        reason = _find(view.settings, key) if verb != "new" else None
        if verb != "new" and reason is None:
            return None
        if verb == "delete":
            return RemoveForm()
        locales = view.settings.locales
        form: Any = filled(_form_class(locales), _saved(view, reason))
        if reason is None or len(view.settings.reasons) <= SIZE:
            del form.place
        form.fault.choices = choices([(one.value, fault_name(one)) for one in Fault])
        for code in locales:
            words = _("What customers read in %(language)s", language=language_name(code))
            form[f"label_{code}"].label.text = words
        return form

    def form_template(self, part: str) -> str:
        """Words first, then what it asks for, and what is to be known about it."""
        return "merchant/sections/reason_form.html"

    def context(self, view: View, part: str | None, form: Any) -> Mapping[str, Any]:
        """Whether the open reason is in use, and which rules name it."""
        verb, _dash, key = (part or "").partition("-")
        reason = _find(view.settings, key) if verb in {"edit", "delete"} else None
        keys = _keys(view.settings.reasons)
        uses = count_uses(shop_id=view.settings.id, code=reason.code) if reason else 0
        return {
            **super().context(view, part, form),
            "list_page": list_page(self.name, keys),
            "moving": keys,
            "intro": _("Customers choose one for each item, in this order."),
            "add_text": _("Add a reason"),
            "empty_text": _("There is no reason yet."),
            "removing": verb == "delete",
            "uses": uses,
            "remove_part": f"delete-{key}" if reason and is_own(reason.code) and not uses else "",
            "rules": rules_naming(view.settings.policy, reason.code) if reason else [],
            "words": [form[f"label_{code}"] for code in view.settings.locales]
            if verb in {"new", "edit"}
            else [],
        }

    def write(self, view: View, verb: str, key: str, form: Any) -> Change:
        """Add, change or remove."""
        values = {} if verb == "delete" else _values(view, form)
        order = _order(view, key, form)

        def write(shop: Any) -> None:
            try:
                if verb == "new":
                    add_reason(shop, values)
                elif verb == "delete":
                    remove_reason(shop, int(key))
                else:
                    change_reason(shop, int(key), values)
                    order_reasons(shop, order)
            except TooManyReasons:
                first = f"label_{view.settings.locales[0]}"
                raise Refused(first, _("There are too many reasons. Remove one first.")) from None
            except (UnknownReason, ReasonInUse):
                text = _("Returns name this reason, so it can only be switched off.")
                raise Refused("csrf_token", text) from None

        return write

    def press(self, view: View, button: str, key: str) -> Change:
        """Switch one on or off, or put it elsewhere. An unknown one changes nothing."""

        def write(shop: Any) -> None:
            keys = _keys(view.settings.reasons)
            if key in keys and button == "switch":
                switch_reason(shop, int(key))
            elif key in keys:
                order_reasons(shop, [int(one) for one in moved(keys, button, key)])

        return write

    def subject(self, part: str, form: Any) -> str:
        """The reason's words."""
        key = pressed()[1] if part == "order" else part.partition("-")[2]
        reason = _find(g.shop, key)
        return _words(reason.labels) if reason else ""


def _find(settings: ShopSettings, key: str) -> ReasonItem | None:
    return next((one for one in settings.reasons if str(one.id) == key), None)


@lru_cache(maxsize=64)
def _form_class(locales: tuple[str, ...]) -> type[SettingsForm]:
    """A form with a field for the words in each language; those of the first are needed."""
    fields: dict[str, Any] = {}
    for code in locales:
        needed = [Needed()] if code == locales[0] else []
        fields[f"label_{code}"] = StringField(filters=[line], validators=[*needed, _LENGTH])
    return type("ReasonWordsForm", (ReasonForm,), fields)


def _keys(reasons: Sequence[ReasonItem]) -> list[str]:
    return [str(one.id) for one in reasons]


def _saved(view: View, reason: ReasonItem | None) -> dict[str, Any]:
    if reason is None:
        return {"fault": Fault.CUSTOMER.value}
    return {
        "place": str(view.settings.reasons.index(reason) + 1),
        "fault": reason.fault,
        "comment_required": reason.comment_required,
        "photo_required": reason.photo_required,
        **{f"label_{code}": text for code, text in reason.labels.items()},
    }


def _values(view: View, form: Any) -> dict[str, Any]:
    labels = {code: form[f"label_{code}"].data or "" for code in view.settings.locales}
    return {
        "labels": {code: text for code, text in labels.items() if text},
        "fault": Fault(form.fault.data).value,
        "comment_required": form.comment_required.data,
        "photo_required": form.photo_required.data,
    }


def _order(view: View, key: str, form: Any) -> list[int]:
    """The reasons with this one at the place that was typed. Raises Refused."""
    ids = [one.id for one in view.settings.reasons]
    if "place" not in form or key not in _keys(view.settings.reasons):
        return ids
    text = form.place.data or ""
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= len(ids)):
        last = len(ids)
        raise Refused("place", _("Enter a number from 1 to %(last)s.", last=last))
    ids.remove(int(key))
    ids.insert(int(text) - 1, int(key))
    return ids


def _words(labels: Mapping[str, str]) -> str:
    """As the reader's language has it, else as any."""
    return labels.get(locale_code()) or next(filter(None, labels.values()), "")


def _row(view: View, reason: ReasonItem) -> Row:
    badges: list[tuple[str, str, str]] = []
    if not reason.enabled:
        badges.append((_("Off"), "", "ban"))
        if rules_naming(view.settings.policy, reason.code):
            badges.append((_("A return rule names it"), "warn", "triangle-alert"))
    missing = [code for code in view.settings.locales if not reason.labels.get(code)]
    if missing and reason.enabled:
        names = ", ".join(language_name(code) for code in missing)
        badges.append((_("Not in %(languages)s", languages=names), "warn", "triangle-alert"))
    asks = [
        _("Explanation needed") if reason.comment_required else "",
        _("Photo needed") if reason.photo_required else "",
    ]
    return Row(
        f"edit-{reason.id}",
        _words(reason.labels),
        fault_name(reason.fault),
        " · ".join(filter(None, asks)),
        key=str(reason.id),
        badges=tuple(badges),
        on=reason.enabled,
        movable=True,
    )
