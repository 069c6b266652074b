"""What was typed into the form of a rule, as the document that it says; types are judged later."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from app.kernel import text_ja
from app.packs.rule_shapes import Shape, kinds_of, shapes_of

Form = MultiDict[str, str]
MOST_ROWS = 60
_NOTHING = object()


def read(model: type[BaseModel], form: Form, path: str = "") -> dict[str, Any]:
    """Return what a form says of a document; fields that were left blank are left out."""
    found, _ = _read(model, form, path)
    return found


def _read(model: type[BaseModel], form: Form, path: str) -> tuple[dict[str, Any], bool]:
    """Return the document, and whether anything was written into it."""
    found: dict[str, Any] = {}
    is_touched = False
    for shape in shapes_of(model):
        value, touched = _value(shape, form, f"{path}{shape.name}")
        is_touched |= touched
        if value is not _NOTHING:
            found[shape.name] = value
    kinds = kinds_of(model)
    if len(kinds) == 1:
        found["kind"] = kinds[0]
    return found, is_touched


def _value(shape: Shape, form: Form, here: str) -> tuple[Any, bool]:
    if shape.kind == "part":
        inside, touched = _read(shape.models[0], form, f"{here}.")
        is_kept = touched or shape.required or shape.default is not None
        return (inside if is_kept else _NOTHING), touched
    if shape.kind == "kinds":
        return _of_kind(shape.models, form, here)
    if shape.kind == "parts":
        rows = [_read(shape.models[0], form, f"{here}.{n}.") for n in range(_count(form, here))]
        kept = [row for row, touched in rows if touched]
        return kept, bool(kept)
    if shape.kind == "flag":
        return bool(form.get(here)), False
    if shape.kind in ("choices", "names"):
        chosen = [_number(one) if shape.name == "nth" else one for one in form.getlist(here)]
        return chosen, bool(chosen) and shape.kind == "names"
    if shape.kind == "choice":
        typed = form.get(here, "")
        return (typed or _NOTHING), False
    if shape.kind == "sums" and shape.of:
        return _sums(form, here)
    return _typed(shape, form.get(here, ""))


def _of_kind(models: Sequence[type[BaseModel]], form: Form, here: str) -> tuple[Any, bool]:
    kind = form.get(f"{here}.kind", "")
    model = next((one for one in models if kind in kinds_of(one)), None)
    if model is None:
        return ({"kind": kind} if kind else _NOTHING), bool(kind)
    found, _ = _read(model, form, f"{here}.")
    return {**found, "kind": kind}, True


def _typed(shape: Shape, typed: str) -> tuple[Any, bool]:
    text = typed.replace("\r\n", "\n").strip()
    if not text:
        return (None if shape.may_be_null else _NOTHING), False
    if shape.kind == "number":
        return _number(text), True
    if shape.kind in ("clock", "date"):
        return text_ja.tidy(text).replace("：", ":").replace("/", "-"), True
    if shape.kind == "lines":
        return [one.strip() for one in text.split("\n") if one.strip()], True
    if shape.kind in ("sums", "pairs", "settings"):
        return _pairs(shape, text), True
    return text, True


def _sums(form: Form, here: str) -> tuple[Any, bool]:
    found = {
        key.removeprefix(f"{here}."): _number(typed)
        for key, typed in form.items()
        if key.startswith(f"{here}.") and typed.strip()
    }
    return (found or _NOTHING), bool(found)


def _pairs(shape: Shape, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in text.split("\n"):
        key, _, typed = (part.strip() for part in line.partition("="))
        if not key:
            continue
        if shape.kind == "pairs":
            found[key] = typed
        elif shape.kind == "sums":
            found[key] = _number(typed)
        elif shape.name == "change":
            rule, _, name = key.partition(".")
            found.setdefault(rule, {})[name] = _said(typed)
        else:
            found[key] = _said(typed)
    return found


def _said(typed: str) -> Any:
    try:
        return json.loads(typed)
    except ValueError:
        return typed


def _number(typed: str) -> int | str:
    """Return a number as people type it; what is none stays, for the rules to say so."""
    plain = text_ja.plain_number(typed).removesuffix("円").removesuffix("%").removesuffix("％")
    sign, digits = (-1, plain[1:]) if plain.startswith(("-", "−")) else (1, plain)
    is_number = digits.isascii() and digits.isdecimal() and len(digits) < 12
    return sign * int(digits) if is_number else typed


def _count(form: Form, here: str) -> int:
    typed = form.get(here, "0")
    return min(int(typed), MOST_ROWS) if typed.isascii() and typed.isdecimal() else 0
