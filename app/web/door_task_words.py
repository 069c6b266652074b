"""What staff read of a task about doors: what is the matter, what to do, whom to call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app.locks.tasks import CHANGED, ENDED, TURN
from app.reports.broken_uses import BrokenUse
from app.reports.door_tasks import Waiting
from app.web import formats
from app.web.door_words import why
from app.web.words import _

MOST_NAMED = 5  # of those whom a door keeps out
NEAR = timedelta(hours=24)

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
        _l("終わりの時刻になると、あかなくなります。それまで、ドアのところに気をつけてください。"),
    ),
    TURN: (
        _l(
            "キーボックスの番号を変えてください。取りやめた番号を知っている人が、まだあけられます。"
        ),
        _l("箱の番号を変えて、「市の事務」の「ドア」に入れると、この知らせは消えます。"),
    ),
    CHANGED: (
        _l("番号が変わりました。電話で伝えなおしてください。"),
        _l("メールのない人が、前の番号を聞いています。前の番号では、もうあきません。"),
    ),
    ENDED: (
        _l("ドアを使うのをやめたので、番号で入れなくなった人がいます。"),
        _l("下の人に電話して、鍵の受け取り方を伝えてください。メールでは知らせていません。"),
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
# The same, where somebody stands before the door by the time that it could be mended.
AT_ONCE = {
    "offline": (
        _l("ドアの鍵から連絡がありません。使う時刻が近いか、もう使っている時間です。"),
        _l(
            "いますぐ下の人に電話して、ドアがあくか聞いてください。あかないときは、鍵を手でわたします。"
        ),
    ),
    "gone": (
        _l(
            "ドアの鍵が、鍵の会社の一覧からなくなりました。使う時刻が近いか、もう使っている時間です。"
        ),
        _l(
            "いますぐ下の人に電話して、ドアがあくか聞いてください。あかないときは、鍵を手でわたします。"
        ),
    ),
    "battery": (
        _l("ドアの鍵の電池がなくなりました。番号をおしても、あきません。"),
        _l(
            "いますぐ電池を取りかえてください。間に合わないときは、下の人に電話して、鍵を手でわたします。"
        ),
    ),
}
BEGUN = _l("ドアがあく時刻をすぎたのに、ドアの番号の用意ができていません。")


@dataclass(frozen=True, slots=True)
class Said:
    """A task in words."""

    title: str
    what: str
    known: Sequence[str]
    is_urgent: bool
    broken: Sequence[BrokenUse] = ()  # the soonest
    more: int = 0  # how many others


def task_said(waiting: Waiting, broken: Sequence[BrokenUse], *, now: datetime) -> Said:
    """Return what is the matter, what to do, and what else is known of it."""
    task = waiting.task
    title, what = TASKS.get(task.kind, (task.kind, ""))
    if waiting.is_urgent:
        title, what = AT_ONCE.get(task.kind, (title, what))
    if task.kind == "urgent" and waiting.starts_at is not None and waiting.starts_at <= now:
        title = BEGUN
    most = len(broken) if task.kind == ENDED else MOST_NAMED  # nobody else tells them
    named = _named(broken, is_urgent=waiting.is_urgent, most=most, now=now)
    known = [*_where(waiting), *_known(task.facts, now=now)]
    return Said(str(title), str(what), known, waiting.is_urgent, named, len(broken) - len(named))


def _named(
    broken: Sequence[BrokenUse], *, is_urgent: bool, most: int, now: datetime
) -> Sequence[BrokenUse]:
    """Return whom to call: at once only those of the next day, and the first in any case."""
    near = [one for one in broken if not is_urgent or one.starts_at < now + NEAR]
    return (near or broken[:1])[:most]


def _where(waiting: Waiting) -> list[str]:
    found = [_("、").join(filter(None, (waiting.hall, waiting.door, waiting.account)))]
    if waiting.starts_at is not None and waiting.ends_at is not None:
        found.append(
            _("ドアがあく時間 %(day)s %(a)sから%(b)sまで", day=formats.ja_day(waiting.starts_at),
              a=formats.clock_time(waiting.starts_at), b=formats.clock_time(waiting.ends_at))
        )  # fmt: skip
    return [one for one in found if one]


def _known(facts: dict[str, Any], *, now: datetime) -> list[str]:
    found = []
    if facts.get("first"):
        first = datetime.fromisoformat(facts["first"])
        when = formats.ja_moment(first)
        found.append(
            _("次に使うのは %(when)s", when=when)
            if first > now
            else _("%(when)sから使っています", when=when)
        )
    if facts.get("battery") is not None:
        found.append(_("電池 %(n)s％", n=facts["battery"]))
    if facts.get("tries"):
        found.append(_("まちがい %(n)s回", n=facts["tries"]))
    if facts.get("why"):
        found.append(why(facts["why"]))
    return found
