"""Fields as strict as JSON allows: no "10" for 10, no half characters, every mistake in words."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

import email_validator
from marshmallow import ValidationError, fields, validate

from app.kernel import text_ja
from app.kernel.spans import minutes

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # beyond them nobody books

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-9]{2}")
_KEPT = "\t\n\r"  # of the control characters; they become spaces or lines
# Marks that turn the direction of writing: on a notice board they could disguise a name.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class Said:
    """What every field says when it is missing or of another kind."""

    default_error_messages: dict[str, str | list[Any] | dict[Any, Any]] = {
        "required": "必要な項目です。",
        "null": "null は使えません。",
        "invalid": "値の種類がちがいます。",
    }


class Words(Said, fields.String):
    """Text as people mean it: widths folded, spaces tidied, at most so many characters."""

    def __init__(self, *, most: int, least: int = 1, lines: bool = False, **more: Any) -> None:
        metadata = {"maxLength": most, **({"minLength": least} if least else {})}
        super().__init__(metadata={**metadata, **more.pop("metadata", {})}, **more)
        self.most, self.least = most, least
        self.tidied = text_ja.tidy_lines if lines else text_ja.tidy

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs) or ""
        if any(unicodedata.category(c) in ("Cc", "Cs") and c not in _KEPT for c in text):
            raise ValidationError("使えない文字（制御文字など）が入っています。")
        text = self.tidied(text.translate(_TURNING))
        if not self.least <= len(text) <= self.most:
            raise ValidationError(f"{self.least}文字から{self.most}文字までにしてください。")
        return text


class Phone(Words):
    """A telephone number in any width, kept with half-width digits and hyphens."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        number = text_ja.phone(super()._deserialize(value, attr, data, **kwargs))
        if not re.fullmatch(r"[0-9+()-]+", number) or not 9 <= len(text_ja.digits(number)) <= 15:
            raise ValidationError("電話番号は 090-0000-0000 のように書いてください。")
        return number


class Email(Words):
    """An e-mail address, in lower case as accounts are known by it."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        address = super()._deserialize(value, attr, data, **kwargs).replace(" ", "").casefold()
        try:
            email_validator.validate_email(address, check_deliverability=False)
        except email_validator.EmailNotValidError:
            raise ValidationError("メールアドレスの形ではありません。") from None
        return address


class Slug(Said, fields.String):
    """The name of something in a path or a list: lower case, digits, hyphens."""

    def __init__(self, **more: Any) -> None:
        pattern = validate.Regexp(
            r"^[a-z0-9]+(-[a-z0-9]+)*\Z", error="小文字・数字・ハイフンの名前です。"
        )
        shown = {"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 60}
        length = validate.Length(max=60, error="60文字までの名前です。")
        metadata = {**shown, **more.pop("metadata", {})}
        super().__init__(validate=[length, pattern], metadata=metadata, **more)


class Whole(Said, fields.Integer):
    """A JSON number without a fraction, within bounds; a text of digits is none."""

    def __init__(self, *, least: int, most: int, **more: Any) -> None:
        bounds = validate.Range(
            min=least, max=most, error=f"{least}から{most}までの整数にしてください。"
        )
        super().__init__(strict=True, validate=bounds, **more)


class Flag(Said, fields.Boolean):
    """true or false, nothing that may be meant so."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Day(Said, fields.Date):
    """A day of the calendar as YYYY-MM-DD."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> date:
        try:
            if not isinstance(value, str) or not _DAY.fullmatch(value):
                raise ValueError
            day = date.fromisoformat(value)
        except ValueError:
            raise ValidationError("日付は 2027-03-08 のように、ある日を書いてください。") from None
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(f"{FIRST_DAY} から {LAST_DAY} までの日付です。")
        return day


class Clock(Said, fields.Field[int]):
    """A time of the day as "10:00", read as its minute; "24:00" is the end of the day."""

    def __init__(self, **more: Any) -> None:
        shown = {"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}$"}
        super().__init__(metadata={**shown, **more.pop("metadata", {})}, **more)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int:
        try:
            if not isinstance(value, str) or not _CLOCK.fullmatch(value):
                raise ValueError
            return minutes(value)
        except ValueError:
            raise ValidationError("時刻は 10:00 や 24:00 のように書いてください。") from None


class Pairs(Said, fields.Dict):
    """An object of texts by name; a mistake is told at its name."""

    default_error_messages: dict[str, str | list[Any] | dict[Any, Any]] = {
        "invalid": "オブジェクトではありません。"  # marshmallow reads braces in it
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[Any, Any]:
        try:
            read: dict[Any, Any] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            found = error.messages
            if not isinstance(found, dict):
                raise
            # marshmallow says at each name whether the name or what stands under it is wrong
            told = {name: inner for name, by in found.items() for inner in by.values()}
            raise ValidationError(told) from None
        return read


class Some(Said, fields.List[Any]):
    """A list with at most so many things in it."""

    default_error_messages: dict[str, str | list[Any] | dict[Any, Any]] = {
        "invalid": "リスト（[ ]）ではありません。"
    }

    def __init__(self, one: Any, *, most: int, least: int = 1, **more: Any) -> None:
        length = validate.Length(min=least, max=most, error=f"{least}件から{most}件までです。")
        super().__init__(one, validate=length, **more)
