"""The forms of signing in and of saying who one is."""

from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Form, HiddenField
from wtforms.validators import StopValidation

from app.identity.permissions import Viewer
from app.kernel import text_ja
from app.tenants.policy import ApplicantClass, MunicipalityPolicy
from app.web import context
from app.web.forms import Email, Line, Phone, Pick
from app.web.words import _

DIGITS_OF_A_CODE = 6


class Code(Line):
    """A code of six digits, typed with any width, spaces or hyphens."""

    digits = ""

    def pre_validate(self, form: Form) -> None:
        """Refuse what can't be a code, before it counts as a wrong one."""
        super().pre_validate(form)
        self.digits = text_ja.digits(self.data)
        if len(self.digits) != DIGITS_OF_A_CODE or not self.digits.isascii():
            raise StopValidation(_("メールの6けたの番号を入力してください。"))


class Kana(Line):
    """How a name is read, in hiragana or katakana; a group may have a number in its name."""

    def pre_validate(self, form: Form) -> None:
        """Refuse what can't be found by its sound again: letters, kanji."""
        super().pre_validate(form)
        if self.data and not text_ja.is_kana(self.data):
            raise StopValidation(_("ふりがなは、ひらがなかカタカナで入力してください。"))


class EmailForm(Form):  # type: ignore[misc]
    """Where the code goes."""

    email = Email(
        _l("メールアドレス"), description=_l("パスワードはいりません。確認の番号を送ります。")
    )
    next = HiddenField()


class CodeAgainForm(Form):  # type: ignore[misc]
    """The code, of somebody who is signed in."""

    code = Code(
        _l("確認の番号"),
        missing=_l("メールの6けたの番号を入力してください。"),
        description=_l("メールに書いてある6けたの数字です。"),
    )


class CodeForm(CodeAgainForm):
    """The code, and whose device this is."""

    own_device = BooleanField(_l("この端末を使うのは自分だけです"))


class ProfileForm(Form):  # type: ignore[misc]
    """Who a person is to the municipality."""

    name = Line(_l("お名前"), missing=_l("お名前を入力してください。"))
    kana = Kana(_l("ふりがな"), missing=_l("ふりがなを入力してください。"))
    phone = Phone(
        _l("電話番号"),
        missing=_l("電話番号を入力してください。"),
        most=30,
        description=_l("昼間につながる番号です。会館から電話することがあります。"),
    )


def profile_form(typed: Any = None) -> Form:
    """Return the form with what is known of the viewer; the class is asked when they may say it."""
    viewer: Viewer = g.viewer
    known = {"name": viewer.name, "kana": viewer.kana, "phone": viewer.phone}
    own = declarable(context.policy())
    if kept_class() is not None or len(own) < 2:
        return ProfileForm(typed, data=known)
    where = Pick(
        _("お住まい"),
        choices=[(one.id, one.name) for one in own],
        missing=_("お住まいをえらんでください。"),
        description=_("料金や、申し込める日が変わることがあります。"),
    )
    with_class = type("ProfileWithClassForm", (ProfileForm,), {"applicant_class": where})
    return with_class(typed, data={**known, "applicant_class": viewer.applicant_class})


def declarable(policy: MunicipalityPolicy) -> list[ApplicantClass]:
    """Return the classes that a person may say of themselves."""
    return [one for one in policy.applicant_classes if one.self_declared]


def kept_class() -> ApplicantClass | None:
    """Return the class that staff gave the viewer; it is not the viewer's to change."""
    found = context.policy().class_named(g.viewer.applicant_class or "")
    return found if found and not found.self_declared else None
