"""What staff pages call codes of doors: how one stands, why one fails, how it is read aloud."""

from datetime import datetime

from flask_babel import lazy_gettext as _l

from app.locks.models import Door
from app.locks.states import GrantState
from app.reports.days import Coming
from app.reports.doors import Code, DoorUse
from app.usecases.lock_watch import is_told_by_a_wrong_clock
from app.web.words import _

# A shape and a word for each: in greyscale and read aloud they stay apart.
STATES = {
    "ready": ("●", _l("用意できた")),
    "coming": ("○", _l("これから用意する")),
    "without": ("▲", _l("番号の用意ができていない")),
    "waiting": ("◇", _l("ドアに届くのを待っている")),
    "failed": ("▲", _l("失敗")),
    "by-hand": ("■", _l("鍵を手でわたす")),
    "off": ("×", _l("使えなくした")),
    "going": ("◆", _l("ドアから消しているところ")),
    "turn": ("▲", _l("箱の番号を変えるまで、前の番号であく")),
    "over": ("－", _l("時間が終わった")),
    "not-yet": ("－", _l("予約が決まってから用意する")),
}
# Whether a lock is heard of.
CONTACTS = {
    "ready": ("●", _l("つながっています")),
    "failed": ("▲", _l("つながりません")),
    "coming": ("○", _l("まだ聞いていません")),
    "not-yet": ("？", _l("わかりません")),
}
AILING = {
    "offline": _l("鍵から連絡がありません。"),
    "battery": _l("鍵の電池が少なくなっています。"),
    "gone": _l("鍵が、鍵の会社の一覧にありません。"),
}
AT_DOOR = {"ready": _l("届いた"), "pending": _l("待っている"), "failed": _l("届かない")}
NOT_DECIDED = ("requested", "provisional")

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
        return "turn" if code.is_box and grant.shown_at is not None else "going"
    if grant.is_by_hand or grant.is_blocked:
        return "by-hand" if grant.is_by_hand else "off"
    coming = "coming" if grant.starts_at > now else "without"
    return {
        GrantState.READY: "ready", GrantState.FAILED: "failed", GrantState.PENDING: "waiting",
    }.get(GrantState(grant.state), coming)  # fmt: skip


def state_without_code(use: DoorUse | Coming, *, now: datetime) -> str:
    """Return how a use behind a door stands that no code was made for."""
    if use.ends_at <= now:
        return "over"
    if use.state in NOT_DECIDED:
        return "not-yet"
    return "coming" if use.starts_at > now else "without"


def contact_of(door: Door, *, now: datetime) -> str:
    """Return whether a lock is heard of, as one of CONTACTS."""
    if door.is_online is None:
        return "coming" if door.checked_at is None else "not-yet"
    if is_told_by_a_wrong_clock(door, now=now):
        return "not-yet"
    return "ready" if door.is_online else "failed"


def looked_at(door: Door, *, now: datetime) -> str:
    """Return how long ago a lock was asked for."""
    minutes = max(0, int((now - (door.checked_at or now)).total_seconds()) // 60)
    if minutes < 1:
        return _("いまのようす")
    if minutes < 120:
        return _("%(n)s分前のようす", n=minutes)
    return _("%(n)s時間前のようす", n=minutes // 60)


def grouped(pin: str) -> list[str]:
    """Return a number in groups that can be read aloud."""
    size = next((one for one in (3, 4) if len(pin) % one == 0), len(pin))
    return [pin[at : at + size] for at in range(0, len(pin), size)]


def why(error: str | None) -> str:
    """Return what went wrong, in words where there are some."""
    return str(WHY.get(error or "", error or ""))
