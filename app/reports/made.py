"""Files that take longer than a page may: asked for, made by the worker, fetched, forgotten."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app.db import db
from app.db.outbox import enqueue
from app.db.session import current_tenant, in_transaction
from app.reports.models import DONE, FAILED, WAITING, WORKING, MadeFile, MadeFilePiece

MAKE = "make_file"
MOST_TRIES = 3
KEPT = timedelta(days=1)  # it may hold names and telephone numbers
PIECE = 1024 * 1024
STEP = 1000  # rows from one word about the progress to the next

_PROGRESS = text("update made_file set rows_done = :rows where tenant_id = :tenant and id = :id")
_PIN = text("select set_config('app.tenant_id', :tenant, true)")


def ask_for(
    session: Session,
    *,
    account_id: int,
    kind: str,
    question: Mapping[str, Any],
    disposition: str,
    rows: int,
    now: datetime,
) -> int:
    """Have a file made; return its id."""
    made = MadeFile(
        tenant_id=current_tenant(), account_id=account_id, kind=kind, question=dict(question),
        disposition=disposition, state=WAITING, rows_done=0, rows_all=rows, tries=0, asked_at=now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    enqueue(session, MAKE, file_id=made.id)
    return made.id


def file_of(session: Session, file_id: int, account_id: int) -> MadeFile | None:
    """Return a file that a person asked for; another's is as unknown as one that never was."""
    return session.scalar(
        select(MadeFile).where(
            MadeFile.tenant_id == current_tenant(),
            MadeFile.id == file_id,
            MadeFile.account_id == account_id,
        )
    )


def pieces(session: Session, file_id: int) -> Iterator[bytes]:
    """Yield a finished file piece by piece."""
    mine = (MadeFilePiece.tenant_id == current_tenant(), MadeFilePiece.file_id == file_id)
    places = session.scalars(
        select(MadeFilePiece.place).where(*mine).order_by(MadeFilePiece.place)
    ).all()
    for place in places:
        yield session.scalars(
            select(MadeFilePiece.content).where(*mine, MadeFilePiece.place == place)
        ).one()


def begin(session: Session, file_id: int) -> MadeFile | None:
    """Begin to make a file, from its beginning; None when it is done, given up or forgotten."""
    made = session.scalar(
        select(MadeFile)
        .where(MadeFile.tenant_id == current_tenant(), MadeFile.id == file_id)
        .with_for_update()
    )
    if made is None or made.state in (DONE, FAILED):
        return None
    made.state, made.tries, made.rows_done = WORKING, made.tries + 1, 0
    session.flush()
    session.expunge(made)
    return made


def progress_of(file_id: int) -> Callable[[int], None]:
    """Return what to call with the number of rows done; it has a transaction of its own."""
    tenant = current_tenant()

    def tell(rows: int) -> None:
        with db.engine.begin() as connection:
            connection.execute(_PIN, {"tenant": str(tenant)})
            connection.execute(_PROGRESS, {"rows": rows, "tenant": tenant, "id": file_id})

    return tell


def keep(file_id: int, file: BinaryIO, *, now: datetime) -> None:
    """Keep a finished file; made twice at once, it is kept once."""

    def work(session: Session) -> None:
        mine = (MadeFile.tenant_id == current_tenant(), MadeFile.id == file_id)
        found = session.scalar(select(MadeFile).where(*mine).with_for_update())
        if found is None or found.state == DONE:
            return
        file.seek(0)
        for place in range(1_000_000):
            content = file.read(PIECE)
            if not content:
                break
            piece = MadeFilePiece(
                tenant_id=current_tenant(), file_id=file_id, place=place, content=content
            )
            session.add(piece)
            session.flush()
            session.expunge(piece)
        found.state, found.done_at, found.rows_done = DONE, now, found.rows_all

    in_transaction(work)


def give_up(file_id: int, *, now: datetime) -> None:
    """Say that a file could not be made, for whoever waits for it."""
    in_transaction(
        lambda session: session.execute(
            update(MadeFile)
            .where(MadeFile.tenant_id == current_tenant(), MadeFile.id == file_id)
            .values(state=FAILED, done_at=now)
        )
    )


def forget_old(*, now: datetime) -> None:
    """Delete files that were asked for long ago."""
    in_transaction(
        lambda session: session.execute(
            delete(MadeFile).where(
                MadeFile.tenant_id == current_tenant(), MadeFile.asked_at < now - KEPT
            )
        )
    )
