"""The simulator's own page: doors to try, what the cloud and the locks hold, buttons of fate."""

from typing import TYPE_CHECKING

from flask import Blueprint

if TYPE_CHECKING:
    from app.sims.locks.simulator import LockSim


def blueprint(sim: "LockSim") -> Blueprint:
    """Return the page and its buttons."""
    return Blueprint("console", __name__, url_prefix="/__sim")
