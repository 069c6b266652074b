"""Letters to the outside: a job row written in the transaction of the change it follows.

The job queue's tables have no tenant column, so arguments are ids only, never personal data.
"""

from datetime import datetime
from functools import cache

import procrastinate
from sqlalchemy.orm import Session

from app.db.session import current_tenant


@cache
def _rows_only() -> procrastinate.App:
    # Never opened: it only writes rows on our own connection. The worker's App needs an
    # asynchronous connector and can't do that from inside a task.
    return procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def enqueue(
    session: Session,
    task: str,
    *,
    lock: str | None = None,
    schedule_at: datetime | None = None,
    **ids: int | str,
) -> None:
    """Promise that the worker will run `task` for this municipality once this commits."""
    raw = session.connection().connection.driver_connection
    _rows_only().configure_task(
        task, connection=raw, queue="kaikan", lock=lock, schedule_at=schedule_at
    ).defer(tenant_id=current_tenant(), **ids)


def enqueue_for_nobody(session: Session, task: str, **ids: int | str) -> None:
    """Promise that the worker will run `task` for no municipality once this commits."""
    raw = session.connection().connection.driver_connection
    _rows_only().configure_task(task, connection=raw, queue="kaikan").defer(**ids)
