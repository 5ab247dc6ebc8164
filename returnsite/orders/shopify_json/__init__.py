"""Orders as Shopify's REST API and its webhooks write them."""

from .source import ShopifyJson

__all__ = ["ShopifyJson"]
