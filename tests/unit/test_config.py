"""Settings from the environment: what is wrong stops the start and says what to set."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from returnsite.config import ConfigError, from_environment

KEY = "k" * 32


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("MAIL_SERVER", "MAIL_SENDER", "RETURNSITE_URL", "RETURNSITE_DEMO", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("RETURNSITE_ENCRYPTION_KEYS", raising=False)
    monkeypatch.setenv("RETURNSITE_DATA", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", KEY)


def test_a_key_is_enough_to_start(tmp_path: Path) -> None:
    settings = from_environment()
    assert settings["SECRET_KEY"] == KEY
    assert settings["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path / 'returnsite.db'}"
    assert settings["MAIL_SERVER"] == ""
    assert settings["DEMO"] is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("DATABASE_URL", "mysql://localhost/shop"),
        ("MAIL_PORT", "smtp"),
        ("MAIL_SENDER", "returns"),
        ("MAIL_SENDER", "Returns <returns at shop>"),
        ("RETURNSITE_ENCRYPTION_KEYS", "too-short"),
        ("RETURNSITE_ENCRYPTION_KEYS", "k" * 43),
        ("RETURNSITE_URL", "returns.example"),
        ("RETURNSITE_URL", "https://returns.example/?a=b"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name):
        from_environment()


def test_mails_that_leave_need_an_address_to_link_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_SERVER", "smtp.example")
    with pytest.raises(ConfigError, match="RETURNSITE_URL"):
        from_environment()
    monkeypatch.setenv("RETURNSITE_URL", "https://returns.example/")
    monkeypatch.setenv("MAIL_SENDER", "Returns <returns@shop.example>")
    settings = from_environment()
    assert settings["PUBLIC_URL"] == "https://returns.example"
    assert settings["MAIL_DEFAULT_SENDER"] == "Returns <returns@shop.example>"


def test_several_encryption_keys_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [base64.urlsafe_b64encode(bytes([number]) * 32).decode() for number in (1, 2)]
    monkeypatch.setenv("RETURNSITE_ENCRYPTION_KEYS", f" {keys[0]}, {keys[1]}\n")
    assert from_environment()["ENCRYPTION_KEYS"] == tuple(keys)


def test_the_demo_reads_the_encryption_key_that_its_start_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = base64.urlsafe_b64encode(b"k" * 32).decode()
    (tmp_path / "encryption_key").write_text(key)
    assert from_environment()["ENCRYPTION_KEYS"] == ()
    monkeypatch.setenv("RETURNSITE_DEMO", "1")
    assert from_environment()["ENCRYPTION_KEYS"] == (key,)
