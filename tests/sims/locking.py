"""An application that uses the locks' API over HTTP, as the service will."""

from datetime import UTC, datetime
from typing import Any

import requests

from app.sims.locks import LockSim

NOON = datetime(2026, 12, 5, 3, 0, tzinfo=UTC)  # 12:00 in Tokyo
ACCEPT = "application/vnd.lockstate+json; version=1"
CITY_APP, OTHER_APP, TOWN_APP = "app-city", "app-other", "app-town"
WORD = "himitsu"


class Vendor:
    """Calls of one application; each answer is returned as it came."""

    def __init__(self, sim: LockSim, client: str = CITY_APP, **headers: str) -> None:
        self.sim, self.client = sim, client
        self.headers = {"Accept": ACCEPT} | headers
        if "Authorization" not in headers:
            self.headers["Authorization"] = f"Bearer {self.token()['access_token']}"

    def token(self, grant_type: str = "client_credentials", **form: str) -> Any:
        told = {"client_id": self.client, "client_secret": WORD, "grant_type": grant_type}
        return requests.post(f"{self.sim.base_url}/oauth/token", data=told | form).json()

    def call(self, method: str, path: str, body: object = None, **query: Any) -> requests.Response:
        return requests.request(
            method, f"{self.sim.base_url}{path}", json=body, params=query, headers=self.headers
        )

    def get(self, path: str, **query: Any) -> Any:
        answer = self.call("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def book(
        self, door: str, starts: str = "12:50", ends: str = "15:10", **changed: Any
    ) -> requests.Response:
        """Book a door, of the 5th of December unless the times say another day."""
        ident = changed.pop("id", "R-1-1")
        attributes = {
            "name": "R-2026-000123",
            "device_id": self.sim.device_id(door),
            "starts_at": at(starts),
            "ends_at": at(ends),
            "validation": False,
        } | changed
        told = {"type": "booking", "id": ident, "attributes": attributes}
        return self.call("POST", "/bookings", told)

    def booked(self, door: str, starts: str = "12:50", ends: str = "15:10", **changed: Any) -> Any:
        """Book, and return the attributes of the answer."""
        answer = self.book(door, starts, ends, **changed)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]["attributes"]

    def grant(self, person: str, door: str) -> requests.Response:
        told = {"accessible_type": "lock", "accessible_id": self.sim.device_id(door)}
        return self.call("POST", f"/access_persons/{person}/accesses", {"attributes": told})

    def counts(self, person: str) -> list[tuple[int, int, int, int]]:
        """Return devices, synced, pending and failed of each access of somebody."""
        found = self.get(f"/access_persons/{person}/accesses")["data"]
        names = [f"devices{one}_count" for one in ("", "_synced", "_pending_sync", "_failed_sync")]
        return [tuple(one["attributes"][name] for name in names) for one in found]  # type: ignore


def at(said: str) -> str:
    return said if "T" in said else f"2026-12-05T{said}:00"
