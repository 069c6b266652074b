"""What staff pages call things: states, deeds in the audit, letters."""

import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app.booking.numbers import spoken
from app.fees.queries import tariff_on
from app.identity.permissions import RoleKind
from app.identity.staff.members import read
from app.packs.rule_words import SUBJECTS
from app.reports.history import Event
from app.web import context, desk_place, formats
from app.web.closure_words import closure_said
from app.web.closure_words import hours_said as hours_said
from app.web.closure_words import kept as kept
from app.web.closure_words import kept_named as kept_named
from app.web.door_deeds import doors_said
from app.web.equipment_words import equipment_words
from app.web.role_words import ROLES, roles_said
from app.web.words import _

STATES = {
    "review": _l("審査中"),
    "unpaid": _l("支払い待ち"),
    "confirmed": _l("予約確定"),
    "used": _l("利用ずみ"),
    "cancelled": _l("取り消し"),
    "lapsed": _l("期限切れ"),
}
# A booking's own state, in the words of its lines.
LINE_STATE = {"provisional": "unpaid", "requested": "review"}
PAID = {
    "unpaid": _l("まだ受け取っていない"),
    "paid": _l("受け取った"),
    "free": _l("無料"),
    "to_refund": _l("返金が必要"),
}
DEEDS = {
    "booking.made": _l("申し込み"),
    "booking.cancelled": _l("取り消し"),
    "booking.changed": _l("変更"),
    "booking.lapsed": _l("期限切れで取り消し"),
    "key.ready": _l("ドアの番号の用意ができた"),
    "key.failed": _l("ドアの番号の用意ができなかった"),
    "key.left": _l("取りやめた番号を、遠くから消せなかった"),
    "key.door_ended": _l("ドアの使用を終えた"),
    "key.changed": _l("ドアの番号が変わった"),
    "key.seen": _l("ドアの番号を見た"),
    "key.again": _l("ドアの番号を新しくする"),
    "key.taken": _l("ドアの番号を使えなくする"),
    "key.by_hand": _l("鍵を手でわたす"),
    "door.added": _l("ドアを加える"),
    "door.changed": _l("ドアの設定を変える"),
    "door.ended": _l("ドアを使うのをやめる"),
    "door.contact_set": _l("ドアの時間外の連絡先を入れる"),
    "door.contact_removed": _l("ドアの時間外の連絡先を消す"),
    "door.photo_set": _l("ドアの写真を入れる"),
    "door.photo_removed": _l("ドアの写真を消す"),
    "door.code_set": _l("キーボックスの番号を変える"),
    "door.task_done": _l("ドアの確認をすませる"),
    "lock_account.added": _l("鍵の会社かキーボックスを加える"),
    "lock_account.renewed": _l("鍵の会社の秘密鍵を書きかえる"),
    "lock_account.consent_asked": _l("鍵の会社の画面で許可を頼む"),
    "lock_account.consented": _l("鍵の会社の画面でゆるしてもらう"),
    "lock_account.consent_failed": _l("鍵の会社の画面でゆるしてもらえなかった"),
    "lock_account.hook_told": _l("鍵の会社にお知らせの届け先を登録する"),
    "lock_account.hook_replaced": _l("鍵の会社のお知らせの届け先を新しくする"),
    "lock_account.hook_seen": _l("鍵の会社のお知らせの届け先を見る"),
    "lock_account.ended": _l("鍵の会社とのつながりを切る・キーボックスをやめる"),
    "payment.received": _l("代金の受け取り"),
    "payment.begun": _l("ネットでの支払いを始める"),
    "payment.online": _l("ネットでの支払い"),
    "refund.sent": _l("返金（決済会社から）"),
    "refund.handed_over": _l("返金（職員から）"),
    "refund.failed": _l("返金ができなかった"),
    "refund.again": _l("返金をもう一度送る"),
    "refund.outside": _l("決済会社の画面での返金"),
    "account.proposed": _l("ネット支払いの口座を出す"),
    "account.approved": _l("ネット支払いの口座を認める"),
    "account.ended": _l("ネット支払いの口座を止める"),
    "account.ways": _l("口座で使える支払い方法の変化"),
    "task.seen_to": _l("お金の確認を済みにする"),
    "payment.taken_back": _l("代金の受け取りの取り消し"),
    "payment.reminded": _l("支払いの催促"),
    "receipt.anew": _l("領収書の再発行"),
    "paper.issued": _l("書類の発行"),
    "paper.anew": _l("書類の再発行"),
    "till.closed": _l("日計表の締め"),
    "fee.settled": _l("料金の決定"),
    "fee.credited": _l("料金の減額"),
    "review.granted": _l("使用の許可"),
    "review.returned": _l("申請の差し戻し"),
    "review.refused": _l("使用の不許可"),
    "review.replied": _l("差し戻しへの返事"),
    "waiver.asked": _l("減免の申請"),
    "waiver.paper": _l("減免の書類"),
    "waiver.approved": _l("減免の承認"),
    "waiver.returned": _l("減免の差し戻し"),
    "waiver.refused": _l("減免の不承認"),
    "waiver.withdrawn": _l("減免の取り下げ"),
    "entitlement.ended": _l("減免の資格の終了"),
    "rules.drafted": _l("決まりの下書き"),
    "rules.changed": _l("決まりの下書きの変更"),
    "rules.discarded": _l("決まりの下書きの取りやめ"),
    "rules.published": _l("決まりの公開"),
    "staff.invited": _l("職員の招待"),
    "staff.invitation_withdrawn": _l("招待の取り消し"),
    "staff.proofs_anew": _l("ログインの作りなおしの手紙"),
    "staff.proofs_set": _l("ログインの作りなおし"),
    "staff.joined": _l("職員の登録"),
    "staff.roles_set": _l("役割の変更"),
    "staff.ended": _l("職員の登録を終える"),
    "passkey.added": _l("パスキーを加える"),
    "passkey.removed": _l("パスキーをなくす"),
    "recovery_codes.made": _l("予備の番号を作る"),
    "signed_in": _l("ログイン"),
    "proved_again": _l("本人の再確認"),
    "use.marked": _l("来館の記録"),
    "use.unmarked": _l("来館の記録の取り消し"),
    "use.put_right": _l("人数・時刻の訂正"),
    "closure.made": _l("部屋を閉める"),
    "closure.ended": _l("閉めた部屋を開ける"),
    "displacement.called": _l("取り消しを電話で伝える"),
    "displacement.not_called": _l("電話の記録の取り消し"),
    "link.made": _l("画面・カレンダーのアドレスを作る"),
    "link.ended": _l("画面・カレンダーのアドレスを止める"),
    "screens.notice": _l("案内板に言葉を出す・消す"),
    "note.written": _l("引き継ぎを書く"),
    "note.seen_to": _l("引き継ぎを済みにする"),
    "note.brought_back": _l("引き継ぎをもとに戻す"),
    "bookings.exported": _l("予約一覧の書き出し"),
    "usage.exported": _l("利用実績の書き出し"),
    "uses.exported": _l("名前の入った表の書き出し"),
    "money.exported": _l("調定・収納の書き出し"),
    "arrears.exported": _l("未納一覧の書き出し"),
}
PAPERS = {
    "permit": _l("使用許可書"),
    "bill": _l("請求書"),
    "notice": _l("取消・還付通知書"),
}
LETTERS = {
    "sign_in_code": _l("ログインの番号"),
    "booking_made": _l("申し込みの控え"),
    "booking_cancelled": _l("取り消しのお知らせ"),
    "booking_displaced": _l("会館の都合による取り消しのお知らせ"),
    "booking_changed": _l("変更のお知らせ"),
    "booking_lapsed": _l("期限切れのお知らせ"),
    "payment_received": _l("代金を受け取ったお知らせ"),
    "payment_waiting": _l("コンビニでの支払い方のお知らせ"),
    "payment_number_ended": _l("コンビニの番号の期限切れのお知らせ"),
    "payment_revived": _l("支払いがおくれて届いたお知らせ"),
    "payment_returned": _l("支払いをお返しするお知らせ"),
    "refund_details": _l("返金の口座をうかがうお知らせ"),
    "refund_done": _l("返金がすんだお知らせ"),
    "payment_taken_back": _l("代金の受け取りを取り消したお知らせ"),
    "payment_due": _l("支払いの期限のお知らせ"),
    "payment_overdue": _l("支払いの催促"),
    "fee_credited": _l("料金を減らしたお知らせ"),
    "key_open": _l("ドアの番号を見られるお知らせ"),
    "key_changed": _l("ドアの番号が変わったお知らせ"),
    "fee_settled": _l("料金が決まったお知らせ"),
    "monthly_report": _l("毎月の利用実績"),
    "reviews_late": _l("期限をすぎた申請のお知らせ"),
    "review_answered": _l("申請へのお答え"),
    "waiver_answered": _l("減免の申請へのお答え"),
    "staff_invitation": _l("職員の招待"),
}
PERIODS = {"use": _l("使う日"), "request": _l("申し込んだ日")}
# The filters of a file that somebody took along, in the order in which they are read.
ASKED = {
    "of": _l("%(value)s"),
    "from": _l("%(value)sから"),
    "to": _l("%(value)sまで"),
    "month": _l("%(value)sの月"),
    "facility": _l("施設 %(value)s"),
    "room": _l("部屋 %(value)s"),
    "state": _l("状態 %(value)s"),
    "paid": _l("代金 %(value)s"),
    "applicant": _l("利用者区分 %(value)s"),
    "q": _l("さがした言葉 %(value)s"),
}
# What a sum in the audit is, by the deed or its subject.
YEN = {
    "payment.begun": _l("はらう額"),
    "payment.taken_back": _l("取り消した額"),
    "refund.failed": _l("返せなかった額"),
    "refund": _l("返した額"),
}
FORMATS = {"csv": "CSV", "xlsx": "Excel"}
# How somebody was reminded to pay: by itself before the day, or by staff.
WAYS = {"due": _l("期限の前のメール"), "mail": _l("催促のメール"), "paper": _l("電話・手紙")}


def in_templates() -> dict[str, Any]:
    """Give staff templates these words, and where the desk is that they came from."""
    return {"say": sys.modules[__name__], "desk_back": desk_place.back}


def state(code: str) -> str:
    """Return a state in words."""
    return str(STATES[LINE_STATE.get(code, code)])


def status(code: str) -> str:
    """Return a booking's or a line's state as the sign of states knows it."""
    return LINE_STATE.get(code, code)


def deed(event: Event) -> str:
    """Return what was done, in words; a deed without words is shown by its code."""
    return str(DEEDS.get(event.action, event.action))


def role(kind: str) -> str:
    """Return a role's name."""
    return str(ROLES[RoleKind(kind)])


def doer(event: Event) -> str:
    """Return who did it: staff by name, the applicant as such."""
    if event.actor_kind == "staff":
        return event.actor_name or event.actor_email or _("職員")
    if event.actor_kind == "resident":
        return _("申込者本人") if event.is_applicant else _("利用者")
    return _("連携システム") if event.actor_kind == "program" else _("自動の処理")


def letter(template: str) -> str:
    """Return what a letter was about."""
    return str(LETTERS.get(template, _("お知らせ")))


def particulars(event: Event, *, sums_too: bool = True) -> str:
    """Return what else the audit knows of a deed: sums, how many rooms, which rows."""
    facts = event.facts
    said = [words for reads, says in _SAYS if reads(event) for words in says(facts)]
    if event.action != "booking.made" and event.line_ids:
        said.append(_("%(n)s枠", n=len(event.line_ids)))
    if sums_too:
        moved = YEN.get(event.action, YEN.get(event.action.split(".")[0], _l("受け取り")))
        yen = [(_("料金"), "fee_yen"), (str(moved), "yen"), (_("返金"), "refund_yen")]
        said += [f"{name} {formats.yen(facts[key])}" for name, key in yen if facts.get(key)]
        if facts.get("reason"):
            said += _decided(facts)
    return _("、").join(said)


def last_day(ends_at: datetime) -> date:
    """Return the last day of a stretch; one that ends at midnight ends the day before."""
    return formats.local(ends_at - timedelta(seconds=1)).date()


def due(instant: datetime) -> str:
    """Return a deadline without its year: it is always near."""
    moment = formats.local(instant)
    if moment.hour == moment.minute == 0:
        return formats.ja_day(instant - timedelta(seconds=1))
    return formats.ja_day(instant) + formats.ja_time(instant)


def number(digits: str) -> str:
    """Return a booking number as it is read aloud."""
    return spoken(digits)


def _rules(facts: dict[str, Any]) -> str:
    """Return which rules were drafted or published, of which hall, from when."""
    names: dict[Any, str] = {one.id: one.name for one in context.catalogue().facilities}
    where = names.get(facts.get("facility"), _("自治体共通"))
    day = formats.ja_date(date.fromisoformat(facts["from"]))
    what = SUBJECTS[facts["rules"]]
    return _("%(where)s %(what)s（%(day)sから）", where=where, what=what, day=day)


def _changed(facts: dict[str, Any]) -> list[str]:
    """Return what a line was before and is now."""
    sides = zip(facts["before"], facts["after"], strict=True)
    return [_("%(a)s から %(b)s へ", a=a, b=b) for a, b in (_both(*both) for both in sides)]


def _both(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, str]:
    said = _stood(before), _stood(after)
    if _equipment(before) == _equipment(after):
        return said
    return f"{said[0]} {_equipment(before)}".strip(), f"{said[1]} {_equipment(after)}"


def _equipment(told: dict[str, Any]) -> str:
    """Return what is used beside a room, under the names of its hall on that day."""
    try:
        facility, _room = context.catalogue().known_room(told["room_id"])
    except LookupError:
        return ""
    tariff = tariff_on(facility, date.fromisoformat(told["on"])).document
    items = told.get("items") if (told.get("items") or 1) > 1 else None
    return equipment_words({one.id: one.name for one in tariff.extras}, told["extras"], items)


def _stood(told: dict[str, Any]) -> str:
    try:
        room = context.catalogue().known_room(told["room_id"])[1].name
    except LookupError:
        room = _("いまはない部屋")
    begins = datetime.fromisoformat(told["starts_at"])
    ends = datetime.fromisoformat(told["ends_at"])
    hours = f"{formats.ja_day(begins)}{formats.ja_time(begins)}〜{formats.ja_time(ends)}"
    people = _("%(n)s人", n=told["people"]) if told.get("people") else ""
    return f"{room} {hours} {people}".strip()


MARKS = {
    "came_at": _l("入室"),
    "left_at": _l("退室"),
    "no_show_at": _l("不来場"),
    "key_out_at": _l("鍵をわたした"),
    "key_back_at": _l("鍵が返った"),
}


def _use(facts: dict[str, Any]) -> list[str]:
    """Return what differs in how a use was noted."""
    before, after = facts["before"], facts["after"]
    said = []
    for key, name in MARKS.items():
        old, new = before.get(key), after.get(key)
        if old != new:
            moments = [_clock(one) if one else _("なし") for one in (old, new)]
            said.append(_("%(what)s %(a)s から %(b)s へ", what=name, a=moments[0], b=moments[1]))
    if before.get("people") != after.get("people"):
        sides = [one.get("people") or _("なし") for one in (before, after)]
        said.append(_("実際の人数 %(a)s から %(b)s へ", a=sides[0], b=sides[1]))
    return said


def _clock(moment: str) -> str:
    return formats.clock_time(datetime.fromisoformat(moment))


def _staff(facts: dict[str, Any]) -> list[str]:
    """Return of whom and with which roles, before and after."""
    halls = context.catalogue().facilities

    def roles(told: dict[str, Any]) -> str:
        found = roles_said([read(one) for one in told.get("roles", ())], halls)
        return _("、").join(f"{place}（{names}）" for place, names in found) or _("なし")

    if "before" in facts:
        told = {"name": facts["after"]["name"], "before": roles(facts["before"])}
        return [_("%(name)s：%(before)s から %(after)s へ", **told, after=roles(facts["after"]))]
    who = [str(facts[key]) for key in ("name", "email") if facts.get(key)]
    return [*who, roles(facts)] if "roles" in facts else who


def _decided(facts: dict[str, Any]) -> list[str]:
    """Return what staff decided and why."""
    said = []
    if facts.get("reading"):
        said.append(_("読み方「%(reading)s」", reading=facts["reading"]))
    if facts.get("line_yen") is not None:
        said.append(_("料金 %(yen)s", yen=formats.yen(facts["line_yen"])))
    return [*said, _("理由：%(reason)s", reason=facts["reason"])]


def _account(facts: dict[str, Any]) -> list[str]:
    """Return which account at a payment provider, for whom, and on what it rests."""
    said = [str(facts["payee"]), str(facts["account"]), str(facts.get("announced") or "")]
    if facts.get("before"):
        said.append(_("前の口座 %(account)s", account=facts["before"]))
    return [one for one in said if one]


def _export(facts: dict[str, Any]) -> list[str]:
    kind = FORMATS.get(str(facts.get("format")), "")
    rows = _("%(kind)s %(n)s件", kind=kind, n=f"{facts['rows']:,}").strip()
    filters = dict(facts.get("filters") or {})
    return [rows, *(_filter(key, str(filters[key])) for key in ASKED if filters.get(key))]


def _filter(key: str, value: str) -> str:
    words = {"state": STATES, "paid": PAID, "of": PERIODS}.get(key, {})
    return str(ASKED[key]) % {"value": words.get(value, value)}


def _paper(facts: dict[str, Any]) -> list[str]:
    return [f"{PAPERS[facts['paper']]} {facts['year']}-{facts['number']:06d}"]


_SAYS: tuple[tuple[Callable[[Event], bool], Callable[[dict[str, Any]], list[str]]], ...] = (
    (lambda event: "rows" in event.facts, _export),
    (lambda event: event.action == "booking.changed" and "before" in event.facts, _changed),
    (
        lambda event: event.action == "payment.reminded",
        lambda facts: [f"{WAYS[facts['way']]} {formats.yen(facts['owed_yen'])}"],
    ),
    (lambda event: "rules" in event.facts, lambda facts: [_rules(facts)]),
    (lambda event: event.action.startswith("staff."), _staff),
    (lambda event: event.action.startswith("use."), _use),
    (lambda event: event.action.startswith("closure."), closure_said),
    (lambda event: event.action.startswith("paper."), _paper),
    (lambda event: event.action.startswith(("door.", "lock_account.")), doors_said),
    (lambda event: event.action == "key.door_ended", lambda facts: [str(facts["door"])]),
    (lambda event: "basis" in event.facts, _account),
)
