"""Refunds in the words of those who see to them: how far, by which law, what stopped one."""

from flask_babel import lazy_gettext as _l

from app.payments.refunds.models import Refund
from app.web import context
from app.web.refund_words import STATES as OWNERS
from app.web.words import _

STATES = {
    **OWNERS,
    "details": _l("口座の入力待ち（決済会社が本人にメールを送りました）"),
    "failed": _l("返金ができませんでした。返し方を決めてください"),
    "dropped": _l("取りやめ（返す必要がなくなりました）"),
}
# What came without being owed is paid back by law, whatever the hall's own rules say.
NOT_OWED = {
    "double": _l("二重納付"),
    "over": _l("過誤納"),
    "late": _l("過誤納（期限のあとに届いた支払い）"),
}
BY_LAW = {
    "usage_fee": _l("過誤納金の払戻し（地方自治法施行令165条の7）"),
    "manager_income": _l("不当利得の返還（民法703条）"),
}
# The provider's word for why it did not go; any other is not understood, and not shown.
WHYS = {
    "charge_already_refunded": _l("決済会社の画面で、もう返金されています。"),
    "charge_disputed": _l("カード会社に異議の申し立てがあるので、返せません。"),
    "declined": _l("カード会社か銀行が、受け取りをことわりました。"),
    "expired_or_canceled_card": _l("カードの期限が切れているか、カードがやめられています。"),
    "insufficient_funds": _l("決済会社の口座に、返すお金が足りません。"),
    "lost_or_stolen_card": _l("なくしたか盗まれたと届けのあるカードです。"),
    "merchant_request": _l("決済会社の画面で、返金が取りやめられました。"),
}


def why_said(refund: Refund) -> str:
    """Return why a refund did not go, as far as that is known."""
    return str(WHYS.get(refund.error or "", _("決済会社から、わけの知らせはありません。")))


def basis_of(refund: Refund) -> str:
    """Return by which rule money goes back: the hall's, or the law for what was not owed."""
    if refund.citation:
        return refund.citation
    if refund.reason not in NOT_OWED:
        return _("決まりの条文は記録にありません")
    payee = context.policy().payee_named(refund.payee)
    law = BY_LAW.get((payee.legal_basis if payee else None) or "usage_fee", BY_LAW["usage_fee"])
    return f"{NOT_OWED[refund.reason]}：{law}"
