"""What a hall asks by itself, and whether an application answers it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from app.booking.policy import Question
from app.booking.terms import terms_on
from app.facilities.catalogue import FacilityInfo

YES_OR_NO = ("はい", "いいえ")  # as the pages keep it, for the hall to read


def asked_by(hall: FacilityInfo, on: date) -> tuple[Question, ...]:
    """Return what a hall asks about a use on a day."""
    return terms_on(hall, on).document.questions


def words(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """Return questions as the API tells them."""
    return [
        {
            "id": one.id,
            "label": one.label,
            "help": one.help,
            "is_required": one.required,
            "choices": list(_choices(one)),
        }
        for one in questions
    ]


def mistakes(
    answers: Mapping[str, str], uses: Iterable[tuple[FacilityInfo, date]]
) -> dict[str, str]:
    """Return what is wrong with the answers to what these halls ask, by the question's id."""
    asked = {one.id: one for hall, on in uses for one in asked_by(hall, on)}
    found = {key: "この会館がきいていない項目です。" for key in answers if key not in asked}
    for one in asked.values():
        answer = answers.get(one.id, "")
        if one.required and not answer:
            found[one.id] = "必要な項目です。"
        elif answer and _choices(one) and answer not in _choices(one):
            found[one.id] = f"{'・'.join(_choices(one))} のどれかにしてください。"
    return found


def _choices(one: Question) -> Sequence[str]:
    return YES_OR_NO if one.kind == "yes_no" else one.choices
