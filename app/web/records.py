"""What stands in a booking, in words: answers, the fee as it was quoted, money, who touched it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g

from app.booking.history import Touch
from app.booking.models import Booking, BookingLine
from app.booking.states import State
from app.db import db
from app.payments.service import balance_of
from app.tenants.policy import MunicipalityPolicy
from app.web import context, formats
from app.web.booked import Booked
from app.web.checking import FeeRow, fee_label, lines_of_text
from app.web.equipment_words import used_words
from app.web.kept_words import kept_said
from app.web.money_history import money_touched
from app.web.refund_words import refunds_said
from app.web.words import _

Row = tuple[str, str]
NOTES_ON_PAPER = 200  # characters: a booking fits on one sheet


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee as it was frozen: its lines, their sum, and where the prices are written."""

    rows: Sequence[FeeRow]
    total_yen: int | None  # None: not decided yet
    citations: Sequence[str]


def fee_of(found: Booked) -> Fee:
    """Return the fee of what stands; of a booking that ended, what it was."""
    lines = found.standing or list(found.lines)
    several = len(found.lines) > 1
    fees = [_quoted_yen(one.line) for one in lines]
    quoted = [(one, part) for one in lines for part in (one.line.quote or {}).get("lines", ())]
    cited = [part["citation"] for _one, part in quoted if part["citation"]]
    return Fee(
        [
            FeeRow(fee_label(day, one.room, part["label"]), part["arithmetic"], part["yen"])
            for one, part in quoted
            for day in [one.line.on_date if several else None]
        ],
        None if None in fees else sum(one for one in fees if one is not None),
        list(dict.fromkeys(cited)),
    )


def _quoted_yen(line: BookingLine) -> int | None:
    """Return the fee of a line; of one that was given up before it was charged, as quoted."""
    if line.fee_yen is not None:
        return line.fee_yen
    yen: int | None = (line.quote or {}).get("total_yen")
    return yen


def money_words(booking: Booking, *, fee_is_known: bool, paid: int, owed: int) -> str:
    """Return where the money of a booking stands; `owed` is negative when some comes back."""
    if booking.state == State.REQUESTED and fee_is_known:
        return _("許可されるまで、はらう必要はありません。")
    if booking.state == State.REQUESTED:
        return _("料金は、まだ決まっていません。")
    if owed > 0:
        return _("%(yen)sを、まだはらっていません。", yen=formats.yen(owed))
    if owed < 0:
        back = formats.yen(-owed)
        if refunds_said(booking.id):  # how each goes back stands beside it
            return _(
                "%(yen)sをはらいました。%(back)sを返します。", yen=formats.yen(paid), back=back
            )
        return _(
            "%(yen)sをはらいました。%(back)sを返します。受け取り方は、お電話でおたずねください。",
            yen=formats.yen(paid),
            back=back,
        )
    if paid:
        return _("%(yen)sをはらいました。", yen=formats.yen(paid))
    return _("はらうお金はありません。")


def rows_of(found: Booked, *, most_notes: int | None = None) -> list[Row]:
    """Return what the applicant said, question by question; long notes are cut where told."""
    booking, policy = found.booking, context.policy()
    purposes = {one.id: one.name for one in policy.purposes}
    rows = [
        (_("申し込んだ人"), f"{booking.applicant_name or ''}{class_name(found, policy)}"),
        (_("目的"), purposes.get(booking.purpose or "", booking.purpose or "")),
        (_("人数"), _("%(n)s人", n=f"{booking.people or 0:,}")),
        (_("案内板にのせる名前"), booking.shown_name or _("のせない")),
    ]
    terms = [use.terms for use in (one.use for one in found.lines) if use]
    several = len(found.lines) > 1
    for one in found.lines:
        used = used_words(one.facility, one.line)
        if used:
            where = f"{formats.ja_day(one.line.on_date)} {one.room} " if several else ""
            rows.append((_("備品・設備"), f"{where}{used}"))
    if any(one.asks_admission for one in terms):
        yen = booking.answers.get("admission_yen", 0)
        rows.append((_("入場料"), formats.yen(yen) if yen else _("とらない")))
    if any(one.asks_for_profit for one in terms):
        profit = booking.answers.get("is_for_profit", False)
        rows.append((_("商売や宣伝のため"), _("はい") if profit else _("いいえ")))
    own = {question.id: question.label for one in terms for question in one.questions}
    rows += [(label, str(booking.answers.get(key) or _("なし"))) for key, label in own.items()]
    if booking.notes:
        rows.append((_("会館に伝えたいこと"), lines_of_text(_cut(booking.notes, most_notes))))
    return rows


def history_of(touches: Sequence[Touch]) -> list[Row]:
    """Return when who did what; what is no news to the owner is left out."""
    said = [(formats.ja_date(one.at), formats.clock_time(one.at), _touched(one)) for one in touches]
    return [(f"{day} {clock}", text) for day, clock, text in said if text]


def _touched(touch: Touch) -> str:
    count = len(touch.facts.get("lines", ()))
    what = {
        "booking.made": _("申し込みました。"),
        "booking.cancelled": _("%(n)s枠を取り消しました。", n=count),
        "booking.changed": _("予約を変えました。"),
        "booking.lapsed": (
            _("許可されないまま、使う時間がすぎました。")
            if touch.facts.get("review")
            else _("期限までに支払いがなかったので、取り消しました。")
        ),
        "refund.failed": _("お金をまだお返しできていません。職員が確かめています。"),
        "refund.again": _("お金をお返しする手続きを、もう一度始めました。"),
        "fee.settled": _("料金を決めました。"),
        "review.granted": _("使用を許可しました。"),
        "review.returned": _("申請について問い合わせました。"),
        "review.refused": _("使用を許可しませんでした。"),
        "review.replied": _("問い合わせに返事をしました。"),
        "waiver.asked": _("減免を申請しました。"),
        "waiver.approved": _("減免を認めました。"),
        "waiver.returned": _("減免の申請について問い合わせました。"),
        "waiver.refused": _("減免を認めませんでした。"),
        "waiver.withdrawn": _("減免の申請を取り下げました。"),
        **money_touched(touch),
    }.get(touch.action)
    return f"{_who(touch)}：{what}" if what else ""


def _who(touch: Touch) -> str:
    if touch.account_id is not None and touch.account_id == g.viewer.account_id:
        return _("あなた")
    return {
        "resident": _("申し込んだ人"),
        "staff": _("職員"),
        "program": _("ほかのシステム"),
        "service": _("自動の手続き"),
    }[touch.actor_kind]


def _cut(notes: str, most: int | None) -> str:
    """Return notes up to a length; on paper their lines run on."""
    if most is None:
        return notes
    plain = " ".join(notes.split())
    return plain if len(plain) <= most else _("%(notes)s…（つづきは画面で）", notes=plain[:most])


def class_name(found: Booked, policy: MunicipalityPolicy) -> str:
    """Return the applicant's class as it stands behind their name, or nothing."""
    known = policy.class_named(found.booking.applicant_class or "")
    return f"（{known.name}）" if known else ""


def recorded(found: Booked, *, most_notes: int | None = None) -> dict[str, Any]:
    """Return what page and paper both say of a booking."""
    balance = balance_of(db.session(), found.booking.id)
    is_paid = balance.paid_yen > 0
    return {
        "b": found,
        "rows": rows_of(found, most_notes=most_notes),
        "quoted": fee_of(found),
        "money": money_words(
            found.booking,
            fee_is_known=all(one.line.fee_yen is not None for one in found.standing),
            paid=balance.paid_yen,
            owed=balance.owed_yen,
        ),
        "kept": kept_said(found) if is_paid else [],
    }
