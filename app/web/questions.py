"""The form of each question, and the answer that was given in it."""

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.booking.service.application import YES as SAID_YES
from app.web import context
from app.web.answers import WAIVER, WAIVER_ASKED, Asked, Asking
from app.web.equipment_form import equipment_form, equipment_shown
from app.web.forms import Line, Menu, Pick
from app.web.people_form import field_of, people_form, people_said
from app.web.question_forms import (
    NO,
    YES,
    AdmissionAndForProfitForm,
    AdmissionForm,
    ForProfitForm,
    NameForm,
    NotesForm,
    PeopleForm,
)
from app.web.sentences import sentences
from app.web.waiver_forms import NONE as NO_WAIVER
from app.web.waiver_forms import waiver_form
from app.web.waiver_offers import for_basket
from app.web.words import _

MOST_PEOPLE = 9_999  # of a room whose capacity nobody wrote down
MOST_ROOMS_NAMED = 3  # in a hint
MOST_AT_A_GLANCE = 7  # longer lists of buttons are hard to look over: then a menu
SAID = {YES: SAID_YES, NO: "いいえ"}  # as it is kept for the hall to read

# Which question can mend which refusal of a room.
MENDED_BY = {
    "purpose": frozenset({"room.other_purpose"}),
    "people": frozenset({"room.over_capacity", "room.too_few"}),
}


def form_for(asked: Asked, asking: Asking, typed: MultiDict[str, str] | None = None) -> Form:
    """Return the form of a question: with what was typed, or with what is known."""
    return _class_of(asked, asking)(typed, data=_shown(asked, asking))


def said_in(asked: Asked, form: Form, asking: Asking) -> dict[str, Any]:
    """Return the answers of a valid form by the names they are kept under."""
    if asked.id == WAIVER:
        chosen = form.waiver.data
        said = {"waiver": chosen, "reason": form.reason.data}
        return {WAIVER_ASKED: said if chosen != NO_WAIVER else None}
    if asked.id == "people" and asking.people_kinds:
        return people_said(form, asking.people_kinds)
    if asked.id == "people":
        return {"people": form.people.number}
    if asked.id == "money":
        found = {
            "admission_yen": getattr(form, "admission_yen", None) and form.admission_yen.number,
            "is_for_profit": getattr(form, "is_for_profit", None)
            and form.is_for_profit.data == YES,
        }
        return {key: found[key] for key in asked.keys}
    if asked.own and asked.own.kind == "yes_no":
        return {asked.own.id: SAID.get(form.own.data, "")}
    field = form.own if asked.own else next(iter(form))
    return {asked.keys[0]: field.data or ""}


def fits_rooms(asked: Asked, form: Form, asking: Asking) -> bool:
    """Ask the rules whether the chosen rooms bear the answer; say beside the field if not."""
    if asked.id == WAIVER and form.waiver.data != NO_WAIVER and not form.reason.data:
        form.reason.errors = [_("理由を入力してください。")]
        return False
    mends = MENDED_BY.get(asked.id, frozenset())
    said = said_in(asked, form, asking)
    judged = asking.offered(**said) if mends else []
    found = sentences(no for one in judged for no in one.refusals if no.code in mends)
    if asked.id == "people" and said["people"] < 1:
        found = [_("人数を入力してください。")]
    if asked.id == "people" and not found and said["people"] > MOST_PEOPLE:
        found = [_("%(most)s人までの数を入力してください。", most=f"{MOST_PEOPLE:,}")]
    if found:
        next(iter(form)).errors = found
    return not found


def hint_for(asked: Asked, asking: Asking) -> str:
    """Return what helps with the answer beforehand: how many people the chosen rooms hold."""
    if asked.id != "people":
        return ""
    rooms = {one.room.id: one.room for one in asking.offered() if one.room and one.room.capacity}
    held = [
        _("%(room)sは%(n)s人まで使えます。", room=room.name, n=room.capacity)
        for room in rooms.values()
    ]
    return " ".join([*held[:MOST_ROOMS_NAMED], _("おおよその数でかまいません。")])


def _class_of(asked: Asked, asking: Asking) -> type[Form]:
    if asked.own:
        return _own_form(asked)
    if asked.id == "people" and asking.people_kinds:
        return people_form(asking.people_kinds)
    if asked.id == "equipment":
        return equipment_form(asking.equipped)
    if asked.id == WAIVER:
        return waiver_form(for_basket(asking), may_be_none=True)
    if asked.id == "purpose":
        return _purpose_form(asking)
    if asked.id == "money":
        if len(asked.keys) > 1:
            return AdmissionAndForProfitForm
        return AdmissionForm if "admission_yen" in asked.keys else ForProfitForm
    return {"people": PeopleForm, "name": NameForm, "notes": NotesForm}[asked.id]


def _purpose_form(asking: Asking) -> type[Form]:
    """Return a form with the purposes that the chosen rooms are for."""
    allowed = [set(one.room.purposes) for one in asking.offered() if one.room and one.room.purposes]
    every = [(one.id, one.name) for one in context.policy().purposes]
    fitting = [one for one in every if all(one[0] in some for some in allowed)] or every
    label, missing = _("何に使いますか"), _("目的をえらんでください。")
    if len(fitting) <= MOST_AT_A_GLANCE:
        return _with(Pick(label, choices=fitting, missing=missing), "purpose")
    return _with(Menu(label, choices=fitting, missing=missing), "purpose")


def _own_form(asked: Asked) -> type[Form]:
    own = asked.own
    assert own is not None
    missing = _("答えを入力してください。") if own.required else None
    if own.kind == "text":
        return _with(Line(own.label, missing=missing, most=200, description=own.help), "own")
    pairs = [(YES, _("はい")), (NO, _("いいえ"))]
    choices = pairs if own.kind == "yes_no" else [(one, one) for one in own.choices]
    missing = _("どれかをえらんでください。") if own.required else None
    field = Pick(own.label, choices=choices, missing=missing, description=own.help)
    return _with(field, "own")


def _with(field: Any, name: str) -> type[Form]:
    return type("QuestionForm", (Form,), {name: field})


def _shown(asked: Asked, asking: Asking) -> dict[str, Any]:
    """Return what is known as the fields of the form take it."""
    if asked.id == "equipment":
        return equipment_shown(asking.equipped)
    if asked.id == WAIVER:
        return dict(asking.waiver) or {"waiver": NO_WAIVER}
    known = {key: asking.values[key] for key in asked.keys if key in asking.values}
    if "people_by" in known:
        return {field_of(category): str(n or "") for category, n in known["people_by"].items()}
    if asked.own and known:
        value = known[asked.own.id]
        if asked.own.kind == "yes_no":
            value = next((key for key, said in SAID.items() if said == value), None)
        return {"own": value}
    if "admission_yen" in known:
        known["admission"] = YES if known["admission_yen"] else NO
        known["admission_yen"] = known["admission_yen"] or ""
    if "is_for_profit" in known:
        known["is_for_profit"] = YES if known["is_for_profit"] else NO
    return known
