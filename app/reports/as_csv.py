"""Tables as CSV for spreadsheets: no cell becomes a formula, numbers stay numbers.

UTF-8 carries a mark (BOM), by which Excel knows it. Shift_JIS (CP932) is for programs that read
nothing else; what it can't write becomes 〓.
"""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime

from app.kernel.spans import clock_text
from app.reports.columns import Column, Kind, Row, Value

ENCODINGS = {"utf-8": "utf-8", "shift_jis": "cp932"}
BOM = codecs.BOM_UTF8
GETA = "〓"
CHUNK_ROWS = 500

# What a spreadsheet takes for the beginning of a formula (OWASP: CSV Injection), full width too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
# The same signs by the code points that CP932 knows; a Mac types the ones on the left.
_SAME_SIGN = str.maketrans("〜−‖—¢£¬¦", "～－∥―￠￡￢￤")
# Which drawing of a character is meant (葛󠄀): the character itself can be written.
_VARIANTS = dict.fromkeys([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
_TO_CP932 = {**_SAME_SIGN, **_VARIANTS}


def _geta(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return GETA * (error.end - error.start), error.end


codecs.register_error("geta", _geta)


def as_csv(columns: Sequence[Column[Row]], rows: Iterable[Row], encoding: str) -> Iterator[bytes]:
    """Yield a CSV file piece by piece: never more than a few hundred rows are in memory."""
    encode = _encoder(encoding)
    buffer = io.StringIO(newline="")
    # QUOTE_NONNUMERIC: a text that looks like a number (a postcode) is quoted, a number is not.
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    if encoding == "utf-8":
        yield BOM
    writer.writerow([safe(column.heading) for column in columns])
    for count, row in enumerate(rows, 1):
        writer.writerow([cell(column.kind, column.value(row)) for column in columns])
        if count % CHUNK_ROWS == 0:
            yield _taken(buffer, encode)
    yield _taken(buffer, encode)


def cell(kind: Kind, value: Value) -> str | int | float:
    """Return a value as it is written; nothing is an empty cell."""
    if value is None:
        return ""
    if kind is Kind.DAY and isinstance(value, date):
        return value.isoformat()
    if kind is Kind.MOMENT and isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, int | float):
        return _figure(kind, value)
    return safe(str(value))


def safe(text: str) -> str:
    """Return a text that no spreadsheet calculates: what looks like a formula begins with '."""
    return f"'{text}" if text.lstrip(" 　").startswith(_FORMULA) else text


def _figure(kind: Kind, value: float) -> str | int | float:
    if kind is Kind.MINUTE:
        return clock_text(int(value))
    if kind is Kind.HOURS:
        return round(value / 60, 2)
    if kind is Kind.PART:
        return round(value, 4)
    return value


def _taken(buffer: io.StringIO, encode: Callable[[str], bytes]) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return encode(text)


def _encoder(encoding: str) -> Callable[[str], bytes]:
    if encoding == "utf-8":
        return str.encode
    return lambda text: text.translate(_TO_CP932).encode(ENCODINGS[encoding], "geta")
