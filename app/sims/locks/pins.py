"""Numbers: which are taken, and new ones; nobody's number is another's at the same time."""

import secrets

from app.sims.kept import Body
from app.sims.locks.world import World

MOST_TRIES = 1000


def is_taken(world: World, person: Body, pin: str) -> bool:
    """Say whether somebody else of the account has a number in a time that overlaps.

    The vendor looks at the whole account and not at the door alone: two bookings of two
    doors for the same hours can not have the same number.
    """
    return any(
        one["pin"] == pin and overlap(one, person)
        for one in world["persons"].values()
        if one["account"] == person["account"]
        and one["id"] != person["id"]
        and not one["deactivated"]
    )


def overlap(one: Body, other: Body) -> bool:
    """Say whether two people are let in at the same time; who has no times always is."""
    if not (one["starts_at"] and other["starts_at"]):
        return True
    return bool(one["starts_at"] < other["ends_at"] and other["starts_at"] < one["ends_at"])


def made_up(world: World, person: Body) -> str:
    """Return a number that nobody has."""
    digits = world.directory.accounts[person["account"]].pin_digits
    for _ in range(MOST_TRIES):
        pin = f"{secrets.randbelow(10**digits):0{digits}d}"
        if pin != person["pin"] and not is_taken(world, person, pin):
            return pin
    raise RuntimeError("all numbers are taken")
