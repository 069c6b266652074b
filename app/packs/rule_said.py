"""A rule in words, field by field: what somebody reads who compares it with the ordinance."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from app.packs.rule_shapes import Shape, kinds_of, ordered, shapes_of
from app.packs.rule_words import label, word

HEADINGS = ("name", "label")
LEFT_OUT = frozenset({"id", "citation", *HEADINGS})


def heading(model: type[BaseModel], value: Mapping[str, Any]) -> str:
    """Return what a rule is called: its name, else its kind, else its id."""
    for one in HEADINGS:
        if value.get(one):
            return str(value[one])
    kinds = kinds_of(model)
    return word("kind", value["kind"]) if kinds and "kind" in value else str(value.get("id", ""))


def said(
    model: type[BaseModel], value: Mapping[str, Any], names: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return (label, words) for everything that a rule says beyond what holds unless said."""
    found = []
    title = heading(model, value)
    for shape in ordered(shapes_of(model)):
        given = value.get(shape.name)
        if shape.name == "kind" and word("kind", given) == title:
            continue
        if shape.name in LEFT_OUT or given in (None, "", [], {}) or given == _default(shape):
            continue
        text = _words(shape, given, names)
        if text:
            found.append((label(model.__name__, shape.name), text))
    return found


def citation_of(value: Mapping[str, Any]) -> tuple[str, str]:
    """Return where a rule is written, and the article in its own words if it was copied."""
    given = value.get("citation")
    if isinstance(given, Mapping):  # perhaps not complete yet: it is being typed
        parts = [str(given.get(part) or "") for part in ("source", "place")]
        return " ".join(filter(None, parts)), str(given.get("text") or "")
    return str(given or ""), ""


def _default(shape: Shape) -> Any:
    if isinstance(shape.default, tuple):
        return list(shape.default)
    if isinstance(shape.default, BaseModel):
        return shape.default.model_dump(mode="json", by_alias=True)
    return shape.default


def _words(shape: Shape, given: Any, names: Mapping[str, str]) -> str:
    if shape.kind in ("part", "kinds", "parts"):
        values = given if isinstance(given, list) else [given]
        return "。".join(filter(None, (_part(shape, one, names) for one in values)))
    if isinstance(given, Mapping):
        return "、".join(f"{names.get(key, key)} {_plain(one)}" for key, one in given.items())
    if isinstance(given, list):
        return "・".join(names.get(str(one)) or word(shape.name, one) for one in given)
    if shape.kind == "choice":
        return word(shape.name, given)
    return names.get(str(given)) or _plain(given)


def _part(shape: Shape, value: Mapping[str, Any], names: Mapping[str, str]) -> str:
    model = next((x for x in shape.models if value.get("kind") in kinds_of(x)), shape.models[0])
    told = [f"{what} {text}" for what, text in said(model, value, names)]
    kind = [word("kind", value["kind"])] if len(shape.models) > 1 and "kind" in value else []
    name = [str(value["name"])] if value.get("name") else []
    return "、".join([*kind, *name, *told])


def _plain(given: Any) -> str:
    if isinstance(given, bool):
        return word("", given)
    return f"{given:,}" if isinstance(given, int) else str(given)
