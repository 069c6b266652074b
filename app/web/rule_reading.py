"""What was typed into the form of a rule, as the document that it says; types are judged later."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from app.kernel import text_ja
from app.packs.rule_shapes import Shape, kinds_of, shapes_of
from app.packs.rule_words import WORDS, WORDS_OF

Form = MultiDict[str, str]
MOST_ROWS = 60
LISTS = frozenset({"rooms", "classes", "on", "purposes", "attributes", "without", "instead_of",
                   "periods", "after"})  # fmt: skip
_NOTHING = object()


def read(model: type[BaseModel], form: Form, path: str = "") -> dict[str, Any]:
    """Return what a form says of a document; fields that were left blank are left out."""
    typed = MultiDict([(_printed(key), _printed(one)) for key, one in form.items(multi=True)])
    found, _ = _read(model, typed, path)
    return found


def _printed(text: str) -> str:
    """Return a text without what no keyboard types; lines stay lines."""
    plain = text.replace("\r\n", "\n")
    return "".join(one for one in plain if one == "\n" or one.isprintable())


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
    read_kind = _READERS.get(shape.kind)
    is_typed = shape.kind == "sums" and not shape.of
    if read_kind is not None and not is_typed:
        return read_kind(shape, form, here)
    return _typed(shape, form.get(here, ""))


def _part(shape: Shape, form: Form, here: str) -> tuple[Any, bool]:
    inside, touched = _read(shape.models[0], form, f"{here}.")
    is_kept = touched or shape.required or shape.default is not None
    return (inside if is_kept else _NOTHING), touched


def _parts(shape: Shape, form: Form, here: str) -> tuple[Any, bool]:
    rows = [_read(shape.models[0], form, f"{here}.{n}.") for n in range(_count(form, here))]
    kept = [row for row, touched in rows if touched]
    return kept, bool(kept)


def _flag(shape: Shape, form: Form, here: str) -> tuple[Any, bool]:
    return bool(form.get(here)), False


def _choices(shape: Shape, form: Form, here: str) -> tuple[Any, bool]:
    chosen = [_number(one) if shape.name == "nth" else one for one in form.getlist(here)]
    return chosen, bool(chosen) and shape.kind == "names"


def _choice(shape: Shape, form: Form, here: str) -> tuple[Any, bool]:
    return (form.get(here, "") or _NOTHING), False


def _of_kind(shape: Shape, form: Form, here: str) -> tuple[Any, bool]:
    kind = form.get(f"{here}.kind", "")
    model = next((one for one in shape.models if kind in kinds_of(one)), None)
    if model is None:
        return ({"kind": kind} if kind else _NOTHING), bool(kind)
    found, _ = _read(model, form, f"{here}.")
    return {**found, "kind": kind}, True


def _typed(shape: Shape, typed: str) -> tuple[Any, bool]:
    text = typed.strip()
    if not text:
        return (None if shape.may_be_null else _NOTHING), False
    if shape.kind == "number":
        return _number(text), True
    if shape.kind in ("clock", "date"):
        return text_ja.tidy(text).replace("：", ":").replace("/", "-"), True
    if shape.kind == "lines":
        return [one.strip() for one in text.split("\n") if one.strip()], True
    if shape.kind in ("sums", "pairs"):
        return _pairs(shape, text), True
    return text, True


def _sums(shape: Shape, form: Form, here: str) -> tuple[Any, bool]:
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
        else:
            found[key] = _number(typed)
    return found


def _settings(shape: Shape, form: Form, here: str) -> tuple[Any, bool]:
    """Return what a reading changes; a row without a field changes nothing."""
    found: dict[str, Any] = {}
    for n in range(_count(form, here)):
        name, rule = form.get(f"{here}.{n}.field", ""), form.get(f"{here}.{n}.rule", "")
        if not name or (shape.name == "change" and not rule):
            continue
        value = _said(name, form.get(f"{here}.{n}.value", "").strip())
        if shape.name == "change":
            found.setdefault(rule, {})[name] = value
        else:
            found[name] = value
    return found, bool(found)


def _said(name: str, typed: str) -> Any:
    """Return a value from the words of a clerk: a number, a code, a list of them, or JSON."""
    if typed.startswith(("{", "[")):
        try:
            return json.loads(typed)
        except (ValueError, RecursionError):
            return typed
    if name in LISTS:
        return [_code(name, one.strip()) for one in typed.replace(",", "、").split("、") if one]
    return _code(name, typed) if typed else None


def _code(name: str, typed: str) -> Any:
    if typed in ("はい", "いいえ"):
        return typed == "はい"
    known = {text: code for code, text in (WORDS | WORDS_OF.get(name, {})).items()}
    return _number(known.get(typed, typed))


def _number(typed: str) -> int | str:
    """Return a number as people type it; what is none stays, for the rules to say so."""
    plain = text_ja.plain_number(typed).removesuffix("円").removesuffix("%").removesuffix("％")
    sign, digits = (-1, plain[1:]) if plain.startswith(("-", "−")) else (1, plain)
    is_number = digits.isascii() and digits.isdecimal() and len(digits) < 12
    return sign * int(digits) if is_number else typed


def _count(form: Form, here: str) -> int:
    typed = form.get(here, "0")
    return min(int(typed), MOST_ROWS) if typed.isascii() and typed.isdecimal() else 0


_READERS: Mapping[str, Callable[[Shape, Form, str], tuple[Any, bool]]] = {
    "part": _part,
    "parts": _parts,
    "kinds": _of_kind,
    "settings": _settings,
    "flag": _flag,
    "choices": _choices,
    "names": _choices,
    "choice": _choice,
    "sums": _sums,
}
