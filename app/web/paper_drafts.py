"""The numbered papers of a booking as they would be issued now: permit, bill, notice.

Each says on which facts it rests. The words may change with a telephone number or with us; only
other facts make another paper.
"""

from collections.abc import Sequence
from typing import Any

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.booking.rules.reviewing import review_of
from app.booking.service.permits import steps_of
from app.booking.states import Review, State
from app.db import db
from app.issued.service import Draft
from app.papers.documents import Bill, Fact, Notice, Permit
from app.payments.online import accounts
from app.reports.papers import PayeeMoney, money_by_payee
from app.web import context, formats
from app.web.booked import Booked, BookedLine, booked
from app.web.outcomes import UseAt, deadline, places_to_pay
from app.web.paper_facts import drafted, facts_of_line, uses_in
from app.web.paper_notices import is_due, notices
from app.web.paper_words import by_payee, issuer, payee_named, priced, taxes, use_of
from app.web.permitting import is_debited
from app.web.permitting import is_permitted as is_permitted
from app.web.records import class_name
from app.web.words import _

KINDS = {one.kind: one for one in (Permit, Bill, Notice)}


def drafts(kind: str, booking: Booking) -> list[Draft]:
    """Return the papers of a kind that are due for a booking now, one for each payee; or none."""
    found = booked(booking, lines_of(db.session(), booking.id))
    return {"permit": _permits, "bill": _bills, "notice": notices}[kind](found)


def due_kinds(found: Booked) -> set[str]:
    """Return of which kinds papers are due for a booking now."""
    due = {
        "permit": is_permitted(found),
        "bill": _is_billed(found.booking),
        "notice": is_due(found),
    }
    return {kind for kind, is_due in due.items() if is_due}


def facts_of_permit(booking: Booking, lines: Sequence[BookedLine]) -> dict[str, Any]:
    """Return on what the permit of these lines rests."""
    return {
        "name": booking.applicant_name,
        "class": booking.applicant_class,
        "purpose": booking.purpose,
        "people": booking.people,
        "answers": booking.answers,
        "lines": [[*facts_of_line(one), one.line.fee_yen] for one in lines],
    }


def _permits(found: Booked) -> list[Draft]:
    if not is_permitted(found):
        return []
    return [
        drafted(payee, facts_of_permit(found.booking, lines), _permit(found, payee, lines))
        for payee, lines in by_payee(found.standing).items()
    ]


def _permit(found: Booked, payee: str, lines: Sequence[BookedLine]) -> Permit:
    booking, uses = found.booking, uses_in(lines)
    fee = sum(one.line.fee_yen or 0 for one in lines)
    owed = money_by_payee(db.session(), booking.id).get(payee, PayeeMoney()).owed_yen
    return Permit(
        booking.applicant_name or "",
        issuer(payee_named(payee), [one.facility for one in lines]),
        found.number,
        tuple(map(use_of, lines)),
        tuple(_facts(found, uses)),
        fee,
        _paid_words(fee, owed, is_debited=is_debited(found, payee)),
        tuple(_conditions(found, uses)),
        "、".join(dict.fromkeys(filter(None, (_basis(booking, use) for use in uses)))),
    )


def _paid_words(fee: int, owed: int, *, is_debited: bool) -> str:
    if not fee:
        return ""
    if owed <= 0:
        return _("（受け取りずみ）")
    yen = formats.yen(owed)
    return _("（あとで引き落とし）") if is_debited else _("（未納 %(yen)s）", yen=yen)


def _facts(found: Booked, uses: Sequence[UseAt]) -> list[Fact]:
    booking, policy = found.booking, context.policy()
    purposes = {one.id: one.name for one in policy.purposes}
    facts = [
        Fact(_("使う人"), f"{booking.applicant_name or ''}{class_name(found, policy)}"),
        Fact(_("目的"), purposes.get(booking.purpose or "", booking.purpose or "")),
        Fact(_("人数"), _("%(n)s人", n=f"{booking.people or 0:,}")),
    ]
    own = {question.id: question.label for use in uses for question in use.terms.questions}
    answered = {key: booking.answers.get(key) for key in own}
    return facts + [Fact(own[key], str(said)) for key, said in answered.items() if said]


def _conditions(found: Booked, uses: Sequence[UseAt]) -> list[str]:
    """Return what the halls say to everybody, and what was said when it was permitted."""
    said = [use.terms.notes for use in uses]
    if found.booking.review == Review.GRANTED:
        steps = steps_of(db.session(), found.booking.id)
        said += [one.words for one in steps if one.state == Review.GRANTED]
    return list(dict.fromkeys(filter(None, said)))


def _basis(booking: Booking, use: UseAt) -> str:
    rule = review_of(
        use.terms, room=use.room, applicant_class=booking.applicant_class, purpose=booking.purpose
    )
    return (rule.citation if rule else "") or use.terms.citation


def _is_billed(booking: Booking) -> bool:
    return booking.state in (State.PROVISIONAL, State.CONFIRMED) and booking.due_at is not None


def _bills(found: Booked) -> list[Draft]:
    booking = found.booking
    if not _is_billed(booking):
        return []
    money = money_by_payee(db.session(), booking.id)
    return [
        _bill(found, payee, lines, money[payee])
        for payee, lines in by_payee(found.standing).items()
        if payee in money and money[payee].owed_yen > 0
    ]


def _bill(found: Booked, payee: str, lines: Sequence[BookedLine], money: PayeeMoney) -> Draft:
    booking, who = found.booking, payee_named(payee)
    assert booking.due_at is not None
    costs = {one.line.id: money.cost_of(one.line.id) for one in lines}
    total = sum(costs.values())
    document = Bill(
        booking.applicant_name or "",
        issuer(who, [one.facility for one in lines]),
        found.number,
        tuple(priced(one, costs[one.line.id]) for one in lines),
        total,
        total - money.owed_yen,  # received, and what is kept of lines that ended
        money.owed_yen,
        taxes(who, total),
        deadline(booking.due_at),
        tuple(_ways_to_pay(booking, payee, uses_in(lines))),
    )
    facts = {
        "name": booking.applicant_name, "owed": money.owed_yen, "costs": list(costs.values()),
        "due": booking.due_at.isoformat(), "lines": [facts_of_line(one) for one in lines],
    }  # fmt: skip
    return drafted(payee, facts, document)


def _ways_to_pay(booking: Booking, payee: str, uses: Sequence[UseAt]) -> list[str]:
    said = [_("お支払いの場所　%(place)s", place=place) for place in places_to_pay(uses)]
    if accounts.in_force(db.session(), payee) is not None:
        said.append(_("予約のページから、クレジットカードなどでもお支払いできます。"))
    said.append(_("お支払いのときは、この請求書か予約番号をお見せください。"))
    if booking.state == State.PROVISIONAL:
        said.append(_("期限までにお支払いがないと、予約は取り消しになります。"))
    return said
