"""The shape of each field of a rule document, for forms: a number, a choice, a list, a part."""

import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.functional_serializers import PlainSerializer

# Fields whose values are names of other things of the municipality.
NAMES = {
    "rooms": "rooms", "of": "rooms", "together_with": "rooms", "classes": "classes",
    "purposes": "purposes", "attributes": "attributes", "without": "attributes",
    "attribute": "attributes", "after": "periods", "days": "day_kinds", "instead_of": "surcharges",
    "periods": "periods",
}  # fmt: skip
FIRST = ("kind", "name", "label", "yen", "percent")
LAST = ("citation", "id")
KEYS = {"yen_by_room": "rooms", "yen_by_period": "periods"}


@dataclass(frozen=True, slots=True)
class Shape:
    """One field: how it is written in a document, and of which kind it is in a form.

    `kind` is text, number, clock, date, flag, choice, choices, name, names, lines,
    sums, pairs, settings,
    part (a document in it), kinds (one of several documents) or parts (a list of documents).
    """

    name: str  # as documents write it
    kind: str
    required: bool
    options: tuple[str, ...] = ()
    models: tuple[type[BaseModel], ...] = ()
    of: str = ""  # names: of what
    default: Any = None
    may_be_null: bool = False  # nothing written stands for something: the rule is silent


def shapes_of(model: type[BaseModel]) -> list[Shape]:
    """Return the shapes of a model's fields in their order, its fixed kind left out."""
    found = []
    for name, info in model.model_fields.items():
        if name == "kind" and len(_literals(info.annotation)) == 1:
            continue
        shape = _shape(info.alias or name, info)
        if (model.__name__, name) == ("PeriodPrice", "yen"):
            shape = replace(shape, of="periods")
        found.append(shape)
    return found


def ordered(shapes: Iterable[Shape]) -> list[Shape]:
    """Return what a rule is about first, and what only a program reads last."""
    return sorted(
        shapes,
        key=lambda one: (
            FIRST.index(one.name) if one.name in FIRST else len(FIRST) + (one.name in LAST)
        ),
    )


def kinds_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return every kind that a model stands for."""
    info = model.model_fields.get("kind")
    return tuple(str(one) for one in _literals(info.annotation)) if info else ()


def _shape(name: str, info: FieldInfo) -> Shape:
    every = list(_members(info.annotation))
    members = [one for one in every if one is not type(None)]
    required = info.is_required()
    default = None if required else info.get_default(call_default_factory=True)
    models = tuple(one for one in members if _is_model(one))
    if models:
        kind = "kinds" if len(models) > 1 else "part"
        return Shape(name, kind, required, models=models, default=default)
    one = members[0]
    literals = tuple(str(x) for member in members for x in _literals(member))
    if literals and not any(get_origin(x) is tuple for x in members):
        return Shape(name, "choice", required, options=literals, default=default)
    if get_origin(one) is tuple:
        return _list(name, one, required=required, default=default)
    if get_origin(one) is dict:
        of_models = _members(get_args(one)[1])
        is_sum = any(x is int for x in of_models)
        kind = "sums" if is_sum else "pairs" if get_args(one)[1] is str else "settings"
        return Shape(name, kind, required, of=KEYS.get(name, ""), default=default)
    null = len(every) > len(members)
    kind = _plain(name, one, info)
    of = NAMES.get(name, "") if kind == "name" else ""
    return Shape(name, kind, required, of=of, default=default, may_be_null=null)


def _list(name: str, annotation: Any, *, required: bool, default: Any) -> Shape:
    inner = get_args(annotation)[0]
    models = tuple(one for one in _members(inner) if _is_model(one))
    if models:
        return Shape(name, "parts", required, models=models, default=default)
    options = tuple(str(x) for member in _members(inner) for x in _literals(member))
    if options:
        return Shape(name, "choices", required, options=options, default=default)
    if name in NAMES:
        return Shape(name, "names", required, of=NAMES[name], default=default)
    return Shape(name, "lines", required, default=default)


def _plain(name: str, one: Any, info: FieldInfo) -> str:
    marks = [*info.metadata, *_metadata(info.annotation)]
    if any(isinstance(mark, PlainSerializer) for mark in marks):
        return "clock"
    if one is bool:
        return "flag"
    if one is int:
        return "number"
    if one is date:
        return "date"
    return "name" if name in NAMES else "text"


def _metadata(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from get_args(annotation)[1:]
        yield from _metadata(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for one in get_args(annotation):
            yield from _metadata(one)


def _members(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for one in get_args(annotation):
            yield from _members(one)
    else:
        yield annotation


def _literals(annotation: Any) -> tuple[Any, ...]:
    found = [one for one in _members(annotation) if get_origin(one) is Literal]
    return tuple(value for one in found for value in get_args(one))


def _is_model(one: Any) -> bool:
    return isinstance(one, type) and issubclass(one, BaseModel)
