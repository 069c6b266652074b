"""What was done with a booking's money, in words and with the sum, for its owner's history."""

from typing import Final

from flask_babel import lazy_gettext as _l

from app.booking.history import Touch
from app.web import formats, refund_words
from app.web.words import _

SENTENCES: Final = {
    "payment.received": _l("料金 %(yen)sを受け取りました%(how)s。"),
    "payment.online": _l("インターネットで、料金 %(yen)sを受け取りました%(how)s。"),
    "payment.taken_back": _l("料金 %(yen)sの受け取りの記録を取り消しました。"),
    "refund.sent": _l("%(yen)sをお返ししました%(how)s。"),
    "refund.handed_over": _l("%(yen)sをお返ししました%(how)s。"),
    "refund.outside": _l("%(yen)sをお返ししました。"),
    "fee.credited": _l("料金を%(yen)s減らしました。"),
}
PAID_BY: Final = {
    "card": _l("クレジットカード"),
    "konbini": _l("コンビニ"),
    "paypay": _l("PayPay"),
    "cash": _l("窓口で現金"),
    "card_terminal": _l("窓口でカード・電子マネー"),
    "transfer": _l("口座への振込"),
}


def money_touched(touch: Touch) -> dict[str, str]:
    """Return what was done, by its action; nothing for what is not about money."""
    found = SENTENCES.get(touch.action)
    if found is None:
        return {}
    yen, method = touch.facts.get("off_yen", touch.facts.get("yen")), touch.facts.get("method")
    names = refund_words.METHODS if touch.action.startswith("refund.") else PAID_BY
    facts = {
        "yen": formats.yen(yen) if isinstance(yen, int) else _("お金"),
        "how": _("（%(how)s）", how=names[method]) if method in names else "",
    }
    return {touch.action: str(found) % facts}
