"""Customers on the merchant's pages: in full, or a trace of them for who may not know them."""

from __future__ import annotations

from ...domain.lookup import mask_email, mask_name
from .guard import may


def customer_name(name: str) -> str:
    """The name for whoever may see customers, for others a trace of it."""
    return name if may("see_customers") else mask_name(name)


def email_text(address: str) -> str:
    """The same for a mail address; none stays none."""
    return address if may("see_customers") or not address else mask_email(address)
