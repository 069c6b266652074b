"""What staff pages call doors and codes: how a code stands, what is to be done about a task."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from app.locks.states import SETTLED, GrantState
from app.reports.door_tasks import Waiting
from app.reports.doors import Code, DoorUse
from app.web import formats
from app.web.words import _

# A shape and a word for each: in greyscale and read aloud they stay apart.
STATES = {
    "ready": ("●", _l("用意できた")),
    "coming": ("○", _l("これから用意する")),
    "waiting": ("◇", _l("ドアに届くのを待っている")),
    "failed": ("▲", _l("失敗")),
    "by-hand": ("■", _l("鍵を手でわたす")),
    "off": ("×", _l("使えなくした")),
    "going": ("◆", _l("ドアから消しているところ")),
    "over": ("－", _l("時間が終わった")),
    "not-yet": ("－", _l("予約が決まってから用意する")),
}
AT_DOOR = {"ready": _l("届いた"), "pending": _l("待っている"), "failed": _l("届かない")}
NOT_DECIDED = ("requested", "provisional")

# What is the matter, and what to do about it.
TASKS = {
    "urgent": (
        _l("まもなく使う時刻です。ドアの番号の用意がまだできていません。"),
        _l("いますぐ本人に電話して、鍵を手でわたしてください。"),
    ),
    "late": (
        _l("使う時刻が近いのに、ドアの番号の用意ができていません。"),
        _l("下でドアのようすを確かめてください。間に合わないときは、鍵を手でわたします。"),
    ),
    "sync_failed": (
        _l("ドアの鍵が、番号を受け取れませんでした。"),
        _l("自動でやりなおしています。続くときは、予約の画面で番号を新しくしてください。"),
    ),
    "refused": (
        _l("鍵の会社が、番号を作ることを断りました。"),
        _l("予約の画面で番号を新しくしてください。だめなときは、鍵を手でわたします。"),
    ),
    "irrevocable": (
        _l("取りやめた番号を知っている人が、まだドアをあけられます。"),
        _l(
            "キーボックスは、箱の番号を変えるまであきます。ほかの鍵は、終わりの時刻にあかなくなります。"
        ),
    ),
    "account": (
        _l("鍵の会社につながりません。"),
        _l("「市の事務」の「ドア」で、つながりを確かめてください。"),
    ),
    "offline": (
        _l("ドアの鍵から連絡がありません。"),
        _l("電池とネットの機械を確かめてください。直らないときは、鍵を手でわたします。"),
    ),
    "battery": (
        _l("ドアの鍵の電池が少なくなりました。"),
        _l("次に使う予約の前に、電池を取りかえてください。"),
    ),
    "gone": (
        _l("ドアの鍵が、鍵の会社の一覧からなくなりました。"),
        _l("鍵を外したのでなければ、鍵の会社に聞いてください。"),
    ),
    "wrong_tries": (
        _l("ドアで、まちがった番号が何度も押されました。"),
        _l("困っている人がいないか、ドアのところを確かめてください。"),
    ),
    "very_wrong": (
        _l("ドアで、まちがった番号がとても多く押されました。"),
        _l("番号をさぐられているかもしれません。これから使う予約の番号を新しくしてください。"),
    ),
}
# What our side and vendors answer, as far as a person can do something about it.
_NOT_LET_IN, _SILENT = _l("鍵の会社に断られました"), _l("鍵の会社から返事がありません")
WHY = {
    **dict.fromkeys(
        ("invalid_client", "refused", "no_refresh", "http_401", "http_403"), _NOT_LET_IN
    ),
    **dict.fromkeys(("invalid_grant", "no_consent"), _l("鍵の会社の許可が切れました")),
    **dict.fromkeys(
        (
            "ConnectTimeout",
            "ReadTimeout",
            "ConnectionError",
            "http_500",
            "http_502",
            "http_503",
            "http_504",
            "no_json",
        ),
        _SILENT,
    ),
    "http_423": _l("鍵とつながりません"),
    "rate_limited": _l("鍵の会社に、続けて頼みすぎました"),
    "no_box_code": _l("キーボックスの番号が入れてありません"),
    "unknown_site": _l("鍵の会社の場所が、設定にありません"),
    "no_device": _l("鍵の会社の一覧に、この鍵がありません"),
    "sync_failed": _l("鍵が番号を受け取れません"),
    "pin_taken": _l("同じ番号がほかで使われています"),
}


def state_of(code: Code, *, now: datetime) -> str:
    """Return how a code stands, as one of STATES."""
    grant = code.grant
    if grant.ends_at <= now or grant.state == GrantState.ENDED:
        return "over"
    if not grant.is_wanted:
        return "going"
    if grant.is_by_hand or grant.is_blocked:
        return "by-hand" if grant.is_by_hand else "off"
    if grant.state in SETTLED:
        return "coming"
    return {
        GrantState.READY: "ready", GrantState.FAILED: "failed", GrantState.PENDING: "waiting",
    }.get(GrantState(grant.state), "coming")  # fmt: skip


def state_without_code(use: DoorUse) -> str:
    """Return how a use behind a door stands that no code was made for."""
    return "not-yet" if use.state in NOT_DECIDED else "coming"


def grouped(pin: str) -> list[str]:
    """Return a number in groups that can be read aloud."""
    size = next((one for one in (3, 4) if len(pin) % one == 0), len(pin))
    return [pin[at : at + size] for at in range(0, len(pin), size)]


def why(error: str | None) -> str:
    """Return what went wrong, in words where there are some."""
    return str(WHY.get(error or "", error or ""))


def task_said(waiting: Waiting) -> tuple[str, str, list[str]]:
    """Return what is the matter, what to do, and what else is known of it."""
    task = waiting.task
    title, what = TASKS.get(task.kind, (task.kind, ""))
    return str(title), str(what), [*_where(waiting), *_known(task.facts)]


def _where(waiting: Waiting) -> list[str]:
    found = [_("、").join(filter(None, (waiting.hall, waiting.door, waiting.account)))]
    if waiting.starts_at is not None and waiting.ends_at is not None:
        found.append(
            _("ドアがあく時間 %(day)s %(a)sから%(b)sまで", day=formats.ja_day(waiting.starts_at),
              a=formats.clock_time(waiting.starts_at), b=formats.clock_time(waiting.ends_at))
        )  # fmt: skip
    return [one for one in found if one]


def _known(facts: dict[str, Any]) -> list[str]:
    found = []
    if facts.get("first"):
        first = formats.ja_moment(datetime.fromisoformat(facts["first"]))
        found.append(_("次に使うのは %(when)s", when=first))
    if facts.get("battery") is not None:
        found.append(_("電池 %(n)s％", n=facts["battery"]))
    if facts.get("tries"):
        found.append(_("まちがい %(n)s回", n=facts["tries"]))
    if facts.get("why"):
        found.append(why(facts["why"]))
    return found
