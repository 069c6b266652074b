"""The filter row over the audit."""

from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField
from wtforms.validators import ValidationError

from app.kernel.text_ja import digits
from app.web.staff_forms import Day
from app.web.words import _


class AuditFilters(Form):  # type: ignore[misc]
    """Which entries: of one booking, of some days."""

    number = StringField(_l("予約番号"))
    from_ = Day(_l("から"), name="from")
    to = Day(_l("まで"))

    def validate_number(self, field: StringField) -> None:
        """Refuse what is no booking number."""
        if field.data and len(digits(field.data)) != 8:
            raise ValidationError(_("予約番号は8けたの数字です。"))

    def validate_to(self, field: Day) -> None:
        """Refuse a period that ends before it begins."""
        first, last = self.from_.day, field.day
        if first is not None and last is not None and last < first:
            raise ValidationError(_("「から」より前の日です。2つの日を入れかえてください。"))
