"""Screens and calendars of a hall: made, shown with their address, revoked; words on screens."""

from datetime import timedelta

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.db import audit, db
from app.db.session import in_transaction
from app.displays import links, notices
from app.displays.models import CALENDAR, SCREEN
from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission, may
from app.kernel.text_ja import tidy
from app.web import context, halls, staff_words
from app.web.access import access
from app.web.calendars import address_of
from app.web.rendering import page
from app.web.staff_forms import page_number
from app.web.words import _

bp = Blueprint("desk_screens", __name__)
bp.context_processor(staff_words.in_templates)

HOURS = (1, 3, 6, 12, 24, 72)  # how long words may stand on screens
MOST_IN_A_NAME = 40


@bp.get("/<slug:facility>/screens")
@access(Permission.CLOSE_ROOMS)
def every(facility: str) -> ResponseReturnValue:
    """Show the screens and calendars of a hall with their addresses, and the words on screens."""
    return _page(_hall(facility))


@bp.post("/<slug:facility>/screens")
@access(Permission.CLOSE_ROOMS)
def make(facility: str) -> ResponseReturnValue:
    """Make an address of a screen or a calendar."""
    hall = _hall(facility)
    kind, name = request.form.get("kind", SCREEN), tidy(request.form.get("name", ""))
    known = {str(room.id): room.id for room in hall.rooms}
    rooms = [known[one] for one in request.form.getlist("room") if one in known]
    if kind not in (SCREEN, CALENDAR) or len(rooms) < len(request.form.getlist("room")):
        abort(400)  # fewer rooms than asked for would be all rooms
    if not name:
        return _page(hall, problems=[_("名前を入れてください。例：玄関の画面")], status=422)
    if len(links.of_hall(db.session(), hall.id)) >= links.MOST:
        return _page(hall, problems=[_("使っていないものを止めてください。")], status=422)

    def work(session: Session) -> None:
        link = links.make(
            session, kind, name=name[:MOST_IN_A_NAME], facility_id=hall.id, room_ids=rooms,
            made_by=g.viewer.account_id, now=context.now(),
        )  # fmt: skip
        _note(session, "link.made", link.id, kind=kind, facility=hall.id, rooms=rooms)

    in_transaction(work)
    flash(_("「%(name)s」のアドレスを作りました。", name=name))
    return redirect(url_for(".every", facility=hall.slug), code=303)


@bp.post("/<slug:facility>/screens/<int:link_id>/end")
@access(Permission.CLOSE_ROOMS)
def end(facility: str, link_id: int) -> ResponseReturnValue:
    """Revoke an address; or, with `back`, let it lead there again."""
    hall, is_back = _hall(facility), "back" in request.form

    def work(session: Session) -> bool:
        if is_back:
            was_there = links.bring_back(session, link_id, facility_id=hall.id)
        else:
            was_there = links.end(session, link_id, facility_id=hall.id, now=context.now())
        if was_there:
            _note(session, "link.made" if is_back else "link.ended", link_id, facility=hall.id)
        return was_there

    if link_id >= 2**63 or not in_transaction(work):
        abort(404)
    if is_back:
        flash(_("アドレスをもとに戻しました。"))
        return redirect(url_for(".every", facility=hall.slug), code=303)
    return redirect(url_for(".every", facility=hall.slug, ended=link_id), code=303)


@bp.post("/<slug:facility>/screens/notice")
@access(Permission.CLOSE_ROOMS)
def put_notice(facility: str) -> ResponseReturnValue:
    """Put words on all screens of the hall, or take them away."""
    hall = _hall(facility)
    words = tidy(request.form.get("words", ""))
    typed = request.form.get("hours", "")
    is_away = "away" in request.form
    if not is_away and (problems := _notice_problems(words, typed)):
        return _page(hall, problems=problems, status=422)

    def work(session: Session) -> None:
        now = context.now()
        if is_away:
            notices.take_away(session, hall.id, now=now)
        else:
            until = now + timedelta(hours=int(typed))
            words_shown = words[: notices.MOST_WORDS]
            notices.put(
                session, hall.id, words_shown, until=until, put_by=g.viewer.account_id, now=now
            )
        _note(session, "screens.notice", hall.id, is_shown=not is_away)

    in_transaction(work)
    flash(_("画面の言葉を消しました。") if is_away else _("1分以内に、すべての画面に出ます。"))
    return redirect(url_for(".every", facility=hall.slug), code=303)


def _notice_problems(words: str, hours: str) -> list[str]:
    missing = [] if words else [_("画面に出す言葉を入れてください。")]
    return missing + ([] if hours in map(str, HOURS) else [_("いつまで出すかをえらんでください。")])


def _note(session: Session, action: str, subject_id: int, **facts: object) -> None:
    audit.note(
        session, context.actor("staff"), action, subject="display", subject_id=subject_id,
        now=context.now(), facts=facts,
    )  # fmt: skip


def _page(
    hall: FacilityInfo, *, problems: list[str] | None = None, status: int = 200
) -> ResponseReturnValue:
    session, now = db.session(), context.now()
    return page(
        "desk/screens.html",
        status=status,
        hall=hall,
        on=context.today(),
        links=links.of_hall(session, hall.id),
        names={room.id: room.name for room in hall.rooms},
        address_of=address_of,
        notice=notices.shown(session, hall.id, now=now),
        hours=HOURS,
        most_words=notices.MOST_WORDS,
        problems=problems or [],
        ended=page_number(request.args.get("ended", "")),
        typed=request.form,
    )


def _hall(slug: str) -> FacilityInfo:
    """Return a hall all of which is the viewer's: a screen may show any room of it."""
    hall = halls.hall(slug, Permission.CLOSE_ROOMS)
    return hall if may(g.viewer, Permission.CLOSE_ROOMS, hall.id) else abort(404)
