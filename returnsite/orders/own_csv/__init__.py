"""Returnsite's own CSV: one row per order line, described in docs/orders-csv.md."""

from .source import OwnCsv

__all__ = ["OwnCsv"]
