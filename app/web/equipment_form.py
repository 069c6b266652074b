"""The form of what is used beside the rooms: pieces of equipment, heating, tables, courts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, Field, Form

from app.booking.service.equipment import MOST_OF_A_KIND, Used, left_for
from app.db import db
from app.fees.policy import Extra
from app.web import formats
from app.web.forms import Number
from app.web.offer import Offered
from app.web.words import _

ONCE = ("heating", "lighting")  # on or off: nobody counts them
UNITS = {"hour": "1時間", "period": "1区分", "day": "1日", "person": "1人", "use": "1回"}


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one line."""

    offered: Offered
    items: Field | None
    extras: Sequence[Field]


def equipment_form(equipped: Sequence[Offered]) -> type[Form]:
    """Return a form with a field for everything that can be used in each line."""
    left = left_for(db.session(), [(one.line, one.needs.extras) for one in equipped])
    fields: dict[str, Field] = {}
    for one in equipped:
        free = {extra.id: many for extra, many, _wanted in left[one.line.id]}
        if one.needs.items:
            fields[_items(one)] = Number(
                _("台・面などの数"), missing=_("数を入力してください。"), least=1,
                greatest=MOST_OF_A_KIND, unit="",
            )  # fmt: skip
        for extra in one.needs.extras:
            fields[_extra(one, extra)] = _field(extra, one, free.get(extra.id))
    return type("EquipmentForm", (Form,), fields)


def equipment_shown(equipped: Sequence[Offered]) -> dict[str, Any]:
    """Return what was said of equipment as the form takes it."""
    shown: dict[str, Any] = {}
    for one in equipped:
        shown[_items(one)] = str(one.line.items or 1)
        counts = one.line.extras or {}
        for extra in one.needs.extras:
            many = counts.get(extra.id, 0)
            shown[_extra(one, extra)] = bool(many) if _is_once(extra) else str(many or "")
    return shown


def groups(form: Form, equipped: Sequence[Offered]) -> list[Group]:
    """Return the fields by line."""
    return [
        Group(
            one,
            form[_items(one)] if one.needs.items else None,
            [form[_extra(one, extra)] for extra in one.needs.extras],
        )
        for one in equipped
    ]


def used_in(form: Form, equipped: Sequence[Offered]) -> dict[int, Used]:
    """Return what a valid form says of each line."""
    return {
        one.line.id: Used(
            {extra.id: _count(form[_extra(one, extra)]) for extra in one.needs.extras},
            form[_items(one)].number if one.needs.items else 1,
        )
        for one in equipped
    }


def price_of(extra: Extra, room: str) -> str:
    """Return what a piece costs, in words."""
    unit = UNITS[extra.unit]
    if extra.percent is not None:
        return _("部屋の料金の%(percent)s％", percent=extra.percent)
    if extra.yen_by_period:
        low, high = min(extra.yen_by_period.values()), max(extra.yen_by_period.values())
        sums = formats.yen(low) if low == high else f"{formats.yen(low)}〜{formats.yen(high)}"
        return _("1区分 %(yen)s", yen=sums)
    yen = extra.yen_by_room.get(room) if extra.yen_by_room else extra.yen
    return f"{unit} {formats.yen(yen or 0)}"


def _field(extra: Extra, one: Offered, free: int | None) -> Field:
    room = one.room.slug if one.room else ""
    hint = price_of(extra, room)
    if _is_once(extra):
        return BooleanField(f"{extra.name}（{hint}）")
    if free is not None:
        hint += _("。あと%(n)s", n=max(free, 0))
    return Number(
        extra.name, missing=None, least=0, greatest=MOST_OF_A_KIND, unit="", description=hint
    )


def _is_once(extra: Extra) -> bool:
    return extra.part in ONCE


def _count(field: Field) -> int:
    if isinstance(field, BooleanField):
        return int(bool(field.data))
    return field.number or 0


def _items(one: Offered) -> str:
    return f"items-{one.line.id}"


def _extra(one: Offered, extra: Extra) -> str:
    return f"extra-{one.line.id}-{extra.id}"
