"""Mail: what it says (compose), how it is put together (message), how it leaves (transport)."""
