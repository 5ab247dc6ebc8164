"""Files of others that we ship are the files we looked at."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "static" / "vendor"


def _hashes_on_disk() -> dict[str, str]:
    return {
        path.relative_to(VENDOR).as_posix(): "sha384-"
        + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "vendor.json"
    }


def test_every_vendored_file_is_listed_with_its_hash() -> None:
    packages = json.loads((VENDOR / "vendor.json").read_text())
    listed = {name: digest for package in packages for name, digest in package["files"].items()}
    assert listed == _hashes_on_disk()


def test_every_vendored_package_brings_its_licence() -> None:
    packages = json.loads((VENDOR / "vendor.json").read_text())
    folders = {f"{package['name'].split('.')[0]}@{package['version']}" for package in packages}
    assert folders == {path.name for path in VENDOR.iterdir() if path.is_dir()}
    assert [name for name in sorted(folders) if not (VENDOR / name / "LICENSE").is_file()] == []
