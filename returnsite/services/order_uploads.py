"""Order files between upload and import: in the data folder, under a name nobody can guess.

Each upload has a folder of its own below its shop's: the file, what is known of it, and what a
check found. The folder goes once the file is imported, or after two days.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from flask import current_app

from .. import clock
from ..domain.errors import DomainError
from ..files import write_whole

MAX_BYTES = 60 * 1024 * 1024
KEEP_UPLOADS = timedelta(days=2)
MOST_WAITING = 10
"""How many files of a shop may lie here at once."""

_TOKEN = re.compile(r"[0-9a-f]{32}")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class OrderUpload:
    """A file that was uploaded; `check` is what a check of it found, None before."""

    token: str
    name: str
    size: int
    path: Path
    check: dict[str, Any] | None


def store_upload(*, shop_id: int, name: str, stream: BinaryIO) -> str:
    """Keep a file; returns its token. Raises DomainError: `file_too_large`, `file_empty`."""
    token = secrets.token_hex(16)
    folder = _folder(shop_id, token)
    folder.mkdir(parents=True)
    try:
        size = _copy(stream, folder / "file")
        if not size:
            raise DomainError("file_empty")
        about = {"name": _plain_name(name), "size": size, "at": clock.now().isoformat()}
        write_whole(folder / "about.json", json.dumps(about).encode())
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return token


def make_room(*, shop_id: int, needed: Collection[str]) -> None:
    """Throw away this shop's oldest files until one more fits; those `needed` (tokens) stay.

    Raises DomainError (`too_many_files`) when that leaves no room.
    """
    # A folder without its description is still being filled.
    waiting = [each.parent for each in (_root() / str(shop_id)).glob("*/about.json")]
    excess = len(waiting) - MOST_WAITING + 1
    if excess <= 0:
        return
    free = sorted((each for each in waiting if each.name not in needed), key=_age)
    if len(free) < excess:
        raise DomainError("too_many_files")
    for folder in free[:excess]:
        shutil.rmtree(folder, ignore_errors=True)


def find_upload(*, shop_id: int, token: str) -> OrderUpload | None:
    """This shop's upload with this token, None when it is gone or another shop's."""
    if not _TOKEN.fullmatch(token):
        return None
    folder = _folder(shop_id, token)
    try:
        about = json.loads((folder / "about.json").read_bytes())
    except OSError:
        return None
    return OrderUpload(token, about["name"], about["size"], folder / "file", _check(folder))


def keep_check(*, shop_id: int, token: str, check: Any) -> None:
    """Keep what a check of the file found (a dataclass)."""
    write_whole(_folder(shop_id, token) / "check.json", json.dumps(asdict(check)).encode())


def discard_upload(*, shop_id: int, token: str) -> None:
    """Throw the file away; nothing when it is gone already."""
    if _TOKEN.fullmatch(token):
        shutil.rmtree(_folder(shop_id, token), ignore_errors=True)


def clear_uploads() -> int:
    """Throw away what nobody imported in time; returns how many."""
    before = (clock.now() - KEEP_UPLOADS).timestamp()
    old = [folder for folder in _root().glob("*/*") if _age(folder) < before]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def _root() -> Path:
    return Path(current_app.config["DATA_DIR"]) / "uploads"


def _folder(shop_id: int, token: str) -> Path:
    return _root() / str(shop_id) / token


def _age(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:  # somebody else threw it away
        return float("inf")


def _check(folder: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads((folder / "check.json").read_bytes())
    except OSError:
        return None
    return found


def _copy(stream: BinaryIO, path: Path) -> int:
    size = 0
    with path.open("xb") as file:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > MAX_BYTES:
                raise DomainError("file_too_large", max=MAX_BYTES // (1024 * 1024))
            file.write(chunk)
    return size


def _plain_name(name: str) -> str:
    """The file's name on one line, without folders."""
    last = re.split(r"[\\/]", name)[-1]
    return "".join(char if char.isprintable() else " " for char in last).strip()[:120] or "file"
