"""The made-up data of the demo shop, one file a kind; each says in it that it is made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "demo_data"


def read_demo_file(name: str) -> dict[str, Any]:
    """The content of `demo_data/<name>.json`."""
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content
