"""What a new password must be, and what makes it a bad one."""

from __future__ import annotations

import unicodedata

import pytest
from flask import Flask

from returnsite.services.accounts.errors import PasswordRefused
from returnsite.services.accounts.passwords import (
    LONGEST,
    hash_password,
    judge_password,
    password_fits,
)
from returnsite.web.browsers import browser_name

ABOUT = ("sanne.devries@fietsen-zo.example", "Sanne de Vries", "Fietsen & Zo", "fietsen-zo")


@pytest.fixture(scope="module")
def context() -> object:
    app = Flask("passwords")
    app.config.update(PASSWORD_TIME_COST=1, PASSWORD_MEMORY_KIB=8)
    with app.app_context():
        yield app


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "too_short"),
        ("elf tekens!", "too_short"),
        ("ééééééééééé", "too_short"),
        ("password1234", "too_common"),
        ("qwertyuiop12", "too_common"),
        ("123456789012", "too_common"),
        ("aaaaaaaaaaaaaaaaaaaa", "too_common"),
        ("abcabcabcabcabc", "too_common"),
        ("iloveyou2024", "too_common"),
        ("Welkom12345!", "too_common"),
        ("!!Wachtwoord123!!", "too_common"),
        ("!!!!!!!!!!!!!!", "too_common"),
        ("sanne@fietsen-zo", "too_close"),
        ("SanneDeVries1", "too_close"),
        ("FietsenZoFietsenZo!", "too_close"),
        ("sanne.devries@fietsen-zo.example", "too_close"),
        ("x" * (LONGEST + 1), "password_too_long"),
    ],
)
def test_a_bad_password_is_refused_with_its_reason(
    context: object, password: str, code: str
) -> None:
    with pytest.raises(PasswordRefused) as refused:
        judge_password(password, about=ABOUT)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "password",
    [
        "kortewinterdag 48",
        "correct horse battery",
        "мягкая тёплая зима",
        "雨が降る静かな夜に本を読む",
        "tr0ub4dor&3 en meer",
        "nx7#Qp2!vL9z",
        "een rustige straat in de regen " * 8,
    ],
)
def test_any_long_unusual_text_will_do(context: object, password: str) -> None:
    judge_password(password, about=ABOUT)


def test_a_long_password_is_compared_to_its_end(context: object) -> None:
    base = "een rustige straat in de regen " * 6
    stored = hash_password(base + "a")
    assert password_fits(stored, base + "a")
    assert not password_fits(stored, base + "b")
    assert not password_fits(stored, base)


def test_keyboards_may_write_an_accent_in_two_ways(context: object) -> None:
    stored = hash_password(unicodedata.normalize("NFC", "crème brûlée voor zes"))
    assert password_fits(stored, unicodedata.normalize("NFD", "crème brûlée voor zes"))
    assert not password_fits(stored, "creme brulee voor zes")


@pytest.mark.parametrize("stored", [None, "", "plain", "$argon2id$v=19$m=8,t=1,p=1$bad$bad"])
def test_nothing_fits_what_is_no_hash(context: object, stored: str | None) -> None:
    assert not password_fits(stored, "kortewinterdag 48")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox, Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0 Safari/537.36 Edg/142.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari, iOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/142.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_shortly(agent: str, name: str) -> None:
    assert browser_name(agent) == name
