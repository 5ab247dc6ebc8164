"""Pictures of items: the shop's own where this site has them, and a drawing beneath each."""

from __future__ import annotations

import re
from functools import lru_cache

from ...services.queries.order_lines import WizardLine

_WORDS = {
    "jacket": "jacket coat parka jas mantel veste blazer",
    "shirt": "shirt t-shirt tee blouse hemd sweater trui top hoodie vest",
    "trousers": "trousers jeans broek pants hose shorts legging",
    "dress": "dress jurk skirt rok kleid",
    "shoe": "shoe shoes schoen schoenen boot laars sneaker sandal sandaal slipper schuh",
    "hat": "hat cap muts beanie pet mütze",
    "glove": "glove gloves handschoen handschoenen mitten want",
    "bag": "bag tas rugzak backpack rucksack tasche",
    "bottle": "bottle fles thermosfles flask mug beker flasche",
    "book": "book boek notebook kaart diary buch",
    "home": "lamp candle kaars deken blanket cushion kussen pan plate bord kitchen keuken",
}
_BY_WORD = {word: art for art, words in _WORDS.items() for word in words.split()}


def own_picture(address: str) -> str:
    """The address if it is one of this site, else "": pages ask nothing of other servers."""
    return address if address.startswith("/") and not address.startswith("//") else ""


def art_for(line: WizardLine) -> str:
    """Name of the drawing in `static/img/art.svg`."""
    return art_named(line.facts.category, line.facts.title)


@lru_cache(maxsize=4096)
def art_named(category: str, title: str) -> str:
    """The same, for an item of this category and title."""
    words = re.findall(r"[\w-]+", f"{title} {category}".casefold())
    for word in words:
        fits = [k for k in _BY_WORD if word == k or (len(k) > 3 and word.endswith(k))]
        if fits:
            # "handschoen" ends with "schoen" too: the longer word says more.
            return _BY_WORD[max(fits, key=len)]
    return "box"
