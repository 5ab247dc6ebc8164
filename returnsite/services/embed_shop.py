"""On whose pages a shop's portal may stand in a frame."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select

from ..database import begin_write
from ..extensions import db
from ..models import Shop
from .activate_shop import ShopRefused

_ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")


def set_frame_origins(*, slug: str, origins: Sequence[str]) -> list[str]:
    """Let pages of these origins, and no others, frame the portal; returns them. Commits.

    An origin is scheme, host and perhaps port, `https://shop.example`. Raises ShopRefused.
    """
    wanted = list(dict.fromkeys(origin.strip().lower().rstrip("/") for origin in origins))
    wrong = next((origin for origin in wanted if not _ORIGIN.fullmatch(origin)), None)
    if wrong is not None:
        raise ShopRefused("origin", f"“{wrong}” is not like https://shop.example")
    begin_write()
    shop = db.session.scalar(select(Shop).where(Shop.slug == slug))
    if shop is None:
        db.session.rollback()
        raise ShopRefused("shop", f"there is no “{slug}”")
    shop.frame_origins = wanted
    shop.settings_version += 1
    db.session.commit()
    return wanted
