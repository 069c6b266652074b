"""What about money a person has to see to, in words, and until when."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.payments.tasks import MoneyTask
from app.web import context, formats
from app.web.words import _

KINDS = {
    "refund_failed": (
        _l("返金ができませんでした"),
        _l("もう一度送るか、窓口・振込で返してください。"),
    ),
    "refund_undecided": (
        _l("返す額が決まりにない取り消し"),
        _l("予約の画面の「料金を減らす・返す額を決める」で、返す額を入れてください。"),
    ),
    "outside_refund": (
        _l("決済会社の画面で返金されました"),
        _l("記録に入れました。予約をどうするか、確かめてください。"),
    ),
    "dispute": (
        _l("カード会社から異議の申し立てがありました"),
        _l("予約はそのままです。期限までに、決済会社の画面で答えてください。"),
    ),
    "odd_sum": (
        _l("頼んだ額とちがう額が入りました"),
        _l("入った額を記録しました。決済会社の画面で確かめてください。"),
    ),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A task in words."""

    title: str
    what: str  # is to be done
    due: str  # until when somebody else waits; empty: nobody does
    is_late: bool


def task_said(task: MoneyTask) -> Said:
    """Return a task in words; one of a kind without words is shown as such."""
    title, what = KINDS.get(task.kind, (_("お金について、確かめることがあります"), ""))
    if task.due_at is None:
        return Said(str(title), str(what), "", is_late=False)
    is_late = task.due_at <= context.now()
    due = formats.ja_moment(task.due_at)
    said = _("期限（%(due)s）がすぎました", due=due) if is_late else _("期限：%(due)s", due=due)
    return Said(str(title), str(what), said, is_late)
