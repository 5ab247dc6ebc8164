"""Settings from the environment, checked at start."""

from __future__ import annotations

import base64
import binascii
import os
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Any


class ConfigError(RuntimeError):
    """A setting is missing or wrong; the message says what to set."""


def _flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not re.fullmatch(r"\d{1,9}", text):
        raise ConfigError(f"{name} must be a whole number, not {text!r}.")
    return int(text)


def _secret_key(data_dir: Path, demo: bool) -> str:
    key = os.environ.get("SECRET_KEY", "")
    if key:
        if len(key) < 32:
            raise ConfigError("SECRET_KEY is too short: set at least 32 random characters.")
        return key
    key_file = data_dir / "secret_key"
    if demo and key_file.exists():
        return key_file.read_text().strip()
    raise ConfigError(
        "SECRET_KEY is not set. Set it to at least 32 random characters, for example the output of "
        "`python -c 'import secrets; print(secrets.token_urlsafe(48))'`, and keep it."
    )


def _encryption_keys(data_dir: Path, demo: bool) -> tuple[str, ...]:
    """Keys for secrets at rest, the newest first; without any, no secret can be kept."""
    text = os.environ.get("RETURNSITE_ENCRYPTION_KEYS", "")
    key_file = data_dir / "encryption_key"
    if not text and demo and key_file.exists():
        text = key_file.read_text()
    keys = tuple(text.replace(",", " ").split())
    for number, key in enumerate(keys, start=1):
        if not _is_encryption_key(key):
            raise ConfigError(
                f"RETURNSITE_ENCRYPTION_KEYS: key {number} is none. A key is the output of "
                "`python -c 'from cryptography.fernet import Fernet; "
                "print(Fernet.generate_key().decode())'`; several are separated by commas."
            )
    return keys


def _is_encryption_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def _database_uri(data_dir: Path) -> str:
    uri = os.environ.get("DATABASE_URL", "") or f"sqlite:///{data_dir / 'returnsite.db'}"
    if not uri.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ConfigError("DATABASE_URL must start with sqlite:/// or postgresql://.")
    return uri


def _public_url(*, needed: bool) -> str:
    url = os.environ.get("RETURNSITE_URL", "").strip().rstrip("/")
    if url and not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", url):
        raise ConfigError(f"RETURNSITE_URL must be like https://returns.example, not {url!r}.")
    if needed and not url:
        raise ConfigError(
            "RETURNSITE_URL is not set, and mails would link to nowhere: "
            "set it to the address at which customers reach the portal."
        )
    return url


def _password_memory() -> int:
    kib = _number("RETURNSITE_PASSWORD_MEMORY_KIB", int(DEFAULTS["PASSWORD_MEMORY_KIB"]))
    if kib < 19 * 1024:
        raise ConfigError("RETURNSITE_PASSWORD_MEMORY_KIB must be at least 19456 (19 MiB).")
    return kib


def _sender() -> str:
    sender = os.environ.get("MAIL_SENDER", "").strip() or DEFAULTS["MAIL_DEFAULT_SENDER"]
    # Every mail would be refused for good, one after the other.
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", parseaddr(sender)[1]):
        raise ConfigError(f"MAIL_SENDER must be a mail address, not {sender!r}.")
    return str(sender)


def _mail_settings() -> dict[str, Any]:
    return {
        "MAIL_SERVER": os.environ.get("MAIL_SERVER", "").strip(),
        "MAIL_PORT": _number("MAIL_PORT", 25),
        "MAIL_USERNAME": os.environ.get("MAIL_USERNAME") or None,
        "MAIL_PASSWORD": os.environ.get("MAIL_PASSWORD") or None,
        "MAIL_USE_TLS": _flag("MAIL_USE_TLS"),
        "MAIL_USE_SSL": _flag("MAIL_USE_SSL"),
        "MAIL_TIMEOUT": _number("MAIL_TIMEOUT", 10),
        "MAIL_DEFAULT_SENDER": _sender(),
        "SHOP_MAIL_PRIVATE": _flag("RETURNSITE_SHOP_MAIL_PRIVATE"),
    }


def from_environment() -> dict[str, Any]:
    """All settings; raises ConfigError with what to set."""
    demo = _flag("RETURNSITE_DEMO")
    data_dir = Path(os.environ.get("RETURNSITE_DATA", "") or "data").resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    return {
        "DEMO": demo,
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": _secret_key(data_dir, demo),
        "ENCRYPTION_KEYS": _encryption_keys(data_dir, demo),
        "SQLALCHEMY_DATABASE_URI": _database_uri(data_dir),
        **_mail_settings(),
        "PUBLIC_URL": _public_url(needed=bool(os.environ.get("MAIL_SERVER", "").strip())),
        "TRUSTED_PROXIES": _number("RETURNSITE_TRUSTED_PROXIES", 0),
        "DEMO_SITE": os.environ.get("RETURNSITE_DEMO_SITE", "") if demo else "",
        "MAP_TILES_URL": os.environ.get("MAP_TILES_URL", ""),
        "SESSION_IDLE_MINUTES": _number("RETURNSITE_SESSION_IDLE_MINUTES", 30),
        "SESSION_HOURS": _number("RETURNSITE_SESSION_HOURS", 12),
        "PASSWORD_MEMORY_KIB": _password_memory(),
        "HSTS": os.environ.get("RETURNSITE_HSTS", DEFAULTS["HSTS"]).strip(),
    }


DEFAULTS: dict[str, Any] = {
    "DEMO": False,
    "DATA_DIR": "data",
    "ENCRYPTION_KEYS": (),
    "PUBLIC_URL": "",
    "TRUSTED_PROXIES": 0,
    "DEMO_SITE": "",
    "MAP_TILES_URL": "",
    "HSTS": "max-age=31536000; includeSubDomains",
    "SESSION_IDLE_MINUTES": 30,
    "SESSION_HOURS": 12,
    "CONFIRMED_MINUTES": 10,
    "PASSWORD_TIME_COST": 3,
    "PASSWORD_MEMORY_KIB": 32 * 1024,
    "MAIL_SERVER": "",
    "MAIL_TIMEOUT": 10,
    "SHOP_MAIL_PRIVATE": False,
    "MAIL_DEFAULT_SENDER": "returns@localhost",
    "BABEL_DEFAULT_LOCALE": "en",
    "BABEL_TRANSLATION_DIRECTORIES": "../translations",
    "LANGUAGES": ("nl", "en"),
    "WTF_CSRF_TIME_LIMIT": None,
    "MAX_CONTENT_LENGTH": 64 * 1024 * 1024,
    "MAX_FORM_MEMORY_SIZE": 512 * 1024,
    "MAX_FORM_PARTS": 500,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_COOKIE_HTTPONLY": True,
    "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
    "LOOKUP_LIMIT_IP": "10 per minute; 60 per hour",
    "SIGN_IN_LIMIT_NETWORK": "30 per minute; 300 per hour",
    "SIGN_IN_LIMIT_ACCOUNT": "60 per hour",
    "MAIL_LIMIT_NETWORK": "30 per hour",
    "MAIL_LIMIT_ACCOUNT": "3 per hour",
    "LOOKUP_LIMIT_NUMBER": "5 per 15 minutes; 10 per day",
}
