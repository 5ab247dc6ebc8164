"""What people on the merchant's side are refused, by stable codes."""

from __future__ import annotations

from ...domain.errors import DomainError


class AccountRefused(DomainError):
    """Codes: `link_over`, `email_taken`, `password_wrong`, `code_wrong`, `last_owner`, `gone`,
    `not_possible`, `already_member`, `too_many_invites`, `slug_taken`."""


class PasswordRefused(AccountRefused):
    """A new password is no good: `too_short`, `password_too_long`, `too_close` or `too_common`."""
