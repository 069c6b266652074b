"""The form by which the office answers a request for a waiver."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form
from wtforms.validators import ValidationError

from app.fees.models import APPROVED, REFUSED, RETURNED
from app.usecases.answering import Answer, Keep
from app.web.forms import Lines, Pick
from app.web.staff_forms import Choice, Day
from app.web.words import _


class DecisionForm(Form):  # type: ignore[misc]
    """Approve, return or refuse; with the words the applicant reads."""

    state = Pick(
        _l("どうしますか"),
        choices=[
            (APPROVED, _l("認める")),
            (RETURNED, _l("問い合わせる（差し戻し）")),
            (REFUSED, _l("認めない")),
        ],
        missing=_l("どうするかをえらんでください。"),
    )
    words = Lines(
        _l("申請した人への言葉"),
        description=_l(
            "差し戻すとき・認めないときは、わけを書いてください。メールにそのまま出ます。"
        ),
    )
    keep = BooleanField(_l("これからの予約にも、自動でつける（資格として残す）"))
    facility = Choice(_l("使える会館"), options=[("", _l("すべての会館"))])
    valid_from = Day(_l("いつから"))
    valid_to = Day(_l("いつまで（その日もふくむ）"))

    @classmethod
    def for_request(
        cls, year_end: date, typed: MultiDict[str, str] | None = None
    ) -> "DecisionForm":
        """Return the form with what was typed, or with the end of the fiscal year filled in."""
        return cls(typed, data=None if typed else {"valid_to": year_end.isoformat()})

    def validate_words(self, field: Lines) -> None:
        """Ask for a reason where the applicant needs one."""
        if self.state.data in (RETURNED, REFUSED) and not field.data:
            raise ValidationError(_("わけを入力してください。申請した人が読みます。"))

    def validate_valid_to(self, field: Day) -> None:
        """Ask for the days of a right."""
        if not self.keep.data or self.state.data != APPROVED:
            return
        if self.valid_from.day is None or field.day is None:
            raise ValidationError(_("資格の、始まりと終わりの日を入れてください。"))
        if field.day < self.valid_from.day:
            raise ValidationError(_("終わりの日を、始まりの日より後にしてください。"))

    def answer(self, percent: int) -> Answer:
        """Return what was decided."""
        keep = None
        if self.keep.data and self.state.data == APPROVED:
            assert self.valid_from.day is not None
            assert self.valid_to.day is not None
            hall: Any = self.facility.data
            keep = Keep(
                percent, self.valid_from.day, self.valid_to.day, int(hall) if hall else None
            )
        return Answer(self.state.data, self.words.data, keep)
