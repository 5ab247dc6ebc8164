"""Rules in words: `If the reason is [damaged] or [wrong item], the return fee is [€ 0.00]`.

In a template `[…]` marks what is set off, `%(values)s` stands for words set off one by one.
Translations keep both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_currency

from ...domain.money import exponent, to_decimal
from ...domain.policy import Condition, Effect, Method, Resolution, Rule
from ...domain.rule_analysis import plain_value
from ...domain.rule_language import EffectKind
from ..shops import ShopSettings
from ..texts import gettext as _
from ..texts import ngettext
from .templates import condition_template

_SPLIT = re.compile(r"(\[[^\]]*\]|%\(values\)s)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a sentence; a `token` or `effect` is set off."""

    text: str
    look: Literal["", "token", "effect"] = ""


class Vocabulary:
    """The words of one shop in one language; the language of gettext must be the same."""

    def __init__(self, shop: ShopSettings, locale: str) -> None:
        self.currency = shop.currency
        self.locale = Locale.parse(locale)
        self._reasons = {
            one.code.casefold(): shop.reason_label(one.code, locale) or one.code
            for one in (*shop.former_reasons, *shop.reasons)
        }

    def money(self, amount: int) -> str:
        """Minor units as people write them."""
        return format_currency(to_decimal(amount, self.currency), self.currency, locale=self.locale)

    def country(self, code: str) -> str:
        """`Belgium` for BE."""
        return str(self.locale.territories.get(code.upper(), code))

    def reason(self, code: str) -> str:
        """The shop's words for a reason; its code where it is gone."""
        return self._reasons.get(code.casefold(), code)

    def word(self, field: str, value: Any) -> str:
        """A condition's value as people say it."""
        if field == "country":
            return self.country(value)
        if field == "reason":
            return self.reason(value)
        return resolution_word(value) if field == "resolution" else str(value)

    def either(self, words: Iterable[str]) -> str:
        """`A, B or C`."""
        return format_list(list(words), style="or", locale=self.locale)

    def both(self, words: Iterable[str]) -> str:
        """`A, B and C`."""
        return format_list(list(words), style="standard", locale=self.locale)


def resolution_word(code: str) -> str:
    """What the customer gets, inside a sentence."""
    return {
        Resolution.MONEY: _("money back"),
        Resolution.EXCHANGE: _("an exchange"),
        Resolution.CREDIT: _("store credit"),
    }[Resolution(code)]


def method_word(code: str) -> str:
    """How it comes back, inside a sentence."""
    return {
        Method.DROP_OFF_POINT: _("drop-off with a label"),
        Method.DROP_OFF_LABELLESS: _("drop-off without a printer"),
        Method.PICKUP: _("collection at home"),
        Method.IN_STORE: _("the store"),
    }[Method(code)]


def sentence(rule: Rule, words: Vocabulary) -> list[Piece]:
    """The rule as one sentence."""
    effects = list(_joined([_effect(effect, words) for effect in rule.effects]))
    if not rule.conditions:
        return _framed(_("In all cases %(effects)s"), {"effects": effects})
    conditions = list(_joined([condition_pieces(one, words) for one in rule.conditions]))
    frame = _("If %(conditions)s, %(effects)s")
    return _framed(frame, {"conditions": conditions, "effects": effects})


def rule_text(rule: Rule, words: Vocabulary) -> str:
    """The rule as plain text."""
    return plain(sentence(rule, words))


def plain(pieces: Sequence[Piece]) -> str:
    """Pieces as plain text."""
    return "".join(piece.text for piece in pieces)


def is_less_than(condition: Condition, currency: str) -> bool:
    """Whether an upper limit reads better as "less than": one minor unit below a whole amount."""
    unit = 10 ** exponent(currency)
    amount = condition.field in {"price", "order_value"} and condition.op == "at_most"
    return amount and unit > 1 and (condition.value + 1) % unit == 0


def condition_pieces(condition: Condition, words: Vocabulary) -> list[Piece]:
    """`the country is [Belgium]`."""
    field, op, value = condition.field, condition.op, condition.value
    if field == "final_sale":
        text = _("the item is [final sale]") if value else _("the item is [not final sale]")
        return _filled(text)
    if op in {"at_least", "at_most"}:
        return _filled(_number(condition, words))
    named = value if op in {"in", "not_in"} else [value]
    return _filled(condition_template(field, op), [words.word(field, one) for one in named])


def _number(condition: Condition, words: Vocabulary) -> str:
    field, op, value = condition.field, condition.op, condition.value
    if is_less_than(condition, words.currency):
        limit = _("[less than %(value)s]", value=words.money(value + 1))
    else:
        shown = words.money(value) if field in {"price", "order_value"} else str(value)
        if field == "discount_percent":
            shown += "%"
        limit = {
            "at_least": _("[%(value)s or more]", value=shown),
            "at_most": _("[%(value)s or less]", value=shown),
        }[op]
    return {
        "price": _("the price paid is %(limit)s", limit=limit),
        "order_value": _("the order value is %(limit)s", limit=limit),
        "discount_percent": _("the discount is %(limit)s", limit=limit),
        "days_since_delivery": _("the days since delivery are %(limit)s", limit=limit),
    }[field]


def effect_text(effect: Effect, words: Vocabulary) -> str:
    """`return fee is € 0.00`: only what is set off."""
    return plain([piece for piece in _effect(effect, words) if piece.look])


def _effect(effect: Effect, words: Vocabulary) -> list[Piece]:
    return _filled(_effect_text(effect, words), look="effect")


def _effect_text(effect: Effect, words: Vocabulary) -> str:
    value = plain_value(effect)
    match effect.kind:
        case EffectKind.RETURNABLE:
            return _("it [can be returned]") if value else _("it [can't be returned]")
        case EffectKind.COUNTRY_CLOSED:
            if value:
                return _("[nothing can be returned from there]")
            return _("[returns from there are possible]")
        case EffectKind.FEE:
            return _("the [return fee is %(value)s]", value=words.money(value))
        case EffectKind.WINDOW_DAYS:
            return ngettext(
                "the [return period is %(num)s day]", "the [return period is %(num)s days]", value
            )
        case EffectKind.RESOLUTIONS:
            shown = words.either(resolution_word(one) for one in value)
            return _("the customer can only choose [%(value)s]", value=shown)
        case EffectKind.METHODS:
            shown = words.either(method_word(one) for one in value)
            return _("it can only come back by [%(value)s]", value=shown)
        case _:
            if value:
                return _("[you approve it first]")
            return _("[it is approved by itself]")


def _joined(parts_: Sequence[list[Piece]]) -> Iterator[Piece]:
    """Parts one after the other, with `and` between them."""
    for place, part in enumerate(parts_):
        if place:
            yield Piece(" " + _("and") + " ")
        yield from part


def _framed(frame: str, parts_: dict[str, list[Piece]]) -> list[Piece]:
    found: list[Piece] = []
    for piece in re.split(r"(%\(\w+\)s)", frame):
        name = piece[2:-2]
        found += parts_[name] if piece.startswith("%(") else [Piece(piece)] if piece else []
    return found


def _filled(
    template: str, values: Sequence[str] = (), look: Literal["token", "effect"] = "token"
) -> list[Piece]:
    """The pieces of a template; several values are joined by `or`."""
    found: list[Piece] = []
    joint = Piece(" " + _("or") + " ")
    for piece in _SPLIT.split(template):
        if piece == "%(values)s":
            for place, value in enumerate(values):
                found += ([joint] if place else []) + [Piece(value, look)]
        elif piece.startswith("["):
            found.append(Piece(piece[1:-1], look))
        elif piece:
            found.append(Piece(piece))
    return found
