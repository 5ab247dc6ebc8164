"""What is said before an open portal loses what it needs, and how to do it all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...i18n import gettext as _
from .things import pressed

FIELD = "close_portal"


def closing_context(missing: str, url: str) -> dict[str, Any]:
    """Words of the question and of the box below it; `fields` do the same again at `url`."""
    what = _LOST.get(missing, _no_address)()
    text = _(
        "%(what)s That closes the portal: customers can start no return until there is one again. "
        "Tick the box if you want that.",
        what=what,
    )
    button, key = pressed()
    return {
        "what": what,
        "box": {
            "name": FIELD,
            "label": _("Save it all the same, and close the portal"),
            "error": text,
        },
        "url": url,
        "fields": [(button, key)] if key else [],
    }


def closing_error(closing: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The question among what is wrong with a form, when it is asked."""
    return [(FIELD, closing["box"]["error"])] if closing else []


def _no_address() -> str:
    return _("There would be no complete return address.")


_LOST = {
    "no_method": lambda: _("Customers would have no way to send anything back."),
    "no_carrier": lambda: _("No carrier would take a return in your country."),
    "no_reason": lambda: _("Customers would have no reason to choose."),
    "no_resolution": lambda: _("Customers would have nothing to get back."),
}
