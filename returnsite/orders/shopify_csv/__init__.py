"""Shopify's order export: one row per line item, order fields on the order's first row."""

from .source import ShopifyCsv

__all__ = ["ShopifyCsv"]
