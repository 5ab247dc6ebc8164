"""Builds the app for `flask run` and gunicorn."""

from returnsite import create_app

app = create_app()
