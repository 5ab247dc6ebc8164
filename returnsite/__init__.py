"""Returnsite: an open, self-hosted returns portal for web shops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import cli, config, database, extensions, models, web

ROOT = Path(__file__).resolve().parent.parent

__all__ = ["create_app", "models"]


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """The application; `settings` replace those of the environment (for tests)."""
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.from_mapping(config.DEFAULTS)
    app.config.from_mapping(config.from_environment() if settings is None else settings)
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    database.configure(app)
    extensions.db.init_app(app)
    extensions.migrate.init_app(app, extensions.db, directory=str(ROOT / "migrations"))
    extensions.mail.init_app(app)
    extensions.csrf.init_app(app)
    database.prepare_engine(app)
    web.init_app(app)
    cli.init_app(app)
    return app
