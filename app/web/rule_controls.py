"""A rule document as the controls of a form, one for each field, whatever the rule is."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from app.fees.policy import Conditional
from app.packs.rule_shapes import Shape, kinds_of, ordered, shapes_of
from app.packs.rule_words import HINTS, label, word

Names = Callable[[str], Sequence[tuple[str, str]]]  # of what -> (id, name)
NO_ROW: tuple[str, str, Any] = ("", "", None)
BLANK_ROWS = 2  # below what is there, to write more
ALWAYS_SEEN = frozenset({"rooms", "classes"})


@dataclass(frozen=True, slots=True)
class Control:
    """One field of a form; `kind` as in rule_shapes, and group or row for what has children."""

    path: str  # its name in the form: citation.place
    label: str
    kind: str
    value: str = ""
    hint: str = ""
    is_required: bool = False
    options: Sequence[tuple[str, str, bool]] = ()  # value, name, chosen
    children: Sequence["Control"] = ()
    errors: Sequence[str] = ()
    is_condition: bool = field(default=False)

    @property
    def id(self) -> str:
        """Return its id in the page."""
        return self.path.replace(".", "-")

    @property
    def has_content(self) -> bool:
        """Say whether anything is written in it or below it."""
        if self.kind in ("choices", "names"):
            return any(chosen for _, _, chosen in self.options)
        own = self.value.strip() and self.kind != "parts"  # of which it is the number of rows
        return bool(own) or any(one.has_content for one in self.children)

    @property
    def has_errors(self) -> bool:
        """Say whether something is wrong in it or below it."""
        return bool(self.errors) or any(one.has_errors for one in self.children)


def controls(
    model: type[BaseModel],
    value: Mapping[str, Any],
    names: Names,
    path: str = "",
    *,
    is_blank: bool = False,
) -> list[Control]:
    """Return the controls of a document, in the order in which people think of them.

    `is_blank`: there is no such part yet, so that nothing of it is filled in beforehand.
    """
    conditions = set(Conditional.model_fields) if issubclass(model, Conditional) else set()
    found = []
    for shape in ordered(shapes_of(model)):
        one = _control(model, shape, value, names, path, is_blank=is_blank)
        is_condition = shape.name in conditions - ALWAYS_SEEN
        found.append(replace(one, is_condition=is_condition))
    return found


def with_errors(found: Sequence[Control], errors: Mapping[str, str]) -> list[Control]:
    """Return controls with what is wrong beside each; what fits none goes to the one around it."""
    told = []
    for one in found:
        below = {key: text for key, text in errors.items() if _is_within(key, one.path)}
        own = [text for key, text in below.items() if key == one.path or not one.children]
        children = with_errors(one.children, below)
        placed = {text for child in _all(children) for text in child.errors}
        own += [text for text in below.values() if text not in placed and text not in own]
        told.append(replace(one, children=children, errors=tuple(own)))
    return told


def _all(found: Sequence[Control]) -> Iterator[Control]:
    for one in found:
        yield one
        yield from _all(one.children)


def _is_within(key: str, path: str) -> bool:
    return key == path or key.startswith(f"{path}.")


def _control(
    model: type[BaseModel],
    shape: Shape,
    value: Mapping[str, Any],
    names: Names,
    path: str,
    *,
    is_blank: bool,
) -> Control:
    here = f"{path}{shape.name}"
    is_typed = shape.kind in ("text", "number", "clock", "date", "lines")
    given = value.get(shape.name, None if is_blank and is_typed else shape.default)
    base = Control(
        here,
        label(model.__name__, shape.name),
        shape.kind,
        hint=HINTS.get(shape.name, ""),
        is_required=shape.required and not shape.may_be_null and not is_blank,
    )
    if shape.kind == "part":
        inside = given if isinstance(given, Mapping) else _plain(given)
        below = controls(shape.models[0], inside, names, f"{here}.", is_blank=given is None)
        return replace(base, children=below)
    if shape.kind == "kinds":
        return _kinds(base, shape, given, names)
    if shape.kind == "parts":
        return _rows(base, shape, given, names)
    return _leaf(base, shape, given, names)


def _leaf(base: Control, shape: Shape, given: Any, names: Names) -> Control:
    if shape.kind == "flag":
        return replace(base, value="y" if given else "")
    if shape.kind == "choice":
        empty = () if shape.required or shape.default is not None else (("", "", not given),)
        chosen = [(one, word(shape.name, one), str(given) == one) for one in shape.options]
        return replace(base, options=(*empty, *chosen), value="")
    if shape.kind == "choices":
        have = {str(one) for one in given or ()}
        return replace(
            base, options=[(one, word(shape.name, one), one in have) for one in shape.options]
        )
    if shape.kind in ("name", "names"):
        return _named(base, shape, given, names)
    if shape.kind == "settings":
        return _settings(base, shape, given or {}, names)
    if shape.kind == "sums" and shape.of:
        known = dict(names(shape.of)) | {key: key for key in given or {}}
        children = [
            Control(f"{base.path}.{key}", name, "number", str((given or {}).get(key, "")))
            for key, name in known.items()
        ]
        return replace(base, kind="part", children=children)
    return replace(base, value=_text(shape, given))


def _named(base: Control, shape: Shape, given: Any, names: Names) -> Control:
    have = [given] if isinstance(given, str) else list(given or ())
    known = dict(names(shape.of)) | {one: one for one in have if one not in dict(names(shape.of))}
    options = [(one, name, one in have) for one, name in known.items()]
    if shape.kind == "name" and not shape.required and shape.default is None:
        options.insert(0, ("", "", not have))
    return replace(base, kind="choice" if shape.kind == "name" else "names", options=options)


def _text(shape: Shape, given: Any) -> str:
    if given is None:
        return ""
    if shape.kind == "lines":
        return "\n".join(str(one) for one in given)
    if shape.kind in ("sums", "pairs"):
        return "\n".join(f"{key} = {one}" for key, one in given.items())
    return str(given)


def _settings(base: Control, shape: Shape, given: Mapping[str, Any], names: Names) -> Control:
    """Return what a reading changes as rows: which rule (of change), which field, what to."""
    rows: list[tuple[str, str, Any]] = []
    for key, one in given.items():
        inner = one.items() if shape.name == "change" else [(key, one)]
        rows += [(key, name, value) for name, value in inner]
    shown = [_setting(base, shape, n, row, names) for n, row in enumerate([*rows, *[NO_ROW] * 2])]
    return replace(base, kind="parts", children=shown, value=str(len(shown)))


def _setting(
    base: Control, shape: Shape, number: int, row: tuple[str, str, Any], names: Names
) -> Control:
    path, (rule, name, value) = f"{base.path}.{number}", row
    rules = dict(names("rules")) | ({rule: rule} if rule else {})
    fields = dict(names("fields")) | ({name: label("", name)} if name else {})
    children = [
        Control(f"{path}.field", "どの項目を", "choice", options=_picked(fields, name)),
        Control(f"{path}.value", "何にするか", "text", value=written(name, value)),
    ]
    if shape.name == "change":
        children.insert(
            0, Control(f"{path}.rule", "どの決まりの", "choice", options=_picked(rules, rule))
        )
    return Control(path, f"{base.label} {number + 1}", "row", children=children)


def _picked(known: Mapping[str, str], chosen: str) -> list[tuple[str, str, bool]]:
    return [("", "", not chosen), *((key, name, key == chosen) for key, name in known.items())]


def written(name: str, value: Any) -> str:
    """Return a value as a clerk writes it: words instead of codes, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, list) and not any(isinstance(one, dict) for one in value):
        return "、".join(word(name, one) for one in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return word(name, value)


def _kinds(base: Control, shape: Shape, given: Any, names: Names) -> Control:
    inside = given if isinstance(given, Mapping) else _plain(given)
    now = inside.get("kind")
    options = [
        (kind, word("kind", kind), kind == now) for one in shape.models for kind in kinds_of(one)
    ]
    children: dict[str, Control] = {}
    for one in shape.models:
        for child in controls(one, inside, names, f"{base.path}."):
            children.setdefault(child.path, replace(child, is_required=False))
    pick = Control(f"{base.path}.kind", label("", "kind"), "choice", options=options)
    return replace(base, kind="part", children=[pick, *children.values()])


def _rows(base: Control, shape: Shape, given: Any, names: Names) -> Control:
    values = [one if isinstance(one, Mapping) else _plain(one) for one in given or ()]
    rows = [
        Control(
            f"{base.path}.{n}",
            f"{base.label} {n + 1}",
            "row",
            children=controls(shape.models[0], one, names, f"{base.path}.{n}.", is_blank=not one),
        )
        for n, one in enumerate([*values, *[{}] * BLANK_ROWS])
    ]
    return replace(base, children=rows, value=str(len(rows)))


def _plain(given: Any) -> Mapping[str, Any]:
    if isinstance(given, BaseModel):
        return given.model_dump(mode="json", by_alias=True)
    return {}
