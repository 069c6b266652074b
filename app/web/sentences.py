"""Every reason to say no, as one sentence that says what to do. The wording in one place."""

from collections.abc import Iterable
from datetime import date, datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.kernel.refusals import Refusal
from app.web import formats
from app.web.outcomes import deadline

SENTENCES = {
    "account.elsewhere": _l("この口座は、ほかの自治体が使っています。番号をお確かめください。"),
    "account.no_basis": _l(
        "この主体は、料金の根拠（使用料か利用料金）が決まりに書かれていません。先に書いてください。"
    ),
    "account.no_key": _l("鍵と、通知のひみつの文字を入力してください。"),
    "account.not_announced": _l("告示の日付と番号を入力してください。"),
    "account.not_known": _l("決済会社に、この口座がありません。番号と鍵をお確かめください。"),
    "account.other_basis": _l("この主体の料金には使えない根拠です。えらびなおしてください。"),
    "account.own": _l("自分が出した口座は、ほかの職員が認めます。"),
    "key.unknown": _l("このドアの番号は見つかりません。"),
    "key.own": _l("自分の予約のドアの番号は、ほかの職員が新しくしたり消したりします。"),
    "key.over": _l("このドアの番号は、もう使われません。"),
    "lock.not_let_in": _l("鍵の会社に断られました。クライアントIDと秘密鍵をたしかめてください。"),
    "lock.unreachable": _l("鍵の会社につながりません。少し待ってから、もう一度おためしください。"),
    "lock.busy": _l("鍵の会社が、いまは混み合っています。1分待ってから、もう一度おしてください。"),
    "lock.has_doors": _l("この鍵のドアが残っています。先にドアを使うのをやめてください。"),
    "lock.unknown": _l("この鍵の会社とのつながりは見つかりません。"),
    "lock.no_consent": _l(
        "鍵の会社に、まだゆるしてもらっていないか、許可が切れました。「ドア」の画面で、ゆるしてもらってください。"
    ),
    "lock.only_secret": _l(
        "秘密鍵は書きかえました。鍵の会社の許可は切れています。「ドア」の画面で、もう一度ゆるしてもらってください。"
    ),
    "lock.no_page": _l("この鍵の会社には、ゆるしてもらう画面がありません。"),
    "lock.tells_nobody": _l("この鍵には、お知らせの届け先がありません。"),
    "lock.untold": _l(
        "鍵の会社が、届け先を受け取りませんでした。鍵の会社の画面で、手で入れてください。"
    ),
    "consent.unknown": _l(
        "この画面から頼んだ許可ではないか、10分をすぎました。何も変えていません。もう一度、下から始めてください。"
    ),
    "consent.denied": _l("鍵の会社の画面で「許可しない」がえらばれました。何も変えていません。"),
    "consent.failed": _l("鍵の会社の画面で、許可が終わりませんでした。何も変えていません。"),
    "consent.code": _l(
        "鍵の会社からの許可の期限が切れたか、前に使われたものです。何も変えていません。もう一度、下から始めてください。"
    ),
    "consent.other": _l(
        "いまのドアの鍵が1つもないアカウントで、ゆるされました。何も変えていません。ドアの鍵があるアカウントでゆるしてもらってください。"
    ),
    "door.unknown": _l("このドアは見つかりません。"),
    "door.photo_too_large": _l("写真は1つ12MBまでです。小さい写真を、もう一度えらんでください。"),
    "door.photo_unreadable": _l("写真として開けませんでした。JPEGかPNGの写真をえらんでください。"),
    "door.same_code": _l("いまと同じ番号です。箱の番号を変えてから、新しい番号を入れてください。"),
    "door.taken": _l("この鍵は、ほかのドアで使われています。"),
    "account.unknown": _l("この口座は見つかりません。"),
    "applicant.not_of_class": _l("この利用者区分は、窓口で登録した方だけがえらべます。"),
    "basket.changed": _l(
        "えらんだ枠が、途中で変わりました。下の内容を確かめて、もう一度押してください。"
    ),
    "basket.empty": _l("えらんだ枠がありません。空いている枠をえらんでください。"),
    "basket.extended_before": _l("時間の延長は1回だけです。お早めに申し込みへお進みください。"),
    "basket.full": _l("一度に申し込めるのは%(most)s枠までです。分けて申し込んでください。"),
    "basket.sign_in_first": _l(
        "同じ場所からの仮押さえがいっぱいです。サインインすると続けられます。"
    ),
    "basket.submitted": _l("この枠は申し込みがすんでいます。予約の確認をご覧ください。"),
    "booking.unknown": _l("この予約は見つかりません。番号をお確かめください。"),
    "busy": _l("たいへん混み合っています。少し待って、もう一度押してください。"),
    "cancel.nothing_chosen": _l("取り消す部屋と時間をえらんでください。"),
    "pay.arrived": _l(
        "支払いがいま届きました。返るお金が変わるので、確かめて、もう一度押してください。"
    ),
    "cancel.refund_open": _l(
        "返すお金の割合に定めがありません。取り消しは会館（%(phone)s）にお電話ください。"
    ),
    "cancel.started": _l("利用が始まったあとは取り消せません。会館にお電話ください。"),
    "cancel.too_late": _l(
        "ご自分での取り消しは%(until)sまででした。会館（%(phone)s）にお電話ください。"
    ),
    "change.overlaps_own": _l("この予約の、ほかの枠と重なっています。時間か部屋を変えてください。"),
    "change.other_payee": _l(
        "料金を受け取るところがちがう部屋へは移せません。取り消して、新しく申し込んでください。"
    ),
    "change.over": _l("この利用は終わっています。変えられません。"),
    "change.needs_permit": _l(
        "許可のいる部屋です。決まったあとの変更は、会館（%(phone)s）にお電話ください。"
    ),
    "change.people_by_age": _l(
        "年齢ごとの人数で料金が決まる予約です。人数の変更は、予約を入れなおしてください。"
    ),
    "change.meanwhile": _l("ほかの人が先に変えました。いまの内容を見て、えらびなおしてください。"),
    "change.price_changed": _l("料金が変わりました（全部で%(yen)s）。もう一度確かめてください。"),
    "change.refund_open": _l("返すお金の割合に定めがありません。変更は会館にお電話ください。"),
    "change.started": _l("利用が始まったあとの変更は、会館（%(phone)s）にお電話ください。"),
    "change.too_late": _l(
        "ご自分での変更は%(until)sまででした。会館（%(phone)s）にお電話ください。"
    ),
    "change.too_often": _l(
        "ご自分での変更は%(most)s回までです。会館（%(phone)s）にお電話ください。"
    ),
    "change.unknown": _l("この予約は、いまは変えられません。"),
    "closure.backwards": _l("終わりの日を、始まりの日と同じか後にしてください。"),
    "closure.in_the_way": _l("予約が入っています。1つずつ、どうするかをえらんでください。"),
    "closure.no_days": _l("この期間に、えらんだ曜日の日がありません。"),
    "closure.no_rooms": _l("部屋をえらんでください。"),
    "closure.over": _l("もう過ぎた日です。きょうより後の日にしてください。"),
    "closure.too_long": _l("一度に閉められるのは%(most)s日までです。分けて入力してください。"),
    "closure.unknown": _l("この休館・公用は見つかりません。"),
    "day.closed": _l("この日は休館です（%(name)s）。"),
    "equipment.none_left": _l("%(name)sは、この時間にはあと%(left)sです。数を減らしてください。"),
    "credit.meanwhile": _l("料金が変わっています（%(yen)s）。確かめて、もう一度押してください。"),
    "credit.no_reason": _l("減らすわけを入力してください。記録に残ります。"),
    "credit.sum": _l("減らせるのは、1円から%(yen)sまでです。"),
    "fee.changed": _l("料金が%(yen)sに変わりました。内容を確かめて、もう一度申し込んでください。"),
    "fee.no_such_reading": _l("この読み方はありません。下の中からえらんでください。"),
    "fee.own": _l("自分の予約の料金は、ほかの職員が決めます。"),
    "fee.settled_before": _l("この料金は、ほかの職員がもう決めました。下の記録をご覧ください。"),
    "fee.undetermined": _l("%(because)s 会館（%(phone)s）で料金をお確かめください。"),
    "note.empty": _l("伝えることを入力してください。"),
    "note.too_long": _l("%(most)s文字までにしてください。"),
    "note.unknown": _l("この引き継ぎは見つかりません。"),
    "paper.replaced": _l("この書類は新しいものに替わりました。新しいほうを再発行してください。"),
    "paper.unknown": _l("この書類は見つかりません。"),
    "passkey.last": _l("ログインの方法がなくなります。先に、ほかのパスキーを加えてください。"),
    "passkey.not_known": _l("このパスキーは登録されていません。ほかの方法でログインしてください。"),
    "passkey.not_made": _l(
        "パスキーを作れませんでした。もう一度押すか、ほかの方法にしてください。"
    ),
    "passkey.too_late": _l("時間がたちすぎました。もう一度押してください。"),
    "passkey.too_many": _l("パスキーは10個までです。使わないものをなくしてください。"),
    "password.too_common": _l(
        "よくある言葉や並びなので破られやすいです。ほかの言葉にしてください。"
    ),
    "password.too_long": _l("パスワードは200文字までにしてください。"),
    "password.too_short": _l("パスワードは12文字以上にしてください。"),
    "pay.declined": _l("この方法では、いまはらえません。ほかの方法か、窓口ではらってください。"),
    "pay.no_such_way": _l("この方法では、はらえません。ほかの方法をえらんでください。"),
    "pay.number_out": _l(
        "コンビニの番号が出ているあいだは変えられません。はらってからか、会館にお電話ください。"
    ),
    "pay.other_sum": _l("料金が変わりました（%(yen)s）。確かめて、もう一度押してください。"),
    "pay.too_late": _l("支払いの期限がすぎました。会館にお電話ください。"),
    "pay.under_way": _l("予約 %(numbers)sは、ほかの支払いが途中です。先にそちらを終えてください。"),
    "pay.unreachable": _l(
        "決済会社につながりません。お金は動いていません。少し待って、もう一度押してください。"
    ),
    "pay.waiver_asked": _l("減免の申請の答えを待っています。答えが出てから、はらってください。"),
    "payment.not_due": _l("この予約は支払い待ちではありません。"),
    "payment.owed_both_ways": _l(
        "返すお金のある受け取り先があります。先に返してから、受け取ってください。"
    ),
    "payment.under_way": _l(
        "この予約は、ネットでの支払いが途中です。二重にはらわないよう、先に確かめてください。"
    ),
    "payment.no_reminder": _l("この予約には、催促しません。未納の一覧をもう一度見てください。"),
    "payment.own": _l("自分の予約のお金は、ほかの職員があつかいます。"),
    "payment.other_sum": _l("受け取る金額は%(owed)sです（入力は%(given)s）。"),
    "quota.reached": _l("申し込める数をこえます（%(name)s）。"),
    "refund.no_proof": _l("受け取りの印をもらった紙か、振込の日と番号を入力してください。"),
    "refund.done_before": _l("この返金は、もう記録されています。二重に返さないでください。"),
    "refund.not_by_hand": _l("この返金は決済会社が返します。窓口では返さないでください。"),
    "refund.other_sum": _l("返す額が%(yen)sに変わりました。確かめて、もう一度押してください。"),
    "refund.unknown": _l("この返金は見つかりません。"),
    "reception.not_online": _l("この部屋はインターネットで申し込めません。電話 %(phone)s"),
    "reception.not_yet": _l("%(opens_at)sから申し込めます。"),
    "reception.over": _l("インターネットの受付は終わりました。%(afterwards)s 電話 %(phone)s"),
    "reception.view_only": _l("今日は受付をお休みしています。%(opens_at)sから申し込めます。"),
    "review.changed": _l("申し込みの内容が変わりました。見なおして、もう一度答えてください。"),
    "receipt.no_reason": _l("取り消すわけを入力してください。記録に残ります。"),
    "receipt.paid_online": _l(
        "ネットで支払われたお金です。まちがいのときは、取り消しか減額で返金してください。"
    ),
    "receipt.refunded": _l("この支払いは、もう返金しています。受け取りの取り消しはできません。"),
    "receipt.unknown": _l("この領収書は見つかりません。"),
    "receipt.void": _l("この領収書は取り消されているので、再発行できません。"),
    "review.ended": _l("この申請は、取り消されたか期限がすぎたので、もう答えられません。"),
    "review.decided": _l("この申請には、もう答えが出ています。下の記録をご覧ください。"),
    "review.no_such_ground": _l("この事由はありません。下の中からえらんでください。"),
    "review.not_asked": _l("いまは、返事を待っている申請ではありません。"),
    "review.over": _l("利用の時間が過ぎているので、許可できません。"),
    "review.own": _l("自分の申請には、ほかの職員が答えます。"),
    "room.other_purpose": _l("%(room)sは、この目的では使えません。目的か部屋を変えてください。"),
    "room.over_capacity": _l("%(room)sの定員は%(capacity)s人です。人数か部屋を変えてください。"),
    "room.too_few": _l("%(room)sは%(least)s人から使えます。"),
    "room.unknown": _l("この部屋は見つかりません。"),
    "rules.changed_meanwhile": _l("ほかの職員が、この下書きを変えました。開きなおしてください。"),
    "rules.closed": _l("この下書きは、公開したか、やめたものです。新しく始めてください。"),
    "rules.not_passed": _l("検査に合格していません。直してから公開してください。"),
    "rules.second_person": _l("公開は、下書きを書いた人とは別の職員がします。"),
    "rules.unknown": _l("この下書きは見つかりません。"),
    "sign_in.code_dead": _l("番号のまちがいが続きました。新しい番号を受け取ってください。"),
    "sign_in.code_expired": _l("番号の期限が切れました。新しい番号を受け取ってください。"),
    "sign_in.code_wrong": _l("番号がちがいます。メールの6けたの番号を入れてください。"),
    "sign_in.digits_wrong": _l(
        "数字がちがうか、もう使ったものです。アプリに新しく出た数字を入れてください。"
    ),
    "sign_in.password_wrong": _l("メールアドレスかパスワードがちがいます。"),
    "sign_in.too_many_tries": _l(
        "まちがいが続きました。15分ほど待ってから、もう一度試してください。"
    ),
    "sign_in.too_many_codes": _l(
        "番号を送りすぎました。1時間ほど待つか、前に届いた番号を使ってください。"
    ),
    "slot.backwards": _l("終わりの時刻を、始まりの時刻より後にしてください。"),
    "slot.closed": _l("休館です。"),
    "slot.event": _l("会館の行事で使います。"),
    "slot.held": _l("ほかの方が手続き中です。%(until)sを過ぎると空くことがあります。"),
    "slot.maintenance": _l("点検のため使えません。"),
    "slot.overlaps_own": _l("すでにえらんだ部屋と同じ場所です。どちらかをえらんでください。"),
    "slot.past": _l("この時間は過ぎました。"),
    "slot.public_use": _l("市の行事などで使います。"),
    "slot.taken": _l("この時間は、ほかの方の予約が入っています。別の時間をえらんでください。"),
    "slot.too_long": _l("この部屋を続けて使えるのは%(minutes)sまでです。"),
    "slot.too_short": _l("この部屋は%(minutes)s以上で申し込めます。"),
    "slot.unknown": _l("この時間の区切りはありません。一覧からえらんでください。"),
    "staff.has_proofs": _l(
        "このアドレスには、ログインの方法がもうあります。ログインして受けてください。"
    ),
    "staff.invitation_gone": _l("この招待はもう使えません。管理者にもう一度たのんでください。"),
    "staff.invitation_of_another": _l(
        "この招待は、いまログインしている人あてではありません。ログアウトしてから開いてください。"
    ),
    "staff.last_administrator": _l(
        "管理者がいなくなります。先に、ほかの人を管理者にしてください。"
    ),
    "staff.oneself": _l("自分の役割やログインは変えられません。ほかの管理者にたのんでください。"),
    "staff.unknown": _l("この職員は見つかりません。"),
    "staff.works_here": _l("この人はもう登録されています。一覧から役割を変えてください。"),
    "task.no_remark": _l("どうしたかを入力してください。記録に残ります。"),
    "till.differs": _l(
        "記録では%(owed)s、数えた現金は%(given)sです。数えなおすか、ちがうわけを入力してください。"
    ),
    "till.not_yet": _l("まだ先の日です。その日になってから締めてください。"),
    "use.came_already": _l("もう入室しています。不来場にするには、先に入室を取り消してください。"),
    "use.changed_meanwhile": _l(
        "ほかの職員が先に直しました。いまの記録を確かめて、もう一度押してください。"
    ),
    "use.ended": _l("この予約は取り消されています。"),
    "use.key_is_back": _l("鍵はもう返っています。先に、鍵の返却を取り消してください。"),
    "use.left_already": _l("もう退室しています。先に、退室を取り消してください。"),
    "use.left_before_came": _l("退室の時刻は、入室の時刻よりあとにしてください。"),
    "use.no_permit": _l("まだ使用が許可されていません。先に、「審査」の画面で許可してください。"),
    "use.no_key_out": _l("鍵はまだわたしていません。"),
    "use.not_begun": _l("まだ始まっていません。不来場は、時間になってから記録します。"),
    "use.not_come": _l("まだ入室の記録がありません。先に、入室をおしてください。"),
    "use.not_yet": _l("まだ先の予約です。入室の記録は、使う日になってからつけます。"),
    "waiver.backwards": _l("終わりの日を、始まりの日と同じか後にしてください。"),
    "waiver.booking_ended": _l(
        "この予約は終わったか、取り消されています。減免の申請はできません。"
    ),
    "waiver.decided": _l("この申請には、もう答えが出ています。下の記録をご覧ください。"),
    "waiver.no_effect": _l("この減免では料金が変わりません。条件か、月の回数をお確かめください。"),
    "waiver.own": _l("自分の申請には、ほかの職員が答えます。"),
    "waiver.paper_too_large": _l("書類は1つ5MBまでです。小さくして、もう一度お送りください。"),
    "waiver.paper_unreadable": _l("書類は、PDFか写真（JPEG・PNG）で送ってください。"),
    "waiver.too_many_papers": _l("書類は%(most)sまで送れます。"),
    "waiver.unknown": _l("この申請は見つかりません。"),
}


def sentence(refusal: Refusal) -> str:
    """Return a refusal in words; raises KeyError for a code without a sentence."""
    facts = {name: _said(refusal.code, name, value) for name, value in refusal.facts.items()}
    return (str(SENTENCES[refusal.code]) % facts).strip()


def sentences(refusals: Iterable[Refusal]) -> list[str]:
    """Return refusals in words, each said once."""
    return list(dict.fromkeys(sentence(one) for one in refusals))


def _said(code: str, name: str, value: object) -> str:
    if isinstance(value, datetime):
        return _moment(code, name, value)
    if isinstance(value, date):
        return formats.ja_date(value)
    if name == "minutes" and isinstance(value, int):
        return formats.ja_length(value)
    if name in ("yen", "owed", "given") and isinstance(value, int):
        return formats.yen(value)
    if isinstance(value, int):
        return f"{value:,}"
    return gettext(str(value)) if value else ""


def _moment(code: str, name: str, moment: datetime) -> str:
    """Return a moment as the sentence needs it: a hold ends today, a deadline on any day."""
    if name != "until":
        return formats.ja_moment(moment)
    return deadline(moment) if code.endswith(".too_late") else formats.clock_time(moment)
