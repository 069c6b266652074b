"""The form by which staff answer an application: permit, return or refuse on a ground."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectMultipleField
from wtforms.validators import ValidationError

from app.booking.states import Review
from app.usecases.reviewing import Answer
from app.web.forms import Lines, Pick
from app.web.words import _


class ApprovalForm(Form):  # type: ignore[misc]
    """What staff answer, with the words the applicant reads."""

    state = Pick(
        _l("どうしますか"),
        choices=[
            (Review.GRANTED, _l("許可する")),
            (Review.RETURNED, _l("問い合わせる（差し戻し）")),
            (Review.REFUSED, _l("許可しない")),
        ],
        missing=_l("どうするかをえらんでください。"),
    )
    grounds = SelectMultipleField(
        _l("許可しない事由"),
        validate_choice=False,
        description=_l("許可しないときに、えらんでください。"),
    )
    words = Lines(
        _l("申し込んだ人への言葉"),
        description=_l("差し戻すときは、たずねることを書いてください。メールにそのまま出ます。"),
    )

    def validate_grounds(self, field: SelectMultipleField) -> None:
        """Ask for the ground of a refusal where the terms name any."""
        if not set(field.data or ()) <= {value for value, *_name in field.iter_choices()}:
            raise ValidationError(_("一覧からえらんでください。"))
        if self.state.data == Review.REFUSED and field.choices and not field.data:
            raise ValidationError(_("許可しない事由をえらんでください。"))

    def validate_words(self, field: Lines) -> None:
        """Ask for words where the applicant needs them."""
        if self.state.data == Review.RETURNED and not field.data:
            raise ValidationError(_("たずねることを入力してください。申し込んだ人が読みます。"))
        if self.state.data == Review.REFUSED and not self.grounds.choices and not field.data:
            raise ValidationError(_("許可しないわけを入力してください。申し込んだ人が読みます。"))

    def answer(self) -> Answer:
        """Return what was answered."""
        state = Review(self.state.data)
        grounds = tuple(self.grounds.data or ()) if state == Review.REFUSED else ()
        return Answer(state, self.words.data or "", grounds)


def of(
    grounds: Mapping[str, tuple[str, str]], typed: MultiDict[str, str] | None = None
) -> ApprovalForm:
    """Return the form with the grounds of the terms: name and citation by id."""
    form = ApprovalForm(typed)
    form.grounds.choices = [
        (key, _("%(name)s（%(cited)s）", name=name, cited=cited) if cited else name)
        for key, (name, cited) in grounds.items()
    ]
    return form
