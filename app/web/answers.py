"""What is asked about the uses in a basket, what is known of it already, and what is still open.

Known is, in this order: what was answered on the way, what the search was for, and what the
person said the last time. Nothing known is asked again; the check page lets all of it be changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, session

from app.booking.history import LastTime, last_time
from app.booking.models import Booking, BookingLine
from app.booking.policy import Question
from app.booking.queries import held_lines
from app.booking.service.application import Answers
from app.db import db
from app.web import context
from app.web.offer import Offered, offered
from app.web.words import _

WAIVER, WAIVER_ASKED = "waiver", "waiver_asked"
OWN = "ask-"  # begins the path of what one hall asks by itself


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its part of the path, its name, and the answers it gives."""

    id: str
    name: str
    keys: tuple[str, ...]
    own: Question | None = None

    def is_answered(self, values: Mapping[str, Any]) -> bool:
        """Say whether all it asks for is known."""
        return all(key in values for key in self.keys)


@dataclass(frozen=True, slots=True)
class Asking:
    """A basket with what is asked about it and what is known."""

    draft: Booking
    lines: Sequence[BookingLine]
    questions: tuple[Asked, ...]
    equipped: Sequence[Offered]  # lines in which equipment, tables or courts can be used
    people_kinds: tuple[tuple[str, str], ...]  # (category, name) by which people are counted
    given: Mapping[str, Any]  # known without having been asked on the way
    values: Mapping[str, Any]

    @property
    def mark(self) -> str:
        """Return what the basket holds as one word; a form of another basket has another."""
        return "-".join(str(line.id) for line in self.lines)

    @property
    def hall(self) -> str:
        """Return the name of the hall of the first line."""
        return next((one.facility.name for one in self.offered() if one.facility), "")

    def question(self, question_id: str) -> Asked | None:
        """Return the question with this id; a waiver is asked for by those who want one."""
        every = (*self.questions, Asked(WAIVER, _("減免の申請"), (WAIVER_ASKED,)))
        return next((one for one in every if one.id == question_id), None)

    @property
    def waiver(self) -> Mapping[str, str]:
        """Return the waiver that is asked for, with the reason; empty when none is."""
        return self.values.get(WAIVER_ASKED) or {}

    def open(self) -> Asked | None:
        """Return the next question without an answer."""
        return next((one for one in self.questions if not one.is_answered(self.values)), None)

    def to_ask(self) -> list[str]:
        """Return the ids of what this person has to be asked, answered by now or not."""
        return [one.id for one in self.questions if not one.is_answered(self.given)]

    def answers(self, **changes: Any) -> Answers:
        """Return what is known as the rules take it; what is open is left empty."""
        said = {**self.values, **changes}
        own = [one.own.id for one in self.questions if one.own]
        return Answers(
            purpose=said.get("purpose", ""),
            people=said.get("people", 1),
            shown_name=said.get("shown_name", ""),
            notes=said.get("notes", ""),
            admission_yen=said.get("admission_yen", 0),
            is_for_profit=said.get("is_for_profit", False),
            others={key: said[key] for key in own if key in said},
            people_by=said.get("people_by", {}) if self.people_kinds else {},
        )

    def offered(self, *, asked_for: str | None = None, **changes: Any) -> list[Offered]:
        """Return each line with its fee, or with why it can't be had."""
        return offered(self.lines, self.answers(**changes), asked_for=asked_for)


def answers_so_far(draft: Booking | None) -> Answers:
    """Return what was answered on the way; nothing of it may have been asked yet."""
    said = draft.answers if draft else {}
    return Answers(
        purpose=(draft.purpose if draft else "") or "",
        people=(draft.people if draft else 0) or 0,
        shown_name="",
        admission_yen=said.get("admission_yen", 0),
        is_for_profit=said.get("is_for_profit", False),
        others={key: value for key, value in said.items() if isinstance(value, str)},
        people_by=said.get("people_by", {}),
    )


def asking() -> Asking | None:
    """Return what is asked about this browser's basket; None when nothing is in it."""
    draft = context.basket()
    lines, until = held_lines(db.session(), draft.id) if draft else ([], {})
    if draft is None or not lines:
        return None
    _tell_head(lines, until)
    uses = [one for one in offered(lines, Answers("", 1, "")) if one.terms]
    equipped = [one for one in uses if one.needs.extras or one.needs.items]
    kinds = tuple(dict(pair for one in uses for pair in [*one.needs.people]).items())
    questions = _questions(uses, equipped, kinds)
    given = _given(questions, lines)
    values = {**given, **_answered(draft), **_equipment(equipped)}
    if set(values.get("people_by", ())) != {category for category, _name in kinds}:
        values.pop("people_by", None)  # counted for other rooms
    return Asking(draft, lines, questions, equipped, kinds, given, values)


def _questions(
    uses: Sequence[Offered], equipped: Sequence[Offered], kinds: Sequence[tuple[str, str]]
) -> tuple[Asked, ...]:
    """Return what is asked; what only moves a fee is asked where it can move this one."""
    terms = [(one.terms, one.needs) for one in uses if one.terms]
    money = ("admission_yen",) * any(t.asks_admission and n.admission for t, n in terms)
    money += ("is_for_profit",) * any(t.asks_for_profit and n.for_profit for t, n in terms)
    own = {
        question.id: question
        for one in uses
        if one.terms
        for question in one.terms.questions
        if question.id not in one.attributes or question.id in one.needs.attributes
    }
    return (
        Asked("purpose", _("目的"), ("purpose",)),
        Asked("people", _("人数"), ("people", *(("people_by",) if kinds else ()))),
        *((Asked("equipment", _("備品・設備"), ("equipment",)),) if equipped else ()),
        Asked("name", _("案内板にのせる名前"), ("shown_name",)),
        Asked("notes", _("会館に伝えたいこと"), ("notes",)),
        *((Asked("money", _("入場料と商売"), money),) if money else ()),
        *(Asked(OWN + one.id, one.label, (one.id,), one) for one in own.values()),
    )


def _answered(draft: Booking) -> dict[str, Any]:
    columns = {name: getattr(draft, name) for name in ("purpose", "people", "shown_name", "notes")}
    return {**{k: v for k, v in columns.items() if v is not None}, **draft.answers}


def _equipment(equipped: Sequence[Offered]) -> dict[str, Any]:
    """Return what is known of equipment: once it was said for every line that can have some."""
    if not equipped or any(one.line.extras is None for one in equipped):
        return {}
    return {"equipment": {one.line.id: dict(one.line.extras or {}) for one in equipped}}


def _given(questions: Sequence[Asked], lines: Sequence[BookingLine]) -> dict[str, Any]:
    """Return what need not be asked, as far as it fits the rooms in the basket."""
    viewer = g.viewer
    last = last_time(db.session(), viewer.account_id) if viewer.is_signed_in else None
    given = {**(_from(last, questions, lines) if last else {}), **_searched_for()}
    if given.get("purpose") not in {one.id for one in context.policy().purposes}:
        given.pop("purpose", None)
    if given.get("people", 0) < 1:
        given.pop("people", None)
    said = Answers(given.get("purpose", ""), given.get("people", 1), "")
    unfit = {no.code for one in offered(lines, said) for no in one.refusals}
    if "room.other_purpose" in unfit:
        given.pop("purpose", None)
    if unfit & {"room.over_capacity", "room.too_few"}:
        given.pop("people", None)
    return given


def _from(
    last: LastTime, questions: Sequence[Asked], lines: Sequence[BookingLine]
) -> dict[str, Any]:
    """Return what still holds of the last time; what a hall asks by itself only there."""
    known = {
        "purpose": last.purpose,
        "people": last.people,
        "shown_name": last.shown_name,
        "notes": "",  # was about that one day
    }
    if {line.facility_id for line in lines} <= last.facility_ids:
        asked = {key for one in questions for key in one.keys} - set(known)
        known |= {key: last.answers[key] for key in asked & set(last.answers)}
    for one in questions:
        if one.own and one.own.kind == "choice" and known.get(one.own.id) not in one.own.choices:
            known.pop(one.own.id, None)
    return known


def _searched_for() -> dict[str, Any]:
    """Return what the search in this municipality was for; it comes out of a signed cookie."""
    said = session.get("said", {}).get(g.municipality.slug) or {}
    purpose, people = said.get("purpose"), str(said.get("people") or "")
    found: dict[str, Any] = {"purpose": purpose} if purpose else {}
    if people.isdecimal() and len(people) < 7:
        found["people"] = int(people)
    return found


def _tell_head(lines: Sequence[BookingLine], until: Mapping[int, datetime]) -> None:
    """Let the head of the page say what was read here, without reading it again."""
    g.holds = until
    standing = [moment for moment in until.values() if moment > context.now()]
    g.basket_summary = context.BasketSummary(len(lines), min(standing, default=None))
