"""Uploads start with none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask


@pytest.fixture(autouse=True)
def _no_uploads_left(app: Flask) -> None:
    """Files outlive a test."""
    shutil.rmtree(Path(app.config["DATA_DIR"]) / "uploads", ignore_errors=True)
