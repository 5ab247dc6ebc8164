"""Two-factor sign-in: codes of an authenticator app (TOTP), and recovery codes for a lost phone."""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets

import pyotp
from sqlalchemy import delete, func, or_, select, update

from ... import clock
from ...database import writing
from ...extensions import db
from ...models import RecoveryCode, User
from ..audit import Actor, note_change
from ..secrets import SecretUnreadable, decrypt_secret, encrypt_secret
from .errors import AccountRefused
from .mails import enqueue_notice
from .sessions import revoke_sessions

RECOVERY_CODES = 10
_STEP = 30
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike."""

log = logging.getLogger(__name__)


def new_secret() -> str:
    """A secret for an authenticator app; kept once a code proves that the app has it."""
    return pyotp.random_base32()


def setup_address(secret: str, *, email: str) -> str:
    """What the QR code says: authenticator apps read this address."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name="Returnsite")


def turn_on(*, user_id: int, secret: str, code: str, keep: int, actor: Actor) -> list[str]:
    """Switch two-factor sign-in on; returns the recovery codes, which are shown once. Commits.

    All sessions but `keep` end. Raises AccountRefused `code_wrong` or `not_possible`.
    """
    step = _matching_step(secret, code)
    if step is None:
        raise AccountRefused("code_wrong")
    token = encrypt_secret(secret)
    with writing():
        changed = db.session.execute(
            update(User)
            .where(User.id == user_id, User.totp_secret.is_(None))
            .values(totp_secret=token, totp_step=step)
        )
        if not changed.rowcount:  # type: ignore[attr-defined]
            raise AccountRefused("not_possible")
        codes = _replace_recovery_codes(user_id)
        _note(user_id, "two_factor_on", keep=keep, actor=actor)
    return codes


def turn_off(*, user_id: int, keep: int | None, actor: Actor) -> None:
    """Switch two-factor sign-in off; all sessions but `keep` end. Commits."""
    with writing():
        db.session.execute(
            update(User).where(User.id == user_id).values(totp_secret=None, totp_step=None)
        )
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        _note(user_id, "two_factor_off", keep=keep, actor=actor)


def renew_recovery_codes(*, user_id: int, keep: int, actor: Actor) -> list[str]:
    """New recovery codes in place of the old ones. Commits. Raises AccountRefused."""
    with writing():
        if db.session.scalar(select(User.totp_secret).where(User.id == user_id)) is None:
            raise AccountRefused("not_possible")
        codes = _replace_recovery_codes(user_id)
        _note(user_id, "recovery_codes_renewed", keep=keep, actor=actor)
    return codes


def recovery_codes_left(*, user_id: int) -> int:
    """How many recovery codes are unused."""
    query = select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return db.session.scalar(query) or 0


def take_code(*, user_id: int, code: str) -> bool:
    """Whether a code of the app is right; it is right once. Within the caller's transaction."""
    token = db.session.scalar(select(User.totp_secret).where(User.id == user_id))
    if token is None:
        return False
    try:
        step = _matching_step(decrypt_secret(token), code)
    except SecretUnreadable:
        log.error("no key fits the two-factor secret of user %s", user_id)
        return False
    if step is None:
        return False
    # A code that was read over the shoulder, or of two requests at once: the step only rises.
    taken = db.session.execute(
        update(User)
        .where(User.id == user_id, or_(User.totp_step.is_(None), User.totp_step < step))
        .values(totp_step=step)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def take_recovery_code(*, user_id: int, code: str) -> bool:
    """Whether a recovery code is right; it is right once. Within the caller's transaction."""
    taken = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == _hash_code(user_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def _matching_step(secret: str, code: str) -> int | None:
    """The time step a code belongs to: this one, the one before or the next."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    totp, now = pyotp.TOTP(secret), int(clock.now().timestamp()) // _STEP
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def _replace_recovery_codes(user_id: int) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    ]
    db.session.add_all(
        RecoveryCode(user_id=user_id, code_hash=_hash_code(user_id, code)) for code in codes
    )
    return codes


def _hash_code(user_id: int, code: str) -> str:
    """Codes are random (79 bits): a plain hash is enough. Case and dashes do not matter."""
    plain = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(f"{user_id}:{plain}".encode()).hexdigest()


def _note(user_id: int, event: str, *, keep: int | None, actor: Actor) -> None:
    revoke_sessions(user_id=user_id, keep=keep)
    note_change(shop_id=None, actor=actor, section="users", event=event)
    enqueue_notice(user_id=user_id, what=event)
