"""How a use goes at the counter: expected, came, left, or never came; and where its key is."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from app.kernel.refusals import Refusal


class Mark(StrEnum):
    """What is ticked in one tap."""

    CAME = "came"  # 入室
    LEFT = "left"  # 退室
    NO_SHOW = "no_show"  # 不来場
    KEY_OUT = "key_out"  # 鍵をわたした
    KEY_BACK = "key_back"  # 鍵が返った


@dataclass(frozen=True, slots=True)
class Marks:
    """What was ticked of one use, and when (実績)."""

    came_at: datetime | None = None
    left_at: datetime | None = None
    no_show_at: datetime | None = None
    key_out_at: datetime | None = None
    key_back_at: datetime | None = None

    def at(self, mark: Mark) -> datetime | None:
        """Return when a mark was set; None: it is not."""
        found: datetime | None = getattr(self, f"{mark}_at")
        return found


NEEDS = {Mark.LEFT: Mark.CAME, Mark.KEY_BACK: Mark.KEY_OUT}


def marked(marks: Marks, mark: Mark, *, starts_at: datetime, now: datetime) -> Marks | Refusal:
    """Return the marks with one more; one that is set already stays as it was first.

    Who was noted as never come and comes late has come. Nobody is noted as never come before
    the time begins, or after they came.
    """
    if marks.at(mark) is not None:
        return marks
    if (before := NEEDS.get(mark)) is not None and marks.at(before) is None:
        return Refusal("use.not_come" if mark is Mark.LEFT else "use.no_key_out")
    if mark is Mark.NO_SHOW and marks.came_at is not None:
        return Refusal("use.came_already")
    if mark is Mark.NO_SHOW and now < starts_at:
        return Refusal("use.not_begun")
    made = replace(marks, **{f"{mark}_at": now})
    return replace(made, no_show_at=None) if mark is Mark.CAME else made


def taken_back(marks: Marks, mark: Mark) -> Marks | Refusal:
    """Return the marks without one; asked again nothing differs. What follows it goes first."""
    follower = next((one for one, needed in NEEDS.items() if needed is mark), None)
    if follower is not None and marks.at(follower) is not None:
        return Refusal("use.left_already" if mark is Mark.CAME else "use.key_is_back")
    return replace(marks, **{f"{mark}_at": None})
