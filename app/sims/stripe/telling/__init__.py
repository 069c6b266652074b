"""What pages say and what they read: dates, states in words, and typed fields."""

from datetime import datetime

from app.kernel.clock import TOKYO

WORDS = {
    "open": "手続き中",
    "complete": "手続きずみ",
    "expired": "期限切れ",
    "paid": "支払いずみ",
    "unpaid": "まだ払われていない",
    "requires_action": "口座の入力待ち",
    "pending": "返金の手続き中",
    "succeeded": "返金ずみ",
    "failed": "返金できなかった",
    "held": "止めている",
    "waiting": "これから届ける",
    "sending": "届けている",
    "delivered": "届いた",
    "given up": "あきらめた",
    "discarded": "捨てた",
}


def in_words(state: str) -> str:
    """Return a state in words."""
    return WORDS.get(state, state)


def local(epoch: int) -> str:
    """Return an instant as people here write it."""
    at = datetime.fromtimestamp(epoch, TOKYO)
    return f"{at:%Y年}{at.month}月{at.day}日 {at:%H:%M}"
