"""What the numbers of one booking are called, so that one knows which is which."""

from collections.abc import Sequence

from app.web.key_words import Card
from app.web.words import _


def titles(found: Sequence[Card]) -> dict[int, str]:
    """Return what each number is called, by its grant: by its rooms where there are several."""
    if len(found) == 1:
        return {one.grant_id: _plain(one) for one in found}
    return {one.grant_id: _of_several(one, found) for one in found}


def _plain(one: Card) -> str:
    return _("キーボックスの番号") if one.is_box else _("ドアをあける番号")


def _of_several(one: Card, found: Sequence[Card]) -> str:
    """Name the rooms; where two numbers are for the same rooms at the same time, the doors."""
    alike = [x for x in found if (x.rooms, x.starts_at) == (one.rooms, one.starts_at)]
    names = one.named if len(alike) > 1 and one.named else "、".join(one.rooms)
    if one.is_box and len(alike) == 1:
        return _("%(rooms)sのキーボックスの番号", rooms=names)
    return _("%(rooms)sの番号", rooms=names) if names else _plain(one)
