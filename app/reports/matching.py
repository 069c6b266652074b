"""Bookings by what people say of them: a number, a telephone number, a name in any script."""

import re

from sqlalchemy import ColumnElement, false, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from app.booking.models import Booking
from app.kernel.text_ja import digits, phone, search_key, tidy

FEWEST_DIGITS = 4  # of a number; fewer would list half the town

_HIRAGANA = "".join(map(chr, range(ord("ぁ"), ord("ゖ") + 1)))
_KATAKANA = "".join(chr(ord(one) + 0x60) for one in _HIRAGANA)
_TO_HIRAGANA = str.maketrans(_KATAKANA, _HIRAGANA)
_NUMERIC = re.compile(r"[0-9()+-]+")


def is_numeric(words: str) -> bool:
    """Say whether somebody typed a number, of a booking or a telephone, in whatever width."""
    return bool(_NUMERIC.fullmatch(phone(words)))


def is_too_short(words: str) -> bool:
    """Say whether a number has too few digits to look for."""
    return is_numeric(words) and len(digits(words)) < FEWEST_DIGITS


def matches(words: str, *, is_thorough: bool = True) -> ColumnElement[bool]:
    """Return the condition that a booking is meant by these words.

    Digits are the end of a booking number or part of a telephone number; anything else is part
    of the applicant's name, its kana, or the name on the board. Width, hiragana or katakana,
    capitals and spaces do not matter. Without `is_thorough` a name that mixes both kana is
    found only as it is written: folding each row costs ten times as much as reading it.
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
    if is_thorough:
        return or_(*(in_katakana(name).contains(key, autoescape=True) for name in names))
    typed = tidy(words).casefold().replace(" ", "")
    written = {typed, key, key.translate(_TO_HIRAGANA)}
    return or_(
        *(_plain(name).contains(one, autoescape=True) for name in names for one in sorted(written))
    )


def _plain(
    column: InstrumentedAttribute[str | None] | InstrumentedAttribute[str],
) -> ColumnElement[str]:
    return func.replace(func.lower(column), " ", "")


def in_katakana(
    column: InstrumentedAttribute[str | None] | InstrumentedAttribute[str],
) -> ColumnElement[str]:
    """Return what `search_key` does to a text; what is stored was tidied when it was typed."""
    return func.translate(_plain(column), _HIRAGANA, _KATAKANA)
