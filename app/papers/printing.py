"""Documents to PDF by Typst: tagged (PDF/UA-1), A4, in the fonts that lie beside this file.

What people typed goes in as JSON and is only ever text; no source is made from it.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
import typst

from app.papers.documents import Document, Sheet, title_of
from app.papers.glyphs import FONTS, printable

_TEMPLATE = Path(__file__).parent / "templates" / "papers.typ"
_one_at_a_time = threading.Lock()


def render(sheet: Sheet) -> bytes:
    """Return a document as PDF."""
    return render_many([sheet])


def render_many(sheets: Sequence[Sheet]) -> bytes:
    """Return documents in one PDF, each beginning on a page of its own that is page 1 again."""
    if not sheets:
        raise ValueError("nothing to print")
    told = {"title": _title(sheets), "sheets": [_told(one) for one in sheets]}
    data = json.dumps(_printable(told), ensure_ascii=False)
    with _one_at_a_time:  # a compiler keeps its inputs while it works
        pdf = _compiler().compile(
            input=str(_TEMPLATE), format="pdf", sys_inputs={"data": data}, pdf_standards="ua-1"
        )
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _compiler() -> typst.Compiler:
    """Return the compiler of this process: it has read fonts and templates once."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )
    return typst.Compiler(root=str(_TEMPLATE.parent), font_paths=fonts)


def _title(sheets: Sequence[Sheet]) -> str:
    first = sheets[0]
    if len(sheets) == 1:
        return f"{title_of(first.document)} {first.number}".strip()
    return f"{title_of(first.document)}（{len(sheets)}通）"


def _told(sheet: Sheet) -> dict[str, Any]:
    document: Document = sheet.document
    return {
        "kind": document.kind,
        "title": title_of(document),
        "number": sheet.number,
        "issued_on": sheet.issued_on,
        "stamp": sheet.stamp,
        "remark": sheet.remark,
        "code": _code(sheet.check_url) if sheet.check_url else "",
        "check_url": sheet.check_url,
        **asdict(document),
    }


def _code(url: str) -> str:
    """Return a QR code as SVG; a seventh of it may be covered by a seal and it still reads."""
    drawn = BytesIO()
    segno.make_qr(url, error="m", boost_error=False).save(
        drawn, kind="svg", border=4, xmldecl=False, nl=False
    )
    return drawn.getvalue().decode()


DRAWN = "code"  # what we drew ourselves


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    # Told apart by name and never by what it says: people may type anything.
    if isinstance(value, dict):
        return {key: one if key == DRAWN else _printable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(one) for one in value]
    return value
