"""All blueprints, and under which paths they answer."""

from flask import Flask

from app.web import health, public

MUNICIPALITY = "/<slug:municipality>"


def register(app: Flask) -> None:
    """Register every blueprint."""
    app.register_blueprint(health.bp)
    app.register_blueprint(public.bp, url_prefix=MUNICIPALITY)
