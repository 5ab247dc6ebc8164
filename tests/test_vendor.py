"""Files of other projects are the ones we recorded, with their licence beside them."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = [ROOT / "static/vendor", ROOT / "tests/vendor"]
OPEN_LICENCES = {"0BSD", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Apache-2.0"}
TEST_ONLY_LICENCES = OPEN_LICENCES | {"MPL-2.0"}


def _packages(folder: Path) -> list[dict[str, Any]]:
    packages: list[dict[str, Any]] = json.loads((folder / "vendor.json").read_text())
    return packages


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_vendored_file_is_recorded_and_unchanged(folder: Path) -> None:
    recorded = {
        name: sri for package in _packages(folder) for name, sri in package["files"].items()
    }
    present = {
        str(path.relative_to(folder)): "sha384-"
        + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "vendor.json"
    }
    assert present == recorded


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_each_package_has_its_version_in_the_path_and_its_licence_beside_it(folder: Path) -> None:
    allowed = TEST_ONLY_LICENCES if folder.parent.name == "tests" else OPEN_LICENCES
    for package in _packages(folder):
        assert package["licence"] in allowed, package["name"]
        folders = {name.split("/")[0] for name in package["files"]}
        assert len(folders) == 1
        home = folders.pop()
        assert home.endswith(f"@{package['version']}")
        assert f"{home}/LICENSE" in package["files"]


def test_no_page_loads_anything_from_another_server() -> None:
    sources = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/css/*.css")]
    assert sources
    for path in sources:
        text = path.read_text(encoding="utf-8")
        for marker in (
            'src="http',
            'src="//',
            "url(http",
            "url(//",
            'url("http',
            'url("//',
            '@import "http',
        ):
            assert marker not in text, f"{path.relative_to(ROOT)} has {marker}"
