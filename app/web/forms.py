"""Fields of residents' forms: what was typed, tidied and read as a type. Rules are not here.

What was typed is kept: a field that is wrong shows it again beside what is wrong with it.
"""

from collections.abc import Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import Form, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import StopValidation

from app.kernel import text_ja
from app.web.words import _

MOST_IN_A_LINE = 100  # characters of a name
MOST_IN_A_TEXT = 1_000  # characters of notes to the hall
MORE_THAN_ANY = 10**9  # what a longer row of digits is read as

# Marks that turn the direction of writing: on a notice board they could disguise a name.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class Line(StringField):  # type: ignore[misc]
    """One line of text; `missing` is said when it is empty, None lets it be empty."""

    def __init__(
        self, label: str, *, missing: str | None, most: int = MOST_IN_A_LINE, **more: Any
    ) -> None:
        super().__init__(label, **more)
        self.missing = missing
        self.most = most
        self.flags.required = missing is not None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take what was typed, tidied."""
        self.data = self.tidied(valuelist[0].translate(_TURNING)) if valuelist else ""

    def tidied(self, typed: str) -> str:
        """Return what was typed as one line."""
        return text_ja.tidy(typed)

    def pre_validate(self, form: Form) -> None:
        """Refuse what is missing or too long."""
        if self.missing and not self.data:
            raise StopValidation(self.missing)
        long = len(self.data or "")
        if long > self.most:
            raise StopValidation(
                _(
                    "%(most)s文字までにしてください。いまは%(long)s文字です。",
                    most=f"{self.most:,}",
                    long=f"{long:,}",
                )
            )


class Lines(Line, TextAreaField):  # type: ignore[misc]
    """Text of several lines."""

    def __init__(self, label: str, *, missing: str | None = None, **more: Any) -> None:
        super().__init__(label, missing=missing, most=MOST_IN_A_TEXT, **more)

    def tidied(self, typed: str) -> str:
        """Return what was typed, each line tidied."""
        return text_ja.tidy_lines(typed)


class Email(Line):
    """An e-mail address, lower case."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, missing=_("メールアドレスを入力してください。"), most=254, **more)

    def tidied(self, typed: str) -> str:
        """Return what was typed without spaces: they come with pasting."""
        return text_ja.tidy(typed).replace(" ", "").casefold()

    def pre_validate(self, form: Form) -> None:
        """Refuse what is no address; whether anybody reads mail there, the code will tell."""
        super().pre_validate(form)
        try:
            validate_email(self.data, check_deliverability=False)
        except EmailNotValidError:
            raise StopValidation(
                _("メールアドレスは、name@example.jp のように入力してください。")
            ) from None


class Phone(Line):
    """A telephone number."""

    def tidied(self, typed: str) -> str:
        """Return the number with half-width digits and plain hyphens."""
        return text_ja.phone(typed)

    def pre_validate(self, form: Form) -> None:
        """Refuse what can't be dialled."""
        super().pre_validate(form)
        dialled = text_ja.digits(self.data)
        if not 9 <= len(dialled) <= 15 or set(self.data) - set("0123456789+-()"):
            raise StopValidation(_("電話番号は、042-000-0000 のように数字で入力してください。"))


class Number(Line):
    """A whole number from `least` to `most`, typed with any width, commas or a counter."""

    def __init__(
        self,
        label: str,
        *,
        missing: str | None,
        least: int,
        greatest: int,
        unit: str,
        **more: Any,
    ) -> None:
        super().__init__(label, missing=missing, **more)
        self.least, self.greatest, self.unit = least, greatest, unit
        self.number: int | None = None

    def pre_validate(self, form: Form) -> None:
        """Read the number; refuse what is none, too small or too great."""
        super().pre_validate(form)
        if not self.data:  # it may be left out
            return
        text = text_ja.plain_number(self.data).removesuffix("円")
        sign, text = (-1, text[1:]) if text.startswith(("-", "−", "ー")) else (1, text)
        if not text.isdecimal():
            raise StopValidation(_("数字で入力してください。"))
        found = sign * (int(text) if len(text) < 10 else MORE_THAN_ANY)
        if found < self.least:
            raise StopValidation(
                _("%(least)s以上の数を入力してください。", least=f"{self.least:,}{self.unit}")
            )
        if found > self.greatest:
            raise StopValidation(
                _("%(most)sまでの数を入力してください。", most=f"{self.greatest:,}{self.unit}")
            )
        self.number = found


class Pick(RadioField):  # type: ignore[misc]
    """One of several; nothing is picked beforehand. `missing` None lets all be left."""

    def __init__(
        self, label: str, *, choices: Sequence[tuple[str, str]], missing: str | None, **more: Any
    ) -> None:
        super().__init__(label, choices=options(choices), validate_choice=False, **more)
        self.allowed = {value for value, _name in choices}
        self.missing = missing
        self.flags.required = missing is not None

    def pre_validate(self, form: Form) -> None:
        """Refuse what is not on the list."""
        if self.data in self.allowed or (not self.data and not self.missing):
            return
        raise StopValidation(self.missing or _("一覧からえらんでください。"))


class Menu(SelectField):  # type: ignore[misc]
    """One of many, in a menu whose first line asks to choose; it must be chosen."""

    def __init__(
        self, label: str, *, choices: Sequence[tuple[str, str]], missing: str, **more: Any
    ) -> None:
        asking = [("", _("えらんでください")), *choices]
        super().__init__(label, choices=options(asking), validate_choice=False, **more)
        self.allowed = {value for value, _name in choices}
        self.missing = missing
        self.flags.required = True

    def pre_validate(self, form: Form) -> None:
        """Refuse what is not on the list."""
        if self.data not in self.allowed:
            raise StopValidation(self.missing)


def options(choices: Sequence[tuple[str, str]]) -> list[SelectChoice]:
    """Return pairs of value and name as WTForms takes them."""
    return [SelectChoice(value, name) for value, name in choices]
