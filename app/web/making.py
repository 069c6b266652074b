"""What the worker makes of a question about a long file; and the pages that wait for it."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask import Blueprint, abort, g, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.db import db
from app.db.session import in_transaction
from app.identity.permissions import Permission
from app.reports import made
from app.reports.as_xlsx import Said, Sheet, write_xlsx
from app.reports.lines import LineRow, stream_lines
from app.reports.models import DONE, FAILED
from app.web import context, office_columns, office_filters
from app.web.access import access
from app.web.downloads import XLSX_TYPE, streamed
from app.web.rendering import page
from app.web.words import _

bp = Blueprint("making", __name__)

Tell = Callable[[int], None]  # how many rows are done
Book = tuple[list[Sheet[Any]], Said]


@bp.get("/files/<int:file_id>")
@access(Permission.OFFICE)
def wait(file_id: int) -> ResponseReturnValue:
    """Show how far a file is; when it is done, the way to it."""
    found = _own(file_id)
    return page(
        "office/file.html",
        file=found,
        is_done=found.state == DONE,
        is_failed=found.state == FAILED,
        percent=min(99, found.rows_done * 100 // max(1, found.rows_all)),
    )


@bp.get("/files/<int:file_id>/file")
@access(Permission.OFFICE, recent=True)
def fetch(file_id: int) -> ResponseReturnValue:
    """Send a finished file."""
    found = _own(file_id)
    if found.state != DONE:
        return redirect(url_for(".wait", file_id=file_id), code=303)

    def pieces() -> Iterator[bytes]:
        yield from made.pieces(db.session(), file_id)

    return streamed(pieces(), XLSX_TYPE, found.disposition)


def ask_for(kind: str, question: Mapping[str, Any], disposition: str, rows: int) -> int:
    """Have a file made for the viewer; return its id."""
    return in_transaction(
        lambda session: made.ask_for(
            session, account_id=g.viewer.account_id, kind=kind, question=question,
            disposition=disposition, rows=rows, now=context.now(),
        )
    )  # fmt: skip


def make(file_id: int) -> None:
    """Make a file, unless it is made already; told twice, or after a kill, it is made once."""
    begun = in_transaction(lambda session: made.begin(session, file_id))
    if begun is None:
        return
    try:
        sheets, said = MAKERS[begun.kind](begun.question, made.progress_of(file_id))
        with tempfile.TemporaryFile() as file:
            write_xlsx(file, sheets, said)
            made.keep(file_id, file, now=context.now())
    except Exception:
        db.session.rollback()
        if begun.tries >= made.MOST_TRIES:
            made.give_up(file_id, now=context.now())
        raise


def _bookings(question: Mapping[str, Any], tell: Tell) -> Book:
    form = office_filters.read(MultiDict(question["filters"]))
    form.validate()

    def rows() -> Iterator[LineRow]:
        for count, row in enumerate(stream_lines(db.session(), form.filters, form.order), 1):
            if count % made.STEP == 0:
                tell(count)
            yield row

    said = [(str(what), str(value)) for what, value in question["said"]]
    return [Sheet(_("予約一覧"), office_columns.of_bookings(), rows())], (_("条件"), said)


MAKERS: dict[str, Callable[[Mapping[str, Any], Tell], Book]] = {"bookings": _bookings}


def _own(file_id: int) -> Any:
    found = made.file_of(db.session(), file_id, g.viewer.account_id) if file_id < 2**63 else None
    return found or abort(404)
