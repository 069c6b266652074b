"""Pictures of every paper, to look at: python -m tests.papers.pictures FOLDER."""

import struct
import sys
import zlib
from pathlib import Path

import pypdfium2

from app.papers.printing import render
from tests.papers.samples import EXTREME, USUAL


def take(folder: Path) -> None:
    """Print every sample and keep each page as a picture."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, sheet in {**USUAL, **EXTREME}.items():
        pdf = pypdfium2.PdfDocument(render(sheet))
        for number, page in enumerate(pdf, start=1):
            picture = folder / f"{name}-{number}.png"
            picture.write_bytes(png(page.render(scale=1.4, rev_byteorder=True)))
            print(picture)
        pdf.close()


def png(bitmap: pypdfium2.PdfBitmap) -> bytes:
    """Return a picture of red, green and blue as PNG."""
    wide, high, step, raw = bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer)
    rows = b"".join(b"\0" + raw[at * step : at * step + 3 * wide] for at in range(high))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


if __name__ == "__main__":
    take(Path(sys.argv[1] if len(sys.argv) > 1 else "var/papers"))
