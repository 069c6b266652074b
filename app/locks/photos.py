"""Photos of doors: one for each, small, and without what a camera writes beside the picture."""

import io
from collections.abc import Collection
from datetime import datetime
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import BigInteger, ForeignKeyConstraint, LargeBinary, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db.base import Base
from app.db.session import current_tenant
from app.kernel.refusals import Refusal, Refused

MOST_BYTES: Final = 12 * 1024 * 1024  # as a telephone of today sends them
MOST_PIXELS: Final = 60_000_000  # a small file may unfold into a picture that fills the memory
MOST_AT_ONCE: Final = 24_000_000  # of what can't be read smaller than it is: 100 MB unfolded
KINDS: Final = ("JPEG", "PNG", "WEBP")
SIDE, QUALITY = 640, 78  # pixels of the longer side: about 60 KB, and sharp on a telephone


class DoorPhoto(Base):
    """What a door looks like."""

    __tablename__ = "door_photo"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "door_id"], ["door.tenant_id", "door.id"]),
    )

    tenant_id: Mapped[int] = mapped_column(primary_key=True)
    door_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    jpeg: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(BigInteger)


def made_small(raw: bytes) -> bytes:
    """Return a photo as a small JPEG, upright, with nothing of where and when it was taken.

    Raises Refused for what is too large or no JPEG, PNG or WebP.
    """
    if len(raw) > MOST_BYTES:
        raise Refused(Refusal("door.photo_too_large"))
    try:
        with Image.open(io.BytesIO(raw), formats=KINDS) as found:
            most = MOST_PIXELS if found.format == "JPEG" else MOST_AT_ONCE
            if found.width * found.height > most:
                raise Refused(Refusal("door.photo_too_large"))
            return _jpeg(found)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Refused(Refusal("door.photo_unreadable")) from error
    except Image.DecompressionBombError as error:
        raise Refused(Refusal("door.photo_too_large")) from error


def photos_of(session: Session, door_ids: Collection[int]) -> dict[int, bytes]:
    """Return the photos of doors that have one, by door."""
    rows = session.execute(
        select(DoorPhoto.door_id, DoorPhoto.jpeg).where(
            DoorPhoto.tenant_id == current_tenant(), DoorPhoto.door_id.in_(door_ids)
        )
    )
    return {door_id: jpeg for door_id, jpeg in rows}


def keep(session: Session, door_id: int, jpeg: bytes, *, by: int | None, now: datetime) -> None:
    """Keep a photo of a door instead of the one before."""
    told = {"jpeg": jpeg, "made_at": now, "made_by": by}
    session.execute(
        insert(DoorPhoto)
        .values(tenant_id=current_tenant(), door_id=door_id, **told)
        .on_conflict_do_update(index_elements=["tenant_id", "door_id"], set_=told)
    )


def forget(session: Session, door_id: int) -> bool:
    """Throw the photo of a door away; False when it has none."""
    gone = session.execute(
        delete(DoorPhoto)
        .where(DoorPhoto.tenant_id == current_tenant(), DoorPhoto.door_id == door_id)
        .returning(DoorPhoto.door_id)
    ).all()
    return bool(gone)


def _jpeg(found: Image.Image) -> bytes:
    found.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is read smaller than it is, others are not
    found.thumbnail((SIDE, SIDE))
    upright = ImageOps.exif_transpose(found)
    flat = Image.new("RGB", upright.size, "white")
    seen = upright.convert("RGBA")
    flat.paste(seen, mask=seen)
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()
