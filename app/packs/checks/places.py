"""Checks of the municipality, its facilities and the floor that rooms share."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from app.packs.checks.subject import About, AboutFacility
from app.packs.problems import Problem

RESERVED = frozenset({"api", "hooks", "platform", "signage", "static", "healthz", "readyz"})

_WEIGHTS = (6, 5, 4, 3, 2)


def municipality(about: About) -> Iterator[Problem]:
    """Yield what is wrong with the code, the order of facilities and the policies' dates."""
    found = about.reading.municipality
    if found is None:
        return
    code = found.municipality.code
    if code[-1] != check_digit(code[:5]):
        message = f"「{code}」は全国地方公共団体コードではありません（最後の数字が合いません）。"
        yield about.problem(("municipality", "code"), message)
    if found.municipality.slug in RESERVED:
        message = f"「{found.municipality.slug}」は使えません（サービスが使う名前です）。"
        yield about.problem(("municipality", "slug"), message)
    yield from about.ordered("policy", [one.effective_from for one in found.policy])
    slugs = [one.facility.slug for one in about.reading.facilities.values()]
    yield from about.unknown(("order",), found.order, slugs, "施設")


def check_digit(five: str) -> str:
    """Return the check digit of a municipality's code (全国地方公共団体コード).

    >>> check_digit("13228")
    '4'
    """
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, five, strict=True))
    return str((11 - total % 11) % 10)


def facility(about: AboutFacility) -> Iterator[Problem]:
    """Yield what is wrong with a facility's slug, rooms, floor and editions."""
    one = about.one
    if PurePosixPath(about.file).stem != one.facility.slug:
        message = f"ファイル名と slug を同じにしてください（{about.file}）。"
        yield about.problem(("facility", "slug"), message)
    yield from about.repeated(("rooms",), about.rooms, "slug")
    yield from _floor(about)
    yield from _parts(about)
    for subject, editions in (("calendar", one.calendar), ("terms", one.terms), ("fees", one.fees)):
        yield from about.ordered(subject, [edition.effective_from for edition in editions])


def _floor(about: AboutFacility) -> Iterator[Problem]:
    """A space is some room's own or declared; else a typing error would part what is one floor."""
    own = {room.slug for room in about.one.rooms if not room.spaces}
    known = sorted(own | set(about.one.spaces))
    for place, room in enumerate(about.one.rooms):
        yield from about.unknown(("rooms", place, "spaces"), room.spaces, known, "床（space）")
        if len(set(room.spaces)) < len(room.spaces):
            message = "同じ床（space）が2回あります。"
            yield about.problem(("rooms", place, "spaces"), message)
    used = {slug for room in about.one.rooms for slug in room.floor}
    for place, slug in enumerate(about.one.spaces):
        if slug not in used:
            message = f"床「{slug}」を使う部屋がありません。"
            yield about.problem(("spaces", place), message)


def _parts(about: AboutFacility) -> Iterator[Problem]:
    """A part that holds more people than the whole is most often a slip of the pen."""
    for place, part in enumerate(about.one.rooms):
        for whole in about.one.rooms:
            is_part = set(part.floor) < set(whole.floor)
            if is_part and (part.capacity or 0) > (whole.capacity or part.capacity or 0):
                message = f"定員が、この部屋をふくむ「{whole.name}」より多くなっています。"
                yield about.warning(("rooms", place, "capacity"), message)
