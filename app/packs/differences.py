"""What changes from one pack to another, in sentences: what, for whom, from when."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from app.packs.format import SUBJECTS, FacilityFile, Pack, Subject, document_of

SUBJECT_NAMES: dict[Subject, str] = {
    "calendar": "開館日・時間区分",
    "terms": "利用の決まり",
    "fees": "料金",
}
FIELD_NAMES = {
    "yen": "金額", "percent": "割合（%）", "from": "始まり", "to": "終わり", "name": "名前",
    "capacity": "定員", "rooms": "部屋", "classes": "利用者区分", "days": "曜日",
    "weekdays": "曜日", "days_before": "日数", "months": "月数", "limit": "上限",
    "citation": "根拠", "stacking": "加算の重ね方", "opens": "受付の始まり",
    "closes": "受付の終わり", "until": "取り消せる期限", "hours": "開館時間",
    "minutes": "時間の単位", "place": "条文", "source": "出典", "day": "日", "at": "時刻",
}  # fmt: skip
Flat = dict[tuple[str, ...], Any]


def differences(old: Pack, new: Pack) -> list[str]:
    """Return what changes from `old` to `new`; empty when they say the same."""
    return [
        *_policy(old, new),
        *_gone_or_new(
            "施設",
            {one.facility.slug: one.facility.name for one in old.facilities},
            {one.facility.slug: one.facility.name for one in new.facilities},
        ),
        *(
            line
            for after in new.facilities
            for before in old.facilities
            if before.facility.slug == after.facility.slug
            for line in _facility(before, after)
        ),
    ]


def _policy(old: Pack, new: Pack) -> Iterator[str]:
    before = [(one.effective_from, document_of(one)) for one in old.municipality.policy]
    after = [(one.effective_from, document_of(one)) for one in new.municipality.policy]
    yield from _editions("全施設", "共通の決まり", before, after)


def _facility(before: FacilityFile, after: FacilityFile) -> Iterator[str]:
    name = after.facility.name
    yield from _gone_or_new(
        f"{name}の部屋",
        {room.slug: room.name for room in before.rooms},
        {room.slug: room.name for room in after.rooms},
    )
    for room in after.rooms:
        for was in (one for one in before.rooms if one.slug == room.slug):
            told = changes(was.model_dump(mode="json"), room.model_dump(mode="json"))
            yield from (f"{name} {room.name}: {line}" for line in told)
    for subject in SUBJECTS:
        yield from _editions(
            name,
            SUBJECT_NAMES[subject],
            [(one.effective_from, document_of(one)) for one in before.editions(subject)],
            [(one.effective_from, document_of(one)) for one in after.editions(subject)],
        )


def _editions(
    place: str,
    what: str,
    before: Sequence[tuple[date, dict[str, object]]],
    after: Sequence[tuple[date, dict[str, object]]],
) -> Iterator[str]:
    """Yield what changes on each day from which an edition of either pack holds."""
    days = sorted({day for day, _ in [*before, *after]})
    told: list[str] = []
    for day in days:
        lines = list(changes(_held(before, day), _held(after, day)))
        if lines and lines != told:
            yield from (f"{place} {what}（{day}から）: {line}" for line in lines)
        told = lines


def _held(editions: Sequence[tuple[date, dict[str, object]]], day: date) -> dict[str, object]:
    held = [document for since, document in editions if since <= day]
    return held[-1] if held else {}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a document says otherwise than another, in sentences."""
    one, other = _flat(before), _flat(after)
    rules = {path[:2] for path in one if len(path) > 2} | {
        path[:2] for path in other if len(path) > 2
    }
    gone = {path for path in rules if not _has(other, path) and _is_rule(one, path)}
    new = {path for path in rules if not _has(one, path) and _is_rule(other, path)}
    for path in sorted(gone):
        yield f"「{path[1]}」がなくなります（{_whose(one, path)}）。"
    for path in sorted(new):
        yield f"「{path[1]}」が加わります（{_whose(other, path)}）: {_said(other, path)}"
    for path in sorted({*one, *other}):
        if path[:2] in gone | new or one.get(path) == other.get(path):
            continue
        whose = f"（{_whose(other, path[:2])}）" if len(path) > 2 else ""
        was, now = _word(one.get(path)), _word(other.get(path))
        yield f"{_named(path)}が、{was} から {now} になります{whose}。"


def _flat(value: Any, path: tuple[str, ...] = ()) -> Flat:
    """Return every value by its path; entries of a list by their id, else by their number."""
    if isinstance(value, dict):
        return {
            k: v for key, one in value.items() for k, v in _flat(one, (*path, str(key))).items()
        }
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return {
            k: v
            for n, one in enumerate(value, 1)
            for k, v in _flat(one, (*path, str(one.get("id", n)))).items()
        }
    if isinstance(value, list):
        return {path: "・".join(map(str, value)) or None}
    return {path: value}


def _has(flat: Flat, start: tuple[str, ...]) -> bool:
    return any(path[: len(start)] == start for path in flat)


def _is_rule(flat: Flat, start: tuple[str, ...]) -> bool:
    return (*start, "id") in flat


def _whose(flat: Flat, start: tuple[str, ...]) -> str:
    rooms = flat.get((*start, "rooms")) or "すべての部屋"
    classes = flat.get((*start, "classes")) or "すべての区分"
    return f"部屋: {rooms}、利用者区分: {classes}"


def _said(flat: Flat, start: tuple[str, ...]) -> str:
    told = {
        path[len(start) :]: value
        for path, value in flat.items()
        if path[: len(start)] == start and value not in (None, False, "any", "")
    }
    skip = {"id", "rooms", "classes", "kind", "citation"}
    return "、".join(
        f"{FIELD_NAMES.get(path[0], path[0])} {'.'.join(path[1:])} {_word(value)}".replace(
            "  ", " "
        )
        for path, value in told.items()
        if path[0] not in skip
    )


def _named(path: tuple[str, ...]) -> str:
    words = [FIELD_NAMES.get(word, word) for word in path]
    return "「" + "・".join(words[1:] if len(words) > 2 else words) + "」"


def _word(value: Any) -> str:
    if value is None:
        return "なし"
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _gone_or_new(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for slug in before.keys() - after.keys():
        yield f"{what}「{before[slug]}」がなくなります。"
    for slug in after.keys() - before.keys():
        yield f"{what}「{after[slug]}」が加わります。"
