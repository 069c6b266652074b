"""Commands for the people who run the service: flask demo, pack, token, staff, worker, sim."""

from flask import Flask

from app.cli import demo, pack, sim, staff, token, worker


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(worker.worker)
    app.cli.add_command(demo.demo)
    app.cli.add_command(sim.sim)
    app.cli.add_command(pack.pack)
    app.cli.add_command(token.token)
    app.cli.add_command(staff.staff)
