"""Which carrier a name means, and which of the carriers' own codes say that returns are taken."""

from __future__ import annotations

import re

from ..domain.geo import place_key

_NAMES = {
    "amazon": ["amazon", "amazon hub", "amazon locker", "amazon hub locker", "amazon counter"],
    "bpost": ["bpost", "bpaq", "bbox", "cubee"],
    "chronopost": ["chronopost", "pickup station"],
    "correos": ["correos", "citypaq"],
    "dhl": [
        "dhl", "dhl packstation", "packstation", "dhl paketshop", "dhl paket", "dhl parcel",
        "dhl ecommerce", "dhl servicepoint", "dhl service point", "dhl vertrieb", "deutsche post",
        "deutsche post ag", "deutsche post dhl", "dhl express", "dhl locker", "postbank",
    ],
    "dpd": ["dpd", "dpd pickup", "dpd pickup paketshop", "dpd paketshop", "dpd pickup station"],
    "evri": ["evri", "evri parcelshop", "parcelshop evri"],
    "gls": ["gls", "gls paketshop", "gls parcelshop", "gls parcel shop", "gls germany"],
    "hermes": [
        "hermes", "hermes paketshop", "hermes group", "hermes germany", "hermes europe",
        "hermes logistik gruppe", "hermes logistik gruppe deutschland",
    ],
    "inpost": ["inpost", "inpost paczkomat", "paczkomat inpost", "paczkomat", "inpost locker"],
    "laposte": ["la poste", "laposte", "colissimo", "la poste france", "groupe la poste"],
    "mondial_relay": ["mondial relay", "mondialrelay", "point relais", "locker mondial relay"],
    "omniva": ["omniva"],
    "orlen": ["orlen paczka"],
    "packeta": ["packeta", "zasilkovna", "z box"],
    "poczta_polska": ["poczta polska"],
    "post_at": ["post ag", "osterreichische post", "osterreichische post ag"],
    "post_lu": ["post luxembourg", "packup"],
    "postnl": ["postnl", "post nl", "postnl pakketpunt", "postnl pakketautomaat"],
    "postnord": ["postnord", "post nord"],
    "relais_colis": ["relais colis"],
    "royal_mail": ["royal mail", "post office ltd", "post office limited"],
    "seur": ["seur"],
    "swiss_post": ["die post", "la poste suisse", "swiss post", "my post 24"],
    "ups": ["ups", "ups access point", "ups store", "the ups store"],
    "vinted_go": ["vinted go"],
}  # fmt: skip
_BY_NAME = {name: carrier for carrier, names in _NAMES.items() for name in names}
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{1,63}")

_DROP_OFF = {"dropoff"}
_RETURN_CODES: dict[str, set[str]] = {
    "dhl": {"dropoff", "parcel:drop-off", "parcel:drop-off-unregistered"},
    # These tell returns from other parcels, so that "dropoff" alone is not enough.
    "inpost": {"parcel_reverse_return_send"},
    "mondial_relay": {"parcel_reverse_return_send"},
    "postnl": {"opt:RETA"},
}
_LABELLESS_CODES = {
    # Seen for DHL in Germany alone: where a parcel can be handed in, its counter or screen prints
    # the label of a QR code.
    ("dhl", "DE"): {"parcel:drop-off", "parcel:drop-off-unregistered"},
}


def carrier_code(name: str, *, strict: bool = False) -> str:
    """The carrier's code for a brand or operator as people write it, or "".

    Longer names are understood by their parts ("Hermes Logistik Gruppe Deutschland Europa: Hermes
    Europe"). Unless `strict`, an unknown name that looks like a code is taken as one, so that a
    shop can import the points of a carrier nobody here has heard of.
    """
    code = name.strip().casefold()
    if code in _NAMES:
        return code
    for part in [name, *re.split(r"[:;/(),]", name)]:
        if found := _BY_NAME.get(place_key(part)):
            return found
    return code if not strict and _CODE.fullmatch(code) else ""


def carrier_in_name(name: str) -> str:
    """The carrier a point's own name begins with ("Hermes PaketShop", "DHL-Paketshop"), or ""."""
    words = place_key(name).split()
    for length in range(len(words), 0, -1):
        if found := _BY_NAME.get(" ".join(words[:length])):
            return found
    return ""


def strip_carrier(code: str) -> str:
    """A point's own code: "postnl-173187" → "173187" where the prefix is a carrier."""
    prefix, dash, rest = code.partition("-")
    return rest if dash and rest and prefix.casefold() in _NAMES else code


def takes_returns(carrier: str, services: tuple[str, ...]) -> bool:
    """Whether a point takes returns with a label; a source that lists no services says nothing."""
    if not services:
        return True
    return bool({"returns", *_RETURN_CODES.get(carrier, _DROP_OFF)} & set(services))


def takes_labelless(carrier: str, country: str, services: tuple[str, ...]) -> bool:
    """Whether a point takes a return without a printed label."""
    return bool({"labelless", *_LABELLESS_CODES.get((carrier, country), ())} & set(services))
