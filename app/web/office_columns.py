"""What the files of the office hold: headings in words, values as the reports give them."""

from collections.abc import Mapping

from app.kernel.calendar_jp import weekday_ja
from app.reports.columns import Column, Kind
from app.reports.lines import LineRow
from app.web import context, staff_words
from app.web.formats import minute_of_use, without_zone
from app.web.words import _


def of_bookings() -> list[Column[LineRow]]:
    """Return the columns of a file of bookings."""
    policy = context.policy()
    classes = {one.id: one.name for one in policy.applicant_classes}
    purposes = {one.id: one.name for one in policy.purposes}
    return [*_when_and_where(), *_who(classes, purposes), *_money()]


def _when_and_where() -> list[Column[LineRow]]:
    return [
        Column(_("予約番号"), Kind.TEXT, lambda row: staff_words.number(row.number)),
        Column(_("申込日時"), Kind.MOMENT, lambda row: without_zone(row.submitted_at), 18),
        Column(_("利用日"), Kind.DAY, lambda row: row.on_date),
        Column(_("曜日"), Kind.TEXT, lambda row: weekday_ja(row.on_date), 6),
        Column(_("開始"), Kind.MINUTE, lambda row: minute_of_use(row.on_date, row.starts_at), 8),
        Column(_("終了"), Kind.MINUTE, lambda row: minute_of_use(row.on_date, row.ends_at), 8),
        Column(_("施設"), Kind.TEXT, lambda row: row.facility, 20),
        Column(_("部屋"), Kind.TEXT, lambda row: row.room, 20),
        Column(_("状態"), Kind.TEXT, lambda row: staff_words.state(row.state)),
    ]


def _who(classes: Mapping[str, str], purposes: Mapping[str, str]) -> list[Column[LineRow]]:
    text = Kind.TEXT
    return [
        Column(
            _("利用者区分"), text, lambda row: classes.get(row.applicant_class, row.applicant_class)
        ),
        Column(_("名前"), text, lambda row: row.name, 20),
        Column(_("カナ"), text, lambda row: row.kana, 20),
        Column(_("電話"), text, lambda row: row.phone, 16),
        Column(_("案内板にのせる名前"), text, lambda row: row.shown_name, 20),
        Column(_("人数"), Kind.NUMBER, lambda row: row.people, 8),
        Column(_("目的"), text, lambda row: purposes.get(row.purpose, row.purpose), 16),
        Column(_("会館に伝えること"), text, lambda row: row.notes, 30),
    ]


def _money() -> list[Column[LineRow]]:
    return [
        Column(_("調定額"), Kind.YEN, lambda row: row.assessed_yen),
        Column(_("収納額"), Kind.YEN, lambda row: row.collected_yen),
        Column(
            _("支払い期限"),
            Kind.MOMENT,
            lambda row: without_zone(row.due_at) if row.due_at else None,
            18,
        ),
    ]
