"""Bookings by what people say of them: a number, a telephone number, a name in any script."""

import re

from sqlalchemy import ColumnElement, false, func, literal_column, or_
from sqlalchemy.orm import InstrumentedAttribute

from app.booking.models import Booking
from app.kernel.text_ja import digits, phone, search_key

FEWEST_DIGITS = 4  # of a number; fewer would list half the town

_HIRAGANA = "".join(map(chr, range(ord("ぁ"), ord("ゖ") + 1)))
_KATAKANA = "".join(chr(ord(one) + 0x60) for one in _HIRAGANA)
_NUMERIC = re.compile(r"[0-9()+-]+")


def is_numeric(words: str) -> bool:
    """Say whether somebody typed a number, of a booking or a telephone, in whatever width."""
    return bool(_NUMERIC.fullmatch(phone(words)))


def is_too_short(words: str) -> bool:
    """Say whether a number has too few digits to look for."""
    return is_numeric(words) and len(digits(words)) < FEWEST_DIGITS


def matches(words: str) -> ColumnElement[bool]:
    """Return the condition that a booking is meant by these words.

    Digits are the end of a booking number or part of a telephone number; anything else is part
    of the applicant's name, its kana, or the name on the board. Width, hiragana or katakana,
    capitals and spaces do not matter.
    """
    if is_numeric(words):
        wanted = digits(words)
        return or_(
            Booking.number.endswith(wanted, autoescape=True),
            func.regexp_replace(Booking.applicant_phone, "[^0-9]", "", "g").contains(
                wanted, autoescape=True
            ),
        )
    key = search_key(words)
    if not key:
        return false()
    names = (Booking.applicant_name, Booking.applicant_kana, Booking.shown_name)
    return or_(*(_folded(name).contains(key, autoescape=True) for name in names))


def _folded(column: InstrumentedAttribute[str | None]) -> ColumnElement[str]:
    """Return what `search_key` does to a text, done by the database."""
    plain = func.lower(func.normalize(column, literal_column("NFKC")))
    return func.translate(func.replace(plain, " ", ""), _HIRAGANA, _KATAKANA)
