"""What clerks call the parts of a rule: fields, values, what to write there (rule_words.yaml)."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_TOLD: dict[str, Any] = YAML(typ="safe").load(
    Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
)
LABELS: dict[str, str] = _TOLD["labels"]
WORDS: dict[str, str] = _TOLD["words"]
WORDS_OF: dict[str, dict[str, str]] = _TOLD["words_of"]
HINTS: dict[str, str] = _TOLD["hints"]

SUBJECTS = {
    "fees": "料金",
    "terms": "予約・取り消しの決まり",
    "calendar": "開館日・時間区分",
    "policy": "自治体共通の決まり",
}


def label(model: str, field: str) -> str:
    """Return what a field of a model is called; the field's own name for one without words."""
    return LABELS.get(f"{model}.{field}") or LABELS.get(field) or field


def word(field: str, value: object) -> str:
    """Return a value in words; what is none of ours stays as it is."""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    text = str(value)
    return WORDS_OF.get(field, {}).get(text) or WORDS.get(text) or text
