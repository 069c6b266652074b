"""From what pydantic found to a sentence for whoever writes the pack."""

import types
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from app.packs.problems import Path

Facts = Mapping[str, Any]
Sentence = Callable[[Facts], str]

_NUMBER = "整数を書いてください（カンマや単位は付けません）"
_SENTENCES: dict[str, Sentence] = {
    "missing": lambda _: "この項目がありません。必ず書いてください",
    "int_parsing": lambda _: _NUMBER,
    "int_type": lambda _: _NUMBER,
    "int_from_float": lambda _: _NUMBER,
    "bool_parsing": lambda _: "true か false を書いてください",
    "bool_type": lambda _: "true か false を書いてください",
    "string_type": lambda _: "文字を書いてください",
    "string_too_short": lambda _: "空にはできません",
    "string_too_long": lambda facts: f"{facts['max_length']}文字までです",
    "string_pattern_mismatch": lambda facts: _pattern(str(facts["pattern"])),
    "greater_than_equal": lambda facts: f"{facts['ge']}以上にしてください",
    "less_than_equal": lambda facts: f"{facts['le']}以下にしてください",
    "too_short": lambda facts: f"{facts['min_length']}つ以上書いてください",
    "literal_error": lambda facts: f"使えるもの: {_unquoted(facts['expected'])}",
    "union_tag_invalid": lambda facts: f"使えるもの: {_unquoted(facts['expected_tags'])}",
    "union_tag_not_found": lambda _: "kind（種類）がありません。必ず書いてください",
    "date_from_datetime_parsing": lambda _: "日付は 2026-12-01 のように書いてください",
    "date_parsing": lambda _: "日付は 2026-12-01 のように書いてください",
    "date_type": lambda _: "日付は 2026-12-01 のように書いてください",
    "value_error": lambda facts: str(facts["error"]),
    "tuple_type": lambda _: "- で始まる並び、または [ ] で囲んだ並びにしてください",
    "dict_type": lambda _: "「項目: 値」の形で書いてください",
    "model_type": lambda _: "「項目: 値」の形で書いてください",
    "model_attributes_type": lambda _: "「項目: 値」の形で書いてください",
}
_PATTERNS = {
    "a-z0-9": "小文字の英数字とハイフンで書いてください（例: shukai-shitsu）",
    "{6}": "数字6桁で書いてください（例: 132284）",
    "0[1-9]|1[0-2]": "月日は 12-29 のように書いてください",
}


def sentence(error: ErrorDetails, model: type[BaseModel]) -> str:
    """Return what was found and what is allowed, in one Japanese sentence or two."""
    kind, facts = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(str(error["loc"][-1]), fields_at(model, error["loc"][:-1]))
    say = _SENTENCES.get(kind)
    allowed = say(facts) if say else error["msg"]
    found = facts.get("tag", error["input"])
    if kind in ("missing", "union_tag_not_found") or isinstance(found, dict | list):
        return f"{allowed}。"
    return f"「{_shown(found)}」は使えません。{allowed}。"


def fields_at(model: Any, loc: tuple[int | str, ...]) -> list[str]:
    """Return the names that may be written in the mapping that pydantic calls `loc`."""
    for part in loc:
        model = _step(model, part)
    models = [one for one in _members(model) if _is_model(one)]
    return [name for one in models for name in _names(one)]


def found_path(value: Any, error: ErrorDetails) -> Path:
    """Return pydantic's location without what is not in the file: names of union members."""
    loc = (*error["loc"], "kind") if error["type"] == "union_tag_invalid" else error["loc"]
    path: list[str | int] = []
    is_tagged = False  # the name of this mapping's kind was passed; it may be a field's name too
    for place, part in enumerate(loc):
        if isinstance(value, dict):
            if value.get("kind") == part and not is_tagged:
                is_tagged = True
                continue
            is_last = place == len(loc) - 1 and part != "[key]"
            if part not in value and not is_last:
                continue
            path.append(part)
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            path.append(part)
            value = value[part]
        is_tagged = False
    return tuple(path)


def _unknown(found: str, allowed: list[str]) -> str:
    near = get_close_matches(found, allowed, n=1, cutoff=0.5)
    guess = f"もしかして: {near[0]}。" if near else ""
    return f"「{found}」という項目はありません。{guess}使える項目: {', '.join(allowed)}。"


def _shown(found: object) -> str:
    if found is None:
        return "（空）"
    text = str(found)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _unquoted(expected: object) -> str:
    return str(expected).replace("'", "").replace(" or ", ", ")


def _pattern(pattern: str) -> str:
    return next((text for mark, text in _PATTERNS.items() if mark in pattern), pattern)


def _step(model: Any, part: int | str) -> Any:
    members = list(_members(model))
    for one in members:
        if get_origin(one) in (tuple, list) and isinstance(part, int):
            return get_args(one)[0]
        if get_origin(one) is dict:
            return get_args(one)[1]
        if _is_model(one) and len(members) > 1 and _tag(one) == part:
            return one
        if _is_model(one) and part in _names(one):
            return _field(one, part)
    return None


def _members(model: Any) -> Iterator[Any]:
    if get_origin(model) is Annotated:
        yield from _members(get_args(model)[0])
    elif get_origin(model) in (Union, types.UnionType):
        for one in get_args(model):
            yield from _members(one)
    else:
        yield model


def _is_model(one: Any) -> bool:
    return isinstance(one, type) and issubclass(one, BaseModel)


def _tag(model: type[BaseModel]) -> str | None:
    kind = model.model_fields.get("kind")
    if kind is None or get_origin(kind.annotation) is not Literal:
        return None
    values = get_args(kind.annotation)
    return str(values[0]) if len(values) == 1 else None


def _names(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


def _field(model: type[BaseModel], part: int | str) -> Any:
    for name, info in model.model_fields.items():
        if (info.alias or name) == part:
            return info.annotation
    return None
