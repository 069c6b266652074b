"""Where online money goes (決済会社の口座): proposed by one of the staff, agreed by another."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.db import db
from app.identity.permissions import Permission
from app.identity.staff.members import names_of
from app.kernel import text_ja
from app.kernel.refusals import Refused
from app.payments.online import accounts
from app.payments.online.accounts import BASES, CONNECT, OWN_KEY, Proposal
from app.payments.online.models import PayeeAccount
from app.tenants.policy import Payee
from app.usecases import online_accounts
from app.web import context, money_words, staff_words
from app.web.access import access
from app.web.payables import NAMES, provider
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.staff_forms import printable
from app.web.words import _

bp = Blueprint("office_accounts", __name__)
bp.context_processor(staff_words.in_templates)

MODES = {
    CONNECT: _l("つながった口座（acct_ の番号）"),
    OWN_KEY: _l("主体が自分で持つ鍵"),
}
LEGAL = {
    "designated_agent": _l("指定納付受託者（地方自治法231条の2の3）"),
    "entrusted_collector": _l("指定公金事務取扱者（地方自治法243条の2）"),
    "manager_income": _l("指定管理者の収入（地方自治法244条の2第8項）"),
}
FIELDS = ("mode", "account", "key", "secrets", "basis", "announced")
MOST = 500


@bp.get("/accounts")
@access(Permission.SET_ACCOUNTS)
def every() -> ResponseReturnValue:
    """Show by payee where its online money goes, and what is proposed."""
    rows, ended = accounts.standing(db.session()), accounts.ended(db.session())
    both = [*rows, *ended]
    who = {x for one in both for x in (one.proposed_by, one.approved_by, one.ended_by)}
    return page(
        "office/accounts.html",
        payees=[(one, [x for x in rows if x.payee == one.id]) for one in _payees()],
        ended=ended, payee_named=money_words.payee,
        names=names_of(db.session(), who), said=_ways_said, legal=LEGAL,
        me=g.viewer.account_id,
    )  # fmt: skip


@bp.get("/accounts/<slug:payee>/new")
@access(Permission.SET_ACCOUNTS, recent=True)
def ask(payee: str) -> ResponseReturnValue:
    """Ask which account a payee's money is to go to."""
    return _form(_payee(payee))


@bp.post("/accounts/<slug:payee>/new")
@access(Permission.SET_ACCOUNTS, recent=True)
def propose(payee: str) -> ResponseReturnValue:
    """Propose an account, once the provider knows it; another person has to agree."""
    found = _payee(payee)
    typed = {name: text_ja.tidy(printable(request.form.get(name, "")))[:MOST] for name in FIELDS}
    if typed["mode"] not in MODES or not (typed["account"] or typed["mode"] == OWN_KEY):
        return _form(found, refused=[_("口座の種類と番号を入力してください。")], status=422)
    wanted = Proposal(
        payee, typed["mode"], typed["account"], typed["basis"], typed["announced"], frozenset(),
        typed["key"], typed["secrets"],
    )  # fmt: skip
    try:
        online_accounts.propose(
            provider(),
            found,
            wanted,
            others=context.other_towns(),
            actor=context.actor("staff"),
            now=context.now(),
        )
    except Refused as no:
        return _form(found, refused=sentences(no.refusals), status=422)
    flash(_("口座を出しました。ほかの職員が認めると、使えるようになります。"))
    return redirect(url_for(".every"), code=303)


@bp.post("/accounts/<int:account_row>/approve")
@access(Permission.SET_ACCOUNTS, recent=True)
def approve(account_row: int) -> ResponseReturnValue:
    """Agree to an account that somebody else proposed."""
    return _decided(account_row, "approve")


@bp.get("/accounts/<int:account_row>/end")
@access(Permission.SET_ACCOUNTS, recent=True)
def ask_end(account_row: int) -> ResponseReturnValue:
    """Say what ending an account means, before it is done."""
    row = accounts.known(db.session(), account_row) if account_row < 2**63 else None
    if row is None or row.ended_at is not None:
        abort(404)
    return page("office/account_end.html", row=row, payee=_payee(row.payee))


@bp.post("/accounts/<int:account_row>/end")
@access(Permission.SET_ACCOUNTS, recent=True)
def end(account_row: int) -> ResponseReturnValue:
    """Let nothing more be paid through an account."""
    return _decided(account_row, "end")


def _ways_said(account: PayeeAccount) -> str:
    return _("、").join(str(NAMES[one]) for one in NAMES if one in account.ways)


def _decided(account_row: int, deed: str) -> ResponseReturnValue:
    if account_row >= 2**63:
        abort(404)
    actor, now = context.actor("staff"), context.now()
    try:
        if deed == "approve":
            online_accounts.approve(account_row, actor=actor, now=now)
            flash(_("口座を認めました。いまから使えます。"))
        else:
            online_accounts.end(account_row, actor=actor, now=now)
            flash(_("口座を止めました。新しい支払いはできません。"))
    except Refused as no:
        for text in sentences(no.refusals):
            flash(text)
    return redirect(url_for(".every"), code=303)


def _payees() -> list[Payee]:
    """Return who is paid; where the rules name nobody, the municipality itself."""
    found = context.policy().payees
    if found:
        return list(found)
    city = g.municipality.name
    return [Payee(id="city", name=city, issuer=city, legal_basis="usage_fee")]


def _payee(payee_id: str) -> Payee:
    return next((one for one in _payees() if one.id == payee_id), None) or abort(404)


def _form(payee: Payee, *, refused: Sequence[str] = (), status: int = 200) -> ResponseReturnValue:
    bases = BASES.get(payee.legal_basis or "", ())
    return page(
        "office/account_new.html", status=status, payee=payee, refused=refused,
        base_url=context.settings().base_url, typed=request.form, modes=MODES,
        bases=[(one, LEGAL[one]) for one in bases],
    )  # fmt: skip
