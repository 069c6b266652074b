"""What a booking can be, and what may follow."""

from enum import StrEnum


class State(StrEnum):
    """The state of a booking (予約)."""

    DRAFT = "draft"  # えらんだ枠: held, not yet applied for
    REQUESTED = "requested"  # 申請中: applied for; staff are to permit it or to decide its fee
    PROVISIONAL = "provisional"  # 仮予約: to be paid by its deadline
    CONFIRMED = "confirmed"  # 予約確定
    CANCELLED = "cancelled"  # 取り消し: by the applicant or the hall
    LAPSED = "lapsed"  # 期限切れ: not paid in time, or not permitted before its time had gone
    USED = "used"  # 利用ずみ


class LineState(StrEnum):
    """The state of one room and time of a booking."""

    HELD = "held"
    ACTIVE = "active"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.REQUESTED, State.PROVISIONAL, State.CONFIRMED}),
    State.REQUESTED: frozenset({State.PROVISIONAL, State.CONFIRMED, State.CANCELLED, State.LAPSED}),
    State.PROVISIONAL: frozenset({State.CONFIRMED, State.CANCELLED, State.LAPSED}),
    # A free booking that was changed may cost something.
    State.CONFIRMED: frozenset({State.PROVISIONAL, State.USED, State.CANCELLED}),
    State.CANCELLED: frozenset(),
    # Paid just too late, it stands again where its rooms are still free.
    State.LAPSED: frozenset({State.CONFIRMED}),
    State.USED: frozenset(),
}


class Review(StrEnum):
    """Where the permit of a booking stands (使用許可の審査); None: it needs none."""

    ASKED = "asked"  # 審査中
    RETURNED = "returned"  # 差し戻し: the applicant is to say or change something
    GRANTED = "granted"  # 許可
    REFUSED = "refused"  # 不許可: the booking is cancelled


WAITING = frozenset({Review.ASKED, Review.RETURNED})

SUBMITTED = frozenset(State) - {State.DRAFT}
OPEN = frozenset({State.REQUESTED, State.PROVISIONAL, State.CONFIRMED})


def may_move(present: State, following: State) -> bool:
    """Say whether a booking may go from one state to the other."""
    return following in MOVES[present]
