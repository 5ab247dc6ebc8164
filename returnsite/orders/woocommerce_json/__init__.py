"""Orders as WooCommerce's REST API and its webhooks write them."""

from .source import WooCommerceJson

__all__ = ["WooCommerceJson"]
