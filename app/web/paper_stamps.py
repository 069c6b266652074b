"""What is stamped on a paper that was issued: what happened to it, and to its booking, since."""

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.db import db
from app.issued.models import Paper
from app.papers.documents import Permit
from app.web import formats
from app.web.booked import Booked, booked
from app.web.permitting import unpaid
from app.web.words import _

Stamp = tuple[str, str]  # the word in a frame, and what is said beside it


def stamp_of(paper: Paper) -> Stamp:
    """Return what is stamped on a paper; nothing when it is as it was issued."""
    if paper.replaced_at is not None:
        return _("無効"), _("新しい書類に替わりました。")
    if paper.kind == Permit.kind and (no := not_permitted(paper)):
        return no
    return (_("再発行"), _("%(n)s回目", n=paper.copies)) if paper.copies else ("", "")


def not_permitted(paper: Paper) -> Stamp | None:
    """Return why a permit that was issued permits nothing now: cancelled, or not paid any more."""
    found = _booked(paper)
    if not any(one.line.payee == paper.payee for one in found.standing):
        return _("無効"), _("この予約は取り消されました。")
    if owed := sum(unpaid(found).values()):
        yen = formats.yen(owed)
        return _("未納"), _("使用料が %(yen)s 未納です。はらうまで使えません。", yen=yen)
    return None


def _booked(paper: Paper) -> Booked:
    session = db.session()
    booking = session.get_one(Booking, (paper.tenant_id, paper.booking_id))
    return booked(booking, lines_of(session, booking.id))
