"""The forms of coming in as staff and of choosing proofs."""

from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, PasswordField
from wtforms.validators import StopValidation

from app.identity.proofs.passwords import LEAST, weakness
from app.kernel import text_ja
from app.kernel.refusals import Refusal
from app.web.forms import Email, Line
from app.web.sentences import sentence
from app.web.words import _


class Secret(PasswordField):  # type: ignore[misc]
    """A password; what was typed is never sent back."""

    def __init__(self, label: str, *, missing: str, **more: object) -> None:
        super().__init__(label, **more)
        self.missing = missing
        self.flags.required = True

    def _value(self) -> str:
        return ""

    def pre_validate(self, form: Form) -> None:
        """Refuse none."""
        if not self.data:
            raise StopValidation(self.missing)


class PasswordForm(Form):  # type: ignore[misc]
    """Who comes in."""

    email = Email(_l("メールアドレス"))
    password = Secret(_l("パスワード"), missing=_l("パスワードを入力してください。"))
    next = HiddenField()


class SecondForm(Form):  # type: ignore[misc]
    """The second proof."""

    code = Line(
        _l("認証アプリの6けたの数字"),
        missing=_l("認証アプリの6けたの数字を入力してください。"),
        most=40,
        description=_l("スマートフォンの認証アプリを開くと出ています。30秒ごとに変わります。"),
    )

    def validate_code(self, field: Line) -> None:
        """Take digits of any width; a code on paper has letters too."""
        field.data = text_ja.tidy(field.data or "")


class NewPasswordForm(Form):  # type: ignore[misc]
    """A password that somebody chooses, twice."""

    password = Secret(
        _l("パスワード"),
        missing=_l("パスワードを入力してください。"),
        description=_l("12文字以上。ことばを3つ4つ並べると、覚えやすく、破られにくくなります。"),
    )
    repeated = Secret(
        _l("パスワード（もう一度）"), missing=_l("同じパスワードをもう一度入力してください。")
    )

    def judge(self, email: str) -> bool:
        """Say whether it will do; what is wrong stands at its field."""
        if not self.validate():
            return False
        if code := weakness(self.password.data or "", email):
            self.password.errors = [sentence(Refusal(code, {"least": LEAST}))]
        elif self.password.data != self.repeated.data:
            self.repeated.errors = [_("2つのパスワードがちがいます。もう一度入力してください。")]
        return not self.errors


class PasskeyNameForm(Form):  # type: ignore[misc]
    """How a passkey is told from others."""

    name = Line(
        _l("名前"), missing=_l("どの機器のパスキーか、名前を入力してください。"), most=40,
        description=_l("例: 事務室のパソコン、自分のスマートフォン"),
    )  # fmt: skip
