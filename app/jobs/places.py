"""Where a task runs: in an application context, for one municipality or each in turn."""

import functools
import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, g

from app.db import db
from app.db.session import tenant_scope
from app.tenants.queries import Municipality, municipalities

log = logging.getLogger("kaikan.jobs")


def in_app(flask_app: Flask, task: Callable[..., None]) -> Callable[..., None]:
    """Run a task in an application context of its own, whatever thread it is given."""

    @functools.wraps(task)
    def run(*args: Any, **kwargs: Any) -> None:
        with flask_app.app_context():
            g.municipality = None
            try:
                task(*args, **kwargs)
            finally:
                db.session.remove()

    return run


def for_each(work: Callable[[Municipality], object]) -> None:
    """Do it for every municipality; trouble in one is logged and stops no other."""
    for municipality in every_municipality():
        try:
            with tenant_scope(municipality.id):
                work(municipality)
        except Exception:
            log.exception("failed", extra={"municipality": municipality.slug})


def every_municipality() -> list[Municipality]:
    """Return all municipalities."""
    with tenant_scope(None):
        return municipalities(db.session())


def municipality_with(tenant_id: int) -> Municipality:
    """Return a municipality; raises StopIteration when there is none."""
    return next(one for one in every_municipality() if one.id == tenant_id)
