"""Money of a booking that does not come back, in words: how much, and by which rule."""

from app.db import db
from app.usecases.kept_money import Kept, Overpaid, kept_of, overpaid_of
from app.web import formats
from app.web.booked import Booked
from app.web.words import _


def kept_said(found: Booked, *, payee: str | None = None) -> list[str]:
    """Return what of a booking's money is kept and why, or that the hall has yet to say.

    `payee`: only of the uses whose fee they get.
    """
    session, booking_id = db.session(), found.booking.id
    uses = [(one.line, one.terms) for one in found.lines if payee in (None, one.line.payee)]
    kept = kept_of(session, booking_id, uses)
    overpaid = overpaid_of(session, booking_id, uses)
    said = [*(_ended(kept) if kept else ()), *(_cheaper(overpaid) if overpaid else ())]
    return list(dict.fromkeys(said))


def undecided() -> str:
    """Return what is said where no rule says what comes back."""
    return _("返す額は会館が決めて、お知らせします。")


def _ended(kept: Kept) -> list[str]:
    said = [undecided()] if kept.is_undecided else []
    if not kept.yen:
        return said
    yen, fee, rule = formats.yen(kept.yen), formats.yen(kept.fee_yen), by_rule(kept.citation)
    if kept.is_for_cancelling:
        text = _("取消料は%(yen)sです%(rule)s。", yen=yen, rule=rule)
    elif kept.yen < kept.fee_yen:
        text = _(
            "取り消した枠の料金 %(fee)sのうち、%(yen)sは規則により返りません%(rule)s。",
            fee=fee, yen=yen, rule=rule,
        )  # fmt: skip
    else:
        text = _("取り消した枠の料金 %(yen)sは、規則により返りません%(rule)s。", yen=yen, rule=rule)
    return [text, *said]


def _cheaper(found: Overpaid) -> list[str]:
    yen, rule = formats.yen(found.yen), by_rule(found.citation)
    if found.is_undecided:
        return [undecided()]
    if not found.adds_up:
        return [_("変更の差額 %(yen)sは、規則により返りません%(rule)s。", yen=yen, rule=rule)]
    sums = _(
        "はらった額 %(paid)s、いまの使用料 %(fee)s、",
        paid=formats.yen(found.paid_yen), fee=formats.yen(found.fee_yen),
    )  # fmt: skip
    if not found.back_yen:
        return [sums + _("差額 %(yen)sは規則により返りません%(rule)s。", yen=yen, rule=rule)]
    text = _("差額 %(more)sのうち%(back)sを返します。のこり%(yen)sは規則により返りません%(rule)s。")
    more = formats.yen(found.back_yen + found.yen)
    return [sums + text % {"more": more, "back": formats.yen(found.back_yen), "yen": yen,
                           "rule": rule}]  # fmt: skip


def by_rule(citation: str) -> str:
    """Return the rule in brackets; nothing when none is named."""
    return _("（%(rule)s）", rule=citation) if citation else ""
