"""Photos of doors: small, without where they were taken, seen by whoever has the door's number."""

import base64
import io

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db
from app.db.audit import AuditEntry
from app.db.session import tenant_scope
from app.kernel.refusals import Refused
from app.locks import photos
from app.locks.photos import DoorPhoto, made_small
from tests import builders
from tests.pages import ORIGIN, Visitor
from tests.reports.browsing import NOT_OURS, faults
from tests.reports.situations import clerk, staff
from tests.web.codes import a_door

DOORS = "/midori/office/doors"
GPS, PLACE, UPRIGHT = 0x8825, {1: "N", 2: (35.0, 43.0, 44.0)}, 0x0112
RED, BLUE = (200, 20, 20), (20, 20, 200)


def a_photo(width: int = 2000, height: int = 1500, *, kind: str = "JPEG", turned: int = 1) -> bytes:
    """Return a photo, red above and blue below, as a camera writes it that was held somehow."""
    picture = Image.new("RGB", (width, height), BLUE)
    picture.paste(RED, (0, 0, width, height // 2))
    exif = Image.Exif()
    exif[UPRIGHT] = turned
    exif[GPS] = PLACE
    out = io.BytesIO()
    picture.save(out, kind, exif=exif)
    return out.getvalue()


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg))


class TestMadeSmall:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_it_is_a_small_jpeg_that_says_nothing_of_its_making(self, kind: str):
        found = opened(made_small(a_photo(kind=kind)))

        assert (found.format, found.size) == ("JPEG", (640, 480))
        assert dict(found.getexif()) == {}

    def test_it_stands_upright(self):
        found = opened(made_small(a_photo(turned=8)))  # held with its right side up

        assert found.size == (480, 640)
        assert found.getpixel((20, 320))[0] > 150  # what was above is now at the left
        assert found.getpixel((460, 320))[2] > 150

    def test_one_that_can_only_be_read_whole_may_be_less_large(self):
        """A JPEG is read smaller than it is; a PNG of the same size would fill the memory."""
        picture = Image.new("RGB", (6_000, 5_000), BLUE)
        for kind, is_good in (("JPEG", True), ("PNG", False)):
            out = io.BytesIO()
            picture.save(out, kind)
            if is_good:
                assert opened(made_small(out.getvalue())).size == (640, 533)
                continue
            with pytest.raises(Refused) as no:
                made_small(out.getvalue())
            assert no.value.refusals[0].code == "door.photo_too_large"

    def test_one_that_is_small_already_is_not_made_larger(self):
        assert opened(made_small(a_photo(200, 100))).size == (200, 100)

    @pytest.mark.parametrize(
        "raw",
        [
            b"",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"GIF89a",
            a_photo()[:2000],
            b"\xff\xd8",
        ],
    )
    def test_what_is_no_photo_is_refused(self, raw: bytes):
        with pytest.raises(Refused) as no:
            made_small(raw)
        assert no.value.refusals[0].code == "door.photo_unreadable"

    @pytest.mark.parametrize("side", [8_000, 15_000])
    def test_what_would_fill_the_memory_is_refused(self, side: int):
        picture = Image.new("1", (side, side))
        out = io.BytesIO()
        picture.save(out, "PNG")
        assert len(out.getvalue()) < 100_000

        with pytest.raises(Refused) as no:
            made_small(out.getvalue())
        assert no.value.refusals[0].code == "door.photo_too_large"

    def test_a_file_that_is_too_large_is_refused(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(photos, "MOST_BYTES", 1000)
        with pytest.raises(Refused) as no:
            made_small(a_photo())
        assert no.value.refusals[0].code == "door.photo_too_large"


def sends(visitor: Visitor, door: int, content: bytes, name: str = "door.jpg") -> TestResponse:
    """Send a photo on its page, as a browser does."""
    field = f'Content-Disposition: form-data; name="photo"; filename="{name}"'
    head = f"--edge\r\n{field}\r\nContent-Type: image/jpeg\r\n\r\n".encode()
    return visitor.client.post(
        f"{DOORS}/{door}/photo",
        data=head + content + b"\r\n--edge--\r\n",
        content_type="multipart/form-data; boundary=edge",
        headers={"Origin": ORIGIN},
        follow_redirects=True,
    )


def kept(app: Flask) -> list[DoorPhoto]:
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        found = list(db.session.scalars(select(DoorPhoto)))
        db.session.expunge_all()
        return found


def deeds(app: Flask) -> list[str]:
    with app.app_context(), tenant_scope(builders.tenant_id_of("midori")):
        query = select(AuditEntry.action).where(AuditEntry.action.like("door.photo%"))
        return list(db.session.scalars(query.order_by(AuditEntry.id)))


class TestAtTheOffice:
    def test_it_is_put_in_replaced_and_taken_away(self, app: Flask):
        door = a_door(app)
        office = clerk(app).visit(DOORS).press("写真")
        assert "写真がないので、いまはこの絵が出ます。" in office.text

        answer = sends(office, door, a_photo())
        assert "写真を入れました" in answer.text
        first = kept(app)[0].jpeg
        assert base64.b64encode(first).decode() in answer.text
        sends(office, door, a_photo(1500, 2000))
        assert [one.jpeg == first for one in kept(app)] == [False]

        office.visit(f"{DOORS}/{door}/photo").press("写真を消して、絵に戻す")
        assert "番号のページには、絵が出ます。" in office.text
        assert kept(app) == []
        office.post(f"{DOORS}/{door}/photo/remove", {}, status=200)  # asked again: nothing more
        assert deeds(app) == ["door.photo_set", "door.photo_set", "door.photo_removed"]

    @pytest.mark.parametrize(
        ("content", "name", "said"),
        [
            (b"", "", "写真をえらんでください。"),
            (b"%PDF-1.7", "door.jpg", "写真として開けませんでした。"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, app: Flask, content, name, said):
        door = a_door(app)

        answer = sends(clerk(app), door, content, name)

        assert answer.status_code == 422
        assert said in answer.text
        assert kept(app) == []

    def test_a_file_beyond_all_measure_is_refused_before_it_is_read(self, app: Flask):
        door = a_door(app)

        answer = sends(clerk(app), door, b"\xff" * (photos.MOST_BYTES + 100_000))

        assert answer.status_code == 413
        assert "写真や書類を小さくして" in answer.text

    def test_it_is_for_those_who_set_up_the_municipality(self, app: Flask):
        door = a_door(app)
        for role in ("manager", "setup"):
            who = staff(app, role=role, email=f"{role}@example.jp")
            assert sends(who, door, a_photo()).status_code == 403
        neighbour = clerk(app, slug="aoba", email="x@example.jp")
        neighbour.visit(f"/aoba/office/doors/{door}/photo", status=404)
        assert kept(app) == []


@pytest.mark.browser
@pytest.mark.filterwarnings(NOT_OURS)
def test_the_page_is_accessible(app: Flask):
    door = a_door(app)
    sends(clerk(app), door, a_photo())
    assert not faults(app, clerk(app, email="second@example.jp"), f"{DOORS}/{door}/photo")
