"""The logo: chosen, looked at in the portal beside the cards, then saved or left."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField

from ....domain.errors import DomainError
from ....services.settings.logos import (
    LOGO_BYTES,
    find_pending,
    keep_logo,
    put_aside,
    take_pending,
)
from ....services.shops import ShopSettings
from ...i18n import gettext as _
from .base import Refused, SettingsForm
from .forms import line

NO_LOGO = "none"
"""Says to the preview that the name is shown; else it gets the name of a file put aside."""


class LogoForm(SettingsForm):
    """The logo: a new one, or none. `pending` names one that was put aside to look at."""

    logo = FileField(
        _l("Logo"), description=_l("PNG, JPG or WebP, at most 1 MB and 4 million pixels.")
    )
    pending = HiddenField(filters=[line])
    remove = BooleanField(_l("Show the name instead of a logo"))


def look_at_logo(settings: ShopSettings, form: LogoForm) -> None:
    """Put the chosen file aside. Raises Refused; one looked at before stays then."""
    content = _content(form)
    if not content:
        return
    try:
        form.pending.data = put_aside(shop_id=settings.id, content=content)
    except DomainError as error:
        raise Refused("logo", _problem(error.code)) from None


def shown_logo(form: LogoForm) -> str | None:
    """What the preview is told; None: the logo as saved."""
    return NO_LOGO if form.remove.data else form.pending.data or None


def kept_logo(settings: ShopSettings, form: LogoForm) -> str:
    """The name of the new logo's file; "" for none. Raises Refused."""
    if form.remove.data:
        return ""
    content, pending = _content(form), form.pending.data or ""
    if not content and not pending:
        raise Refused("logo", _("Choose a file."))
    try:
        if content:
            return keep_logo(content)
        take_pending(shop_id=settings.id, name=pending)
    except DomainError as error:
        raise Refused("logo", _problem(error.code)) from None
    return pending


def is_pending(settings: ShopSettings, form: LogoForm) -> bool:
    """Whether a logo that was looked at waits to be saved."""
    return find_pending(shop_id=settings.id, name=form.pending.data or "") is not None


def _content(form: LogoForm) -> bytes:
    if not form.logo.data:
        return b""
    with form.logo.data.stream as stream:
        content: bytes = stream.read(LOGO_BYTES + 1)
    return content


def _problem(code: str) -> str:
    return {
        "logo_too_large": _("This file is larger than 1 MB."),
        "logo_too_many_pixels": _("This picture has more than 4 million pixels."),
        "logo_gone": _("This picture is no longer here. Choose it again."),
    }.get(code, _("This is no PNG, JPG or WebP. SVG can’t be used."))
