"""What the pages of rules read: the names that rules may use, sections with their rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError

from app.facilities.catalogue import FacilityInfo
from app.facilities.models import RuleDraft
from app.fees.policy import FOR_PROFIT
from app.packs.drafting import MODELS
from app.packs.rule_said import citation_of, heading, said
from app.packs.rule_shapes import Shape, kinds_of, shapes_of
from app.packs.rule_words import label, word
from app.packs.wording import found_path, sentence
from app.tenants.policy import WRITTEN_BY_HAND
from app.web import context
from app.web.words import _

CHANGEABLE = (
    "percent", "yen", "rooms", "classes", "on", "days", "attributes", "without", "stacks",
    "instead_of", "stacking", "waivers_together", "order", "of", "to", "how", "at", "admission",
    "cap_yen", "minutes", "count", "with_surcharges", "periods_at_least", "people_at_least",
)  # fmt: skip
REST = "rest"  # what is no list of rules, edited together


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One rule as a card: what it is called, what it says, where it is written."""

    at: str
    name: str
    says: Sequence[tuple[str, str]]
    citation: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """The rules of one kind; `kinds` can be added."""

    id: str
    name: str
    rules: Sequence[RuleShown]
    kinds: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What is wrong: by field of the rule that was typed, and elsewhere."""

    by_field: Mapping[str, str]
    elsewhere: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.by_field or self.elsewhere)


class Names:
    """The names that the rules of a hall may use, by what they are of."""

    def __init__(self, hall: FacilityInfo | None, document: Mapping[str, Any], on: date) -> None:
        policy = context.catalogue().policy_on(on)
        documents = hall.documents if hall else {}
        terms = documents["terms"][-1].document if hall else {}
        divisions = hall.calendar_on(on).model_dump(mode="json")["divisions"] if hall else []
        own = document.get("divisions", divisions)
        yes_no = [one for one in terms.get("questions", ()) if one.get("kind") == "yes_no"]
        self._known: dict[str, list[tuple[str, str]]] = {
            "rooms": [(one.slug, one.name) for one in hall.rooms] if hall else [],
            "classes": _pairs(document.get("applicant_classes"))
            or [(one.id, one.name) for one in policy.applicant_classes],
            "purposes": _pairs(document.get("purposes"))
            or [(one.id, one.name) for one in policy.purposes],
            "periods": [pair for one in own for pair in _pairs(one.get("periods"))],
            "attributes": [
                (FOR_PROFIT, _("営利")),
                *((one["id"], one["label"]) for one in yes_no),
            ],
            "day_kinds": [
                *((one, word("days", one)) for one in ("any", "weekday", "weekend_or_holiday")),
                *_pairs(document.get("day_kinds")),
            ],
            "surcharges": _pairs(document.get("surcharges")),
            "rules": [pair for rules in document.values() for pair in _ruled(rules)],
            "fields": [(one, label("", one)) for one in CHANGEABLE],
        }

    def __call__(self, of: str) -> Sequence[tuple[str, str]]:
        """Return (id, name) of everything of a kind."""
        return self._known.get(of, [])

    @property
    def all(self) -> dict[str, str]:
        """Return every name by its id, of what rules speak of; not of rules themselves."""
        spoken = [pairs for of, pairs in self._known.items() if of not in ("rules", "fields")]
        return {key: name for pairs in spoken for key, name in pairs}


def sections(subject: str, document: Mapping[str, Any], names: Names) -> list[Section]:
    """Return the rules of a document by kind, and then what is no list of rules."""
    model, found = MODELS[subject], []
    for shape in shapes_of(model):
        if shape.kind == "parts":
            rules = [
                _shown(shape, f"{shape.name}.{n}", one, names)
                for n, one in enumerate(document.get(shape.name, ()))
            ]
            kinds = [(k, word("kind", k)) for one in shape.models for k in kinds_of(one)]
            several = kinds if len(shape.models) > 1 else []
            found.append(Section(shape.name, label(model.__name__, shape.name), rules, several))
    rest = {one.name: document.get(one.name) for one in rest_of(model)}
    told = [
        pair for pair in said(model, {k: v for k, v in rest.items() if v is not None}, names.all)
    ]
    shown = RuleShown(REST, _("そのほか"), told, *citation_of(document))
    return [*found, Section(REST, _("そのほか"), [shown], [])]


def rest_of(model: type[BaseModel]) -> list[Shape]:
    """Return the fields of a document that are no list of rules."""
    return [one for one in shapes_of(model) if one.kind != "parts"]


def model_at(subject: str, section: str, kind: str | None) -> type[BaseModel] | None:
    """Return the model of a rule in a section; None where there is no such section or kind."""
    shape = next((x for x in shapes_of(MODELS[subject]) if x.name == section), None)
    if shape is None or shape.kind != "parts":
        return None
    if len(shape.models) == 1:
        return shape.models[0]
    return next((one for one in shape.models if kind in kinds_of(one)), None)


def mistakes(draft: RuleDraft, document: dict[str, Any], at: tuple[str | int, ...]) -> Mistakes:
    """Return what is wrong with a document: at one rule by field, and elsewhere in sentences."""
    model = MODELS[draft.subject]
    try:
        model.model_validate(document, context=WRITTEN_BY_HAND)
    except ValidationError as error:
        by_field, elsewhere = {}, []
        for one in error.errors(include_url=False):
            path, text = found_path(document, one), sentence(one, model)
            if path[: len(at)] == at:
                by_field[".".join(str(part) for part in path[len(at) :])] = text
            else:
                elsewhere.append(f"{label(model.__name__, str(path[0]) if path else '')}: {text}")
        return Mistakes(by_field, elsewhere)
    return Mistakes({}, [])


def _shown(shape: Shape, at: str, value: Mapping[str, Any], names: Names) -> RuleShown:
    model = next((x for x in shape.models if value.get("kind") in kinds_of(x)), shape.models[0])
    told = said(model, value, names.all)
    return RuleShown(at, heading(model, value), told, *citation_of(value))


def _ruled(rules: Any) -> list[tuple[str, str]]:
    """Return the rules of a list by id, named so that two of one name can be told apart."""
    if not isinstance(rules, list):
        return []
    own = [one for one in rules if isinstance(one, dict) and one.get("id")]
    return [(one["id"], f"{one.get('name') or word('kind', one.get('kind', ''))}（{one['id']}）")
            for one in own]  # fmt: skip


def _pairs(rules: Any) -> list[tuple[str, str]]:
    return [(one["id"], one.get("name", one["id"])) for one in rules or () if one.get("id")]
