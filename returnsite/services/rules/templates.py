"""The sentence of each field and operator, `%(values)s` standing for the words it names."""

from __future__ import annotations

from ..texts import gettext as _

_SAME = {"is": "is", "in": "is", "is_not": "is_not", "not_in": "is_not"}


def condition_template(field: str, op: str) -> str:
    """The words of a condition about texts and codes."""
    return {
        "country": _country,
        "sku": _sku,
        "title": _title,
        "category": _category,
        "tag": _tag,
        "reason": _reason,
        "resolution": _resolution,
        "customer_tag": _customer_tag,
    }[field]()[_SAME.get(op, op)]


def _country() -> dict[str, str]:
    return {
        "is": _("the country is %(values)s"),
        "is_not": _("the country is not %(values)s"),
    }


def _sku() -> dict[str, str]:
    return {
        "is": _("the SKU is %(values)s"),
        "is_not": _("the SKU is not %(values)s"),
        "contains": _("the SKU contains %(values)s"),
        "starts_with": _("the SKU starts with %(values)s"),
    }


def _title() -> dict[str, str]:
    return {
        "is": _("the product name is %(values)s"),
        "is_not": _("the product name is not %(values)s"),
        "contains": _("the product name contains %(values)s"),
        "starts_with": _("the product name starts with %(values)s"),
    }


def _category() -> dict[str, str]:
    return {
        "is": _("the category is %(values)s"),
        "is_not": _("the category is not %(values)s"),
        "contains": _("the category contains %(values)s"),
        "starts_with": _("the category starts with %(values)s"),
    }


def _tag() -> dict[str, str]:
    return {
        "is": _("the item has the tag %(values)s"),
        "is_not": _("the item does not have the tag %(values)s"),
        "contains": _("a tag of the item contains %(values)s"),
        "starts_with": _("a tag of the item starts with %(values)s"),
    }


def _reason() -> dict[str, str]:
    return {
        "is": _("the reason is %(values)s"),
        "is_not": _("the reason is not %(values)s"),
    }


def _resolution() -> dict[str, str]:
    return {
        "is": _("the customer chooses %(values)s"),
        "is_not": _("the customer does not choose %(values)s"),
    }


def _customer_tag() -> dict[str, str]:
    return {
        "is": _("the customer has the tag %(values)s"),
        "is_not": _("the customer does not have the tag %(values)s"),
    }
