"""Commands for the people who run the service: flask demo, pack, token, worker, sim."""

from flask import Flask

from app.cli import worker


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(worker.worker)
