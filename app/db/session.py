"""Sessions that belong to one municipality, and the transaction of a use case.

The tenant is told to PostgreSQL at the start of every transaction and is local to it, so a
pooled connection can't carry it on. Without a tenant every tenant-owned table looks empty.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

from app.db.base import db
from app.db.roles import OWNER
from app.kernel.refusals import Refusal, Refused

Result = TypeVar("Result")

TENANT_SETTING = "app.tenant_id"
DEADLOCK, SERIALIZATION, LOCK_TIMEOUT = "40P01", "40001", "55P03"
LOST_RACES = frozenset({DEADLOCK, SERIALIZATION})

_tenant: ContextVar[int | None] = ContextVar("tenant", default=None)
_pin = text("select set_config('app.tenant_id', :tenant, true)")


def current_tenant() -> int:
    """Return the municipality this code runs for; raises RuntimeError when there is none."""
    tenant_id = _tenant.get()
    if tenant_id is None:
        raise RuntimeError("no municipality: call within tenant_scope()")
    return tenant_id


@contextmanager
def tenant_scope(tenant_id: int | None) -> Iterator[None]:
    """Run everything inside for one municipality (None: for none, global tables only).

    A transaction keeps the tenant it began with, so the scope must not change inside one.
    """
    if _tenant.get() != tenant_id and _in_transaction():
        db.session.rollback()
    token = _tenant.set(tenant_id)
    try:
        yield
    finally:
        if _in_transaction():
            _leave(db.session())
        _tenant.reset(token)


def _in_transaction() -> bool:
    """Say whether there is a session at all, and a transaction in it: a kept page needs neither."""
    return db.session.registry.has() and db.session().in_transaction()


def _leave(session: Session) -> None:
    """Undo what no use case committed; a transaction that only read is committed instead.

    On a rollback psycopg forgets every statement it had prepared, and the server would plan all
    of them again after each page.
    """
    try:
        if session.is_active:
            _commit_if_read_only(session.connection().connection.driver_connection)
    finally:
        session.rollback()


def _commit_if_read_only(driver: object) -> None:
    """Commit unless the database says that this transaction wrote or locked something."""
    if not isinstance(driver, psycopg.Connection):
        return
    if driver.info.transaction_status == TransactionStatus.INTRANS:
        only_read = driver.execute("select pg_current_xact_id_if_assigned() is null").fetchone()
        if only_read == (True,):
            driver.commit()


@event.listens_for(Session, "after_begin")
def _pin_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if transaction.nested:
        return  # a savepoint keeps what its transaction was given
    tenant_id = _tenant.get()
    connection.execute(_pin, {"tenant": "" if tenant_id is None else str(tenant_id)})


def in_transaction(
    work: Callable[[Session], Result], *, tries: int = 4, as_owner: bool = False
) -> Result:
    """Run `work` in one transaction and commit it; what a deadlock gave up runs again.

    `as_owner` is for municipalities and their rules, which the web role can only read.
    Raises what `work` raises, after rolling back, and Refused("busy") when the locks
    of others could not be had in time.
    """
    session: Session = db.session()
    if session.info.get("in_use_case"):
        raise RuntimeError("a use case calls no other use case: share a service function instead")
    session.info["in_use_case"] = True
    try:
        for tried in range(1, tries):
            try:
                return _once(session, work, as_owner=as_owner)
            except DBAPIError as error:
                if sqlstate(error) not in LOST_RACES:
                    raise
                time.sleep(random.uniform(0, 0.02 * 2**tried))  # noqa: S311 - spreads retries
        return _once(session, work, as_owner=as_owner)
    except DBAPIError as error:
        if sqlstate(error) in {*LOST_RACES, LOCK_TIMEOUT}:
            raise Refused(Refusal("busy")) from error
        raise
    finally:
        session.info.pop("in_use_case", None)


def tried(work: Callable[[Session], Result]) -> Result:
    """Return what `work` would do, and undo it: a page shows just what saving brings.

    Rows that it made or changed are no longer to be read; raises what `work` raises.
    """

    def undone(session: Session) -> None:
        raise _Undone(work(session))

    try:
        in_transaction(undone)
    except _Undone as done:
        return done.result  # type: ignore[no-any-return]
    raise AssertionError("what is only tried is always undone")


class _Undone(Exception):  # noqa: N818 - it ends a transaction that was only tried
    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


def _once(session: Session, work: Callable[[Session], Result], *, as_owner: bool) -> Result:
    try:
        if as_owner:
            session.execute(text(f"set local role {OWNER}"))
        result = work(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return result


def sqlstate(error: DBAPIError) -> str | None:
    """Return PostgreSQL's five-character code of what went wrong."""
    return error.orig.sqlstate if isinstance(error.orig, psycopg.Error) else None
