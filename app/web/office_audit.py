"""The filter row over the audit."""

from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField
from wtforms.validators import ValidationError

from app.kernel.text_ja import digits, tidy
from app.web.forms import MOST_IN_A_LINE
from app.web.staff_forms import Choice, Day, printable
from app.web.staff_words import DEEDS
from app.web.words import _


class AuditFilters(Form):  # type: ignore[misc]
    """Which entries: of somebody, of one deed, of one booking, of some days."""

    who = StringField(_l("した人（名前かメールアドレスの一部）"))
    deed = Choice(_l("したこと"), options=[("", _l("すべて")), *DEEDS.items()])
    number = StringField(_l("予約番号"))
    from_ = Day(_l("から"), name="from")
    to = Day(_l("まで"))

    @property
    def somebody(self) -> str:
        """Return who is looked for, in plain characters."""
        return tidy(printable(self.who.data or ""))[:MOST_IN_A_LINE]

    def validate_number(self, field: StringField) -> None:
        """Refuse what is no booking number."""
        if field.data and len(digits(field.data)) != 8:
            raise ValidationError(_("予約番号は8けたの数字です。"))

    def validate_to(self, field: Day) -> None:
        """Refuse a period that ends before it begins."""
        first, last = self.from_.day, field.day
        if first is not None and last is not None and last < first:
            raise ValidationError(_("「から」より前の日です。2つの日を入れかえてください。"))
