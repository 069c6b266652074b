"""Japanese text as people type it: widths folded, kana folded for search, length in characters."""

import re
import unicodedata

_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_KANA = re.compile("[ぁ-ゖァ-ヺー・ゝゞヽヾ0-9 ]+")
_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—―−ｰー－"), "-")


def tidy(text: str) -> str:
    """Return one line of text as meant: NFKC, no control characters, single spaces, no ends.

    NFKC keeps 𠮷 and emoji; it turns １２ into 12 and ｱ into ア.
    """
    folded = unicodedata.normalize("NFKC", text)
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in folded)
    return " ".join(kept.split())


def tidy_lines(text: str) -> str:
    """Return text of several lines, each tidied, without empty lines at either end."""
    folded = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(tidy(line) for line in folded.split("\n")).strip("\n")


def digits(text: str) -> str:
    """Return only the digits of a number typed with any width, spaces or hyphens."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isdecimal())


def plain_number(text: str) -> str:
    """Return text fit for `int`: half-width, without spaces, commas or counters such as 人."""
    return tidy(text).replace(",", "").replace(" ", "").removesuffix("人").removesuffix("名")


def phone(text: str) -> str:
    """Return a telephone number with half-width digits and plain hyphens."""
    return tidy(unicodedata.normalize("NFKC", text).translate(_HYPHENS)).replace(" ", "")


def is_kana(text: str) -> bool:
    """Say whether a text is a reading: hiragana, katakana, numbers, spaces and middle dots.

    >>> is_kana("ﾔﾏﾀﾞ はなこ"), is_kana("yamada"), is_kana("山田")
    (True, False, False)
    """
    return bool(_KANA.fullmatch(tidy(text)))


def search_key(text: str) -> str:
    """Return what two spellings of a name share: NFKC, katakana, lower case, no spaces."""
    return tidy(text).translate(_TO_KATAKANA).casefold().replace(" ", "")
