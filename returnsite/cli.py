"""`flask` commands; each calls one service and prints what it did."""

from __future__ import annotations

from flask import Flask

from .commands import analytics, demo, orders, points, postcodes, secrets, shop, user, worker


def init_app(app: Flask) -> None:
    """Register all commands."""
    app.cli.add_command(analytics.analytics)
    app.cli.add_command(worker.worker)
    app.cli.add_command(worker.outbox)
    app.cli.add_command(demo.demo)
    app.cli.add_command(orders.orders)
    app.cli.add_command(points.points)
    app.cli.add_command(postcodes.postcodes)
    app.cli.add_command(shop.shop)
    app.cli.add_command(user.user)
    app.cli.add_command(secrets.secrets)
