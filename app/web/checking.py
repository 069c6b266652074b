"""What the check page says: the answers in words, the fee line by line, what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, url_for
from markupsafe import Markup

from app.booking.rules.reviewing import answer_by, review_of
from app.db import db
from app.usecases.ways_in import opens_by_number
from app.web import context, formats, journey
from app.web.answers import Asked, Asking
from app.web.equipment_words import equipment_words
from app.web.offer import Offer, Offered
from app.web.outcomes import UseAt, cancelling, places_to_pay
from app.web.waiver_offers import WaiverOffer, for_basket
from app.web.words import _

Row = tuple[str, str, str]  # name, value, where it is changed


@dataclass(frozen=True, slots=True)
class FeeRow:
    """A line of the fee as the table shows it."""

    label: str
    how: str
    yen: int


def facts_of(asking: Asking, offer: Offer) -> dict[str, Any]:
    """Return the values of the check page's template."""
    uses = [use for one in offer.ready for use in [_use(one)] if use]
    zone = g.municipality.zone
    return {
        "rows": [row for one in asking.questions for row in _rows(one, asking)],
        "who": _who(),
        "fee_rows": [row for one in offer.ready for row in _fee(one, several=offer.several)],
        "citations": _citations(offer.ready),
        "due_at": offer.due_at(context.now(), zone),
        "places": places_to_pay(uses),
        "cancelling": cancelling(uses),
        "notes": list(dict.fromkeys(use.terms.notes for use in uses if use.terms.notes)),
        "permit_by": _permit_by(asking, offer),
        "until": g.basket_summary.until,
        "left_open": [
            (fee_label(one.line.on_date if offer.several else None, one.room.name), one.left_open)
            for one in offer.ready
            if one.left_open and one.room
        ],
        "waiver": waiver_asked(asking),
        "may_ask_waiver": bool(for_basket(asking)),
        "by_number": _opens_by_number(offer),
        "has_lapsed": any(_is_lapsed(one) for one in offer.ready),
    }


def _opens_by_number(offer: Offer) -> bool:
    lines = [one.line for one in offer.ready]
    halls, rooms = {one.facility_id for one in lines}, {one.room_id for one in lines}
    return bool(lines) and opens_by_number(db.session(), halls, rooms)


def _permit_by(asking: Asking, offer: Offer) -> date | None:
    """Return by when staff answer, where one of the uses needs a permit."""
    days = []
    for one in offer.ready:
        assert one.terms is not None
        assert one.room is not None
        rule = review_of(
            one.terms, room=one.room.slug, applicant_class=context.applicant_class(),
            purpose=asking.values.get("purpose"),
        )  # fmt: skip
        if rule:
            today = context.today()
            days.append(answer_by(rule, requested_on=today, use_day=one.line.on_date))
    return min(days, default=None)


def _rows(asked: Asked, asking: Asking) -> list[Row]:
    url = url_for("apply.ask", question=asked.id, change=1)
    value = asking.values.get(asked.keys[0])
    if asked.id == "purpose":
        names = {one.id: one.name for one in context.policy().purposes}
        return [(asked.name, names.get(str(value), ""), url)]
    if asked.id == "people":
        return [(asked.name, people_words(value or 0, asking), url)]
    if asked.id == "money":
        return _money(asked, asking, url)
    if asked.id == "equipment":
        return [(asked.name, _equipment(asking), url)]
    nothing = _("のせない") if asked.id == "name" else _("なし")
    return [(asked.name, lines_of_text(str(value or "")) or nothing, url)]


def _money(asked: Asked, asking: Asking, url: str) -> list[Row]:
    rows = []
    if "admission_yen" in asked.keys:
        yen = asking.values["admission_yen"]
        said = (
            _("とる（いちばん高い入場料 %(yen)s）", yen=formats.yen(yen)) if yen else _("とらない")
        )
        rows.append((_("入場料"), said, url))
    if "is_for_profit" in asked.keys:
        said = _("はい") if asking.values["is_for_profit"] else _("いいえ")
        rows.append((_("商売や宣伝のため"), said, url))
    return rows


def waiver_asked(asking: Asking) -> WaiverOffer | None:
    """Return the waiver that is asked for, with what all would cost; None when none is."""
    wanted = asking.waiver.get("waiver")
    return next((one for one in for_basket(asking) if one.id == wanted), None) if wanted else None


def people_words(count: int, asking: Asking) -> str:
    """Return how many people come, by category where they were counted so."""
    said = _("%(n)s人", n=f"{count:,}")
    by = asking.values.get("people_by", {})
    kinds = [f"{name}{by[one]:,}" for one, name in asking.people_kinds if by.get(one)]
    return f"{said}（{'、'.join(kinds)}）" if kinds else said


def _equipment(asking: Asking) -> str:
    several = len(asking.equipped) > 1
    said = []
    for one in asking.equipped:
        names = {extra.id: extra.name for extra in one.needs.extras}
        used = equipment_words(names, one.line.extras, one.line.items if one.needs.items else None)
        room = one.room.name if one.room else ""
        said.append(f"{formats.ja_day(one.line.on_date)} {room} {used}" if several else used)
    return lines_of_text("\n".join(said))


def _who() -> list[Row]:
    viewer = g.viewer
    known = context.policy().class_named(viewer.applicant_class or "")
    url = url_for("account.profile", next=journey.check_url())
    return [
        (_("申し込む人"), f"{viewer.name}（{known.name}）" if known else viewer.name, url),
        (_("電話番号"), viewer.phone, url),
        (_("メール"), viewer.email, ""),
    ]


def _fee(one: Offered, *, several: bool) -> list[FeeRow]:
    room = one.room.name if one.room else ""
    day = one.line.on_date if several else None
    if one.left_open:
        return []
    if not one.quote or not one.quote.lines:
        return [FeeRow(fee_label(day, room), "", 0)]
    return [FeeRow(fee_label(day, room, x.label), x.arithmetic, x.yen) for x in one.quote.lines]


def _citations(ready: Sequence[Offered]) -> list[str]:
    cited = [line.citation for one in ready if one.quote for line in one.quote.lines]
    return list(dict.fromkeys(one for one in cited if one))


def _use(one: Offered) -> UseAt | None:
    if one.facility is None or one.terms is None:
        return None
    yen = one.quote.total_yen if one.quote else 0
    room = one.room.slug if one.room else ""
    return UseAt(one.facility, one.terms, one.line.on_date, one.line.starts_at, yen, room)


def _is_lapsed(one: Offered) -> bool:
    """Say whether a line is no longer kept for this person; it may still be free."""
    return bool(one.line.id not in g.holds or g.holds[one.line.id] <= context.now())


def fee_label(day: date | None, *names: str) -> str:
    """Return what a line of a fee is for; the day stands on a line of its own."""
    name = " ".join(names)
    return Markup("{}<br>{}").format(formats.ja_day(day), name) if day else name


def lines_of_text(text: str) -> str:
    """Return text of several lines as a page shows it."""
    return Markup("<br>").join(text.split("\n")) if text else ""
