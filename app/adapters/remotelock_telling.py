"""Where RemoteLOCK's notices go: one address of ours among an account's, with all that we hear."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.adapters import remotelock_subscribing as words
from app.adapters.remotelock_http import Caller
from app.locks.ports import LockNotFound, LockTransient

SUBSCRIBERS, SUBSCRIPTIONS = "/notification_subscribers", "/notification_subscriptions"
MOST_TRIES: Final = 3  # when what was there is gone before it is used


class Telling:
    """Implements locks.ports.Telling. An account may have addresses of others; they stay."""

    def __init__(self, http: Caller) -> None:
        self._http = http

    def tell(self, name: str, address: str, *, instead_of: str = "") -> None:
        """Let notices come to `address`; what is there is looked at before one is made.

        After making one it is looked again: of two that were asked for at once the older stays,
        and who had begun with the other one begins anew.
        """
        for _ in range(MOST_TRIES - 1):
            try:
                self._tell(name, address, {address, instead_of} - {""})
            except LockNotFound:
                continue
            return
        self._tell(name, address, {address, instead_of} - {""})

    def _tell(self, name: str, address: str, known: set[str]) -> None:
        found = self._ours(name, known)
        if not found:
            self._http.post(SUBSCRIBERS, words.subscriber(name, address))
            found = self._ours(name, known)
        if not found:
            raise LockTransient("no_subscriber")
        kept, *others = found
        for one in others:
            self._http.delete(f"{SUBSCRIBERS}/{one['id']}")
        if not words.is_told(kept, name, address):
            self._http.put(f"{SUBSCRIBERS}/{kept['id']}", words.subscriber(name, address))
        self._subscribe(str(kept["id"]))

    def silence(self, name: str, address: str) -> None:
        """Let no more notices come to us; with a subscriber go its subscriptions."""
        for one in self._ours(name, {address}):
            self._http.delete(f"{SUBSCRIBERS}/{one['id']}")

    def _ours(self, name: str, known: set[str]) -> Sequence[Mapping[str, Any]]:
        """Return the subscribers that are ours, the oldest first."""
        found = [one for one in self._http.pages(SUBSCRIBERS) if words.is_ours(one, name, known)]
        return sorted(found, key=words.age)

    def _subscribe(self, subscriber: str) -> None:
        """Let a subscriber hear of all locks, each place once."""
        wanted = set(words.publishers(self._http.pages("/devices")))
        has: set[words.Publisher] = set()
        for one in self._http.pages(SUBSCRIPTIONS):
            publisher = words.publisher(one, subscriber)
            if publisher not in wanted:
                continue
            if publisher in has or not words.has_all_events(one):
                self._http.delete(f"{SUBSCRIPTIONS}/{one['id']}")
            else:
                has.add(publisher)
        for publisher in sorted(wanted - has):
            self._http.post(SUBSCRIPTIONS, words.subscription(subscriber, publisher))
