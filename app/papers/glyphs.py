"""Which characters the fonts can print; what they can't becomes 〓, as printers do.

PDF/UA knows no box for a missing character, so a smile in somebody's name would stop the paper.
"""

import struct
import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
MISSING = "〓"
_UNICODE_TABLES = {(0, 3), (0, 4), (0, 6), (3, 1), (3, 10)}  # platform, encoding


def printable(text: str) -> str:
    """Return a text with 〓 for what no font here has; what has no shape is left out.

    >>> printable("髙﨑 🎉\\u200b祭")
    '髙﨑 〓祭'
    """
    known = _known()
    return "".join(
        one if ord(one) in known or one == "\n" or _chooses_a_form(one) else _instead(one)
        for one in text
    )


def _instead(one: str) -> str:
    return "" if unicodedata.category(one) in ("Cc", "Cf", "Mn") else MISSING


def _chooses_a_form(one: str) -> bool:
    """Say whether it picks a variant of the character before it (異体字セレクタ)."""
    return 0xE0100 <= ord(one) <= 0xE01EF


@cache
def _known() -> frozenset[int]:
    found: set[int] = set()
    for path in sorted(FONTS.glob("*_400Regular.ttf")):
        found |= _characters(path.read_bytes())
    # Format characters have glyphs in some fonts, but no shape; they would only hide in the text.
    return frozenset(one for one in found if unicodedata.category(chr(one)) not in ("Cc", "Cf"))


def _characters(font: bytes) -> set[int]:
    """Return the characters that a font file has glyphs for (its table cmap)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    at = next(
        offset
        for number in range(tables)
        for tag, _sum, offset, _length in [struct.unpack_from(">4sIII", font, 12 + 16 * number)]
        if tag == b"cmap"
    )
    (count,) = struct.unpack_from(">H", font, at + 2)
    found: set[int] = set()
    for number in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", font, at + 4 + 8 * number)
        if (platform, encoding) in _UNICODE_TABLES:
            found |= _of_table(font, at + offset)
    return found


def _of_table(font: bytes, at: int) -> set[int]:
    (form,) = struct.unpack_from(">H", font, at)
    return {4: _segments, 12: _groups}.get(form, lambda _font, _at: set())(font, at)


def _groups(font: bytes, at: int) -> set[int]:
    """Format 12: runs of characters with runs of glyphs."""
    (count,) = struct.unpack_from(">I", font, at + 12)
    runs = (struct.unpack_from(">III", font, at + 16 + 12 * number) for number in range(count))
    return {one for first, last, _glyph in runs for one in range(first, last + 1)}


def _segments(font: bytes, at: int) -> set[int]:
    """Format 4: segments of the first plane, each with a shift or a list of glyphs."""
    (double,) = struct.unpack_from(">H", font, at + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    starts = struct.unpack_from(f">{count}H", font, at + 16 + double)
    shifts = struct.unpack_from(f">{count}H", font, at + 16 + 2 * double)
    lists = at + 16 + 3 * double
    offsets = struct.unpack_from(f">{count}H", font, lists)
    found = set()
    for place, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for one in range(first, min(last, 0xFFFE) + 1):
            glyph = one + shifts[place]
            if offsets[place]:
                where = lists + 2 * place + offsets[place] + 2 * (one - first)
                (glyph,) = struct.unpack_from(">H", font, where)
            if glyph & 0xFFFF:
                found.add(one)
    return found
