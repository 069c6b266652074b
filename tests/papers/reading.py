"""A PDF as a reader finds it: the words of each page, and its pictures."""

from dataclasses import fields, is_dataclass
from typing import Any

import pypdfium2

ZERO_WIDTH = "\u200b\ufeff\u00ad"


def pages_of(pdf: bytes) -> list[str]:
    """Return the words of each page, without spaces and line breaks."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [plain(page.get_textpage().get_text_bounded()) for page in document]
    finally:
        document.close()


def plain(text: str) -> str:
    """Return text without what only shapes it."""
    kept = "".join(one for one in text if one not in ZERO_WIDTH)
    return "".join(kept.split()).replace("\ufffe", "").replace("−", "-")


def said_by(document: Any) -> list[str]:
    """Return every text of a document, and every sum as papers write it."""
    if isinstance(document, str):
        return [document] if document else []
    if isinstance(document, bool) or document is None:
        return []
    if isinstance(document, int):
        return [f"{document:,}"]
    if is_dataclass(document):
        return [x for one in fields(document) for x in said_by(getattr(document, one.name))]
    return [x for one in document for x in said_by(one)]


def ink_at_the_edges(pdf: bytes, points: int = 12) -> list[int]:
    """Return the pages on which something reaches the edge of the paper."""
    document = pypdfium2.PdfDocument(pdf)
    found = []
    for number, page in enumerate(document, start=1):
        picture = page.render(scale=1, grayscale=True)
        wide, high, step, raw = picture.width, picture.height, picture.stride, bytes(picture.buffer)
        rows = [raw[at * step : at * step + wide] for at in range(high)]
        inner = [row[:points] + row[-points:] for row in rows]
        whole = [*rows[:points], *rows[-points:], *inner]
        if any(min(row) < 250 for row in whole):
            found.append(number)
    document.close()
    return found
