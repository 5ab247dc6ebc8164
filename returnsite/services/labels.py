"""Label files: kept in the data folder under names of our own, never under anything typed."""

from __future__ import annotations

from pathlib import Path

from flask import current_app

from ..files import write_whole


def label_folder() -> Path:
    """The folder all labels are in."""
    return Path(current_app.config["DATA_DIR"]) / "labels"


def write_label(*, shipment_id: int, data: bytes) -> str:
    """Keep a shipment's label and return its file name; written again it replaces itself."""
    name = f"shipment-{shipment_id}.pdf"
    write_whole(label_folder() / name, data)
    return name


def read_label(name: str) -> bytes | None:
    """The label stored as `name` (`ReturnShipment.document`), None when the file is gone."""
    try:
        return (label_folder() / name).read_bytes()
    except FileNotFoundError:
        return None
