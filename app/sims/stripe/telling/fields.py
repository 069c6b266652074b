"""What a customer types on the payment page, and what is wrong with it."""

import re
import unicodedata
from datetime import datetime


def digits(typed: str) -> str:
    """Return the digits of what was typed, wide ones too."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", typed))


def expiry(typed: str) -> tuple[int, int] | None:
    """Return month and year of a card, or None."""
    read = re.fullmatch(
        r"(0?[1-9]|1[0-2])\s*/\s*(?:20)?([0-9]{2})", unicodedata.normalize("NFKC", typed).strip()
    )
    return (int(read[1]), 2000 + int(read[2])) if read else None


def card(number: str, ends: tuple[int, int], cvc: str, now: datetime) -> str | None:
    """Return what is wrong with a card before it is tried."""
    if not 14 <= len(number) <= 16:
        return "カード番号を確かめてください。"
    if (ends[1], ends[0]) < (now.year, now.month):
        return "カードの期限が切れています。"
    if not re.fullmatch(r"[0-9]{3,4}", digits(cvc)):
        return "セキュリティコードは3桁か4桁の数字です。"
    return None


def konbini(name: str, phone: str) -> str | None:
    """Return what is wrong with what a store needs to know."""
    if not name:
        return "お名前を入れてください。"
    if not 10 <= len(phone) <= 11 or not phone.strip("0"):
        return "電話番号は10桁か11桁の数字です。"
    return None
