"""Finds accesses: every request looks at every lock, and must not look at every access for it."""

from collections import defaultdict

from app.sims.kept import Body

SYNCED = "synced"


class Finding:
    """Accesses by person and by door, which of them a lock was not told, and how long it is right.

    It is made anew from the accesses at each start and kept in no file.
    """

    def __init__(self) -> None:
        self.by_person: dict[str, dict[str, Body]] = defaultdict(dict)
        self.by_door: dict[str, dict[str, Body]] = defaultdict(dict)
        self.untold: dict[str, dict[str, Body]] = defaultdict(dict)  # by door
        self._right: dict[str, tuple[float, float]] = {}
        self._punctual: dict[str, tuple[float, float]] = {}

    def add(self, access: Body) -> None:
        """Find an access from now on; which doors it opens never changes."""
        self.by_person[access["person"]][access["id"]] = access
        for door in access["devices"]:
            self.by_door[door][access["id"]] = access
            self.look_at(access, door)

    def drop(self, access: Body) -> None:
        """Find an access no more; its locks hold what nobody wants now."""
        del self.by_person[access["person"]][access["id"]]
        for door in access["devices"]:
            del self.by_door[door][access["id"]]
            self.untold[door].pop(access["id"], None)
            self._right.pop(door, None)

    def look_at(self, access: Body, door: str) -> None:
        """Take notice of whether a lock was told of an access."""
        self._punctual.pop(door, None)
        if access["devices"][door] == SYNCED:
            self.untold[door].pop(access["id"], None)
        else:
            self.untold[door][access["id"]] = access

    def set_right(self, door: str, since: float, until: float) -> None:
        """Note that from `since` and before `until` a lock holds no code that nobody wants.

        Codes that it was not told of yet are not meant: those are found in `untold`.
        """
        self._right[door] = (since, until)

    def right_until(self, door: str, at: float) -> float | None:
        """Return how long that is so, None if it isn't known at that instant."""
        since, until = self._right.get(door, (0.0, 0.0))
        return until if since <= at < until else None

    def set_punctual(self, door: str, since: float, until: float) -> None:
        """Note that from `since` and before `until` nobody at a door begins to be late."""
        self._punctual[door] = (since, until)

    def is_punctual(self, door: str, at: float) -> bool:
        """Say whether that is so, as far as it is known."""
        since, until = self._punctual.get(door, (0.0, 0.0))
        return since <= at < until
