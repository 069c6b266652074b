"""Models of the format -> YAML as a person would write it: short things on one line."""

import re
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WIDTH = 90


def write(path: Path, model: BaseModel, *, heading: str) -> None:
    """Write a file of a pack; what is as it is by default is left out."""
    said = model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# {heading}\n\n{text_of(said)}", encoding="utf-8")


def text_of(said: dict[str, Any]) -> str:
    """Return plain values as YAML, a blank line between the sections of the file."""
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    sections = []
    for name, value in said.items():
        out = StringIO()
        yaml.dump(CommentedMap({name: _laid_out(value, block=True)}), out)
        sections.append(out.getvalue())
    return "\n".join(sections)


def _laid_out(value: Any, *, block: bool = False) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key != "effective_from")  # it heads its edition
        laid: Any = CommentedMap({key: _laid_out(value[key]) for key in keys})
    elif isinstance(value, list):
        laid = CommentedSeq(_laid_out(one) for one in value)
    else:
        return _scalar(value)
    if not block and _is_short(value):
        laid.fa.set_flow_style()
    return laid


def _is_short(value: Any) -> bool:
    """Say whether a mapping or list of plain values fits on a line."""
    inside = value.values() if isinstance(value, dict) else value
    return not any(isinstance(one, dict | list) for one in inside) and len(str(value)) < _WIDTH


def _scalar(value: Any) -> Any:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return date.fromisoformat(value)  # written without quotes; the reader takes text anyway
    return value
