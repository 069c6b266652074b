"""Refunds in words: how far the money that goes back has come."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.db import db
from app.payments.refunds import service as refunds
from app.payments.refunds.models import Refund
from app.payments.service import methods_paid
from app.web import formats
from app.web.words import _

STATES = {
    "due": _l("返金の手続き中"),
    "sent": _l("返金の手続き中"),
    "details": _l("口座の入力待ち（決済会社からのメールを確認してください）"),
    "done": _l("返金ずみ"),
    "failed": _l("まだ返せていません。職員が確かめて、お返しします"),
}
METHODS = {
    "card": _l("クレジットカード"),
    "konbini": _l("コンビニで払った分を口座へ"),
    "paypay": _l("PayPay"),
    "cash": _l("窓口で現金"),
    "transfer": _l("口座へ振込"),
}
WAYS_BACK = {
    "card": _l("クレジットカードへ、カード会社を通してお返しします。手続きはいりません。"),
    "konbini": _l("決済会社から届くメールで、振込先の口座をお知らせください。"),
    "paypay": _l("PayPayの残高へお返しします。手続きはいりません。"),
    "cash": _l("会館か市役所の窓口でお返しします。予約番号をお伝えください。"),
    "transfer": _l("口座に振り込みます。"),
}
# Before anything is pressed: to where, and in how many days.
SOON = {
    "card": _l("カードではらった分は、カードへ返します。明細にのるまで、5日から10日ほどです。"),
    "paypay": _l("PayPayではらった分は、残高へ返します。数日で届きます。"),
    "konbini": _l(
        "コンビニではらった分は、口座へ返します。決済会社のメールに口座を入れてから、1週間ほどです。"
    ),
}
AT_A_COUNTER = _l("窓口ではらった分は、会館か市役所の窓口で返します。お電話ください。")
REASONS = {
    "cancelled": _l("取り消し"),
    "displaced": _l("会館の都合による取り消し"),
    "changed": _l("予約の変更"),
    "waived": _l("減免"),
    "late": _l("期限のあとに届いた支払い"),
    "double": _l("二重の支払い（二重納付）"),
    "over": _l("払いすぎ（過誤納）"),
    "lapsed": _l("期限切れ"),
    "credited": _l("料金の減額"),
    "outside": _l("決済会社の画面での返金"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A refund as its owner reads it."""

    yen: int
    how: str
    state: str
    is_done: bool
    is_at_counter: bool
    citation: str


def refunds_said(booking_id: int) -> list[Said]:
    """Return the refunds of a booking in words, the first first."""
    return [_said(one) for one in refunds.of_booking(db.session(), booking_id)]


def _said(refund: Refund) -> Said:
    state = str(STATES[refund.state])
    if refund.done_at is not None:
        day = formats.ja_day(refund.done_at)
        state = _("%(state)s（%(day)s）", state=state, day=day)
    is_at_counter = refund.method == "cash" and refund.state == "due"
    return Said(
        refund.yen, str(METHODS[refund.method]), state, refund.state == "done", is_at_counter,
        refund.citation,
    )  # fmt: skip


def ways_back(booking_id: int, payee: str) -> list[str]:
    """Return how what a payee owes for a booking goes back, as its notice says it."""
    found = [one for one in refunds.of_booking(db.session(), booking_id) if one.payee == payee]
    said = [f"{_way_back(one)}（{formats.yen(one.yen)}）" for one in found]
    return said or [_("受け取り方と時期は、お問い合わせ先でご案内します。お電話ください。")]


def _way_back(refund: Refund) -> str:
    if refund.done_at is None:
        return str(WAYS_BACK[refund.method])
    day, how = formats.ja_date(refund.done_at), METHODS[refund.method]
    return _("%(day)sにお返ししました（%(how)s）", day=day, how=how)


def how_back(booking_id: int) -> list[str]:
    """Return how and how soon money of a booking would come back, by the ways it was paid."""
    paid = methods_paid(db.session(), booking_id)
    said = {SOON.get(one, AT_A_COUNTER) for one in paid}
    return [str(one) for one in (*SOON.values(), AT_A_COUNTER) if one in said]
