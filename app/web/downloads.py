"""Files as answers: a name in Japanese for people, one in ASCII for old programs (RFC 6266)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO
from urllib.parse import quote

from flask import Response, abort, g, request, send_file, stream_with_context

from app.db.session import tenant_scope
from app.reports.as_csv import ENCODINGS
from app.web.words import _

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class FileName:
    """What a file is called: of what, of which municipality, of which days."""

    plain: str
    japanese: str

    def disposition(self, ending: str, *, how: str = "attachment") -> str:
        """Return the Content-Disposition header with both names; `inline` opens in the browser."""
        encoded = quote(f"{self.japanese}.{ending}", safe="")
        return f"{how}; filename=\"{self.plain}.{ending}\"; filename*=UTF-8''{encoded}"


def named(plain: str, japanese: str, first: date | None, last: date | None) -> FileName:
    """Return the name of a file about a period; open ends are left open."""
    days = [day.isoformat() if day else "" for day in (first, last)]
    return FileName(
        "-".join(part for part in (plain, g.municipality.slug, *days) if part),
        f"{g.municipality.name}_{japanese}_{_period(*days)}",
    )


def streamed(pieces: Iterable[bytes], kind: str, disposition: str) -> Response:
    """Return an answer that is sent piece by piece while it is read from the database.

    Flask has left the municipality by the time the first piece is asked for, so it is entered
    once more.
    """
    tenant_id = g.municipality.id

    def body() -> Iterator[bytes]:
        with tenant_scope(tenant_id):
            yield from pieces

    response = Response(stream_with_context(body()), content_type=kind)
    response.headers["Content-Disposition"] = disposition
    response.headers["Cache-Control"] = "private, no-store"
    return response


def workbook(file: BinaryIO, disposition: str) -> Response:
    """Return a finished workbook as an answer."""
    file.seek(0)
    response = send_file(file, XLSX_TYPE)
    response.headers["Content-Disposition"] = disposition
    response.headers["Cache-Control"] = "private, no-store"
    return response


def pdf(body: bytes, name: FileName) -> Response:
    """Return a PDF that the browser shows and saves under its name; nobody else keeps it."""
    response = Response(body, content_type="application/pdf")
    response.headers["Content-Disposition"] = name.disposition("pdf", how="inline")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def encoding_asked() -> str:
    """Return the encoding of a CSV file that was asked for; one that is none does not exist."""
    encoding = request.args.get("encoding", "utf-8")
    return encoding if encoding in ENCODINGS else abort(404)


def csv_type(encoding: str) -> str:
    """Return the media type of a CSV file."""
    return f"{CSV_TYPE}; charset={encoding}"


def _period(first: str, last: str) -> str:
    if not first and not last:
        return _("全期間")
    start = _("%(day)sから", day=first) if first else ""
    end = _("%(day)sまで", day=last) if last else ""
    return start + end
