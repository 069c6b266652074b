"""How many people come, counted by the categories that a tariff tells apart (大人・子ども)."""

from collections.abc import Sequence
from typing import Any

from wtforms import Form

from app.web.forms import MORE_THAN_ANY, Number
from app.web.words import _

Kinds = Sequence[tuple[str, str]]  # (category, name)


def field_of(category: str) -> str:
    """Return the name of a category's field."""
    return f"people-{category}"


def people_form(kinds: Kinds) -> type[Form]:
    """Return a form with a number for each category; an empty one is nobody."""
    fields = {
        field_of(category): Number(
            name, missing=None, least=0, greatest=MORE_THAN_ANY, unit=_("人")
        )
        for category, name in kinds
    }
    return type("PeopleByKindForm", (Form,), fields)


def people_said(form: Form, kinds: Kinds) -> dict[str, Any]:
    """Return how many people come, and how many of each category."""
    counts = {category: form[field_of(category)].number or 0 for category, _name in kinds}
    return {"people": sum(counts.values()), "people_by": counts}
