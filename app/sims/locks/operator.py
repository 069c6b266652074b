"""What stands outside the service's reach: people at doors, batteries, the network, the vendor."""

import json
from typing import Any
from uuid import uuid4

from app.sims.kept import Body, shown
from app.sims.locks import faults, heartbeats, keypad, tokens
from app.sims.locks.accounts import Device
from app.sims.locks.courier import HEADERS, Courier
from app.sims.locks.errors import NotPossible
from app.sims.locks.events import body_of, event, takers
from app.sims.locks.memory import admissions
from app.sims.locks.sweeping import acting
from app.sims.locks.switchbot import keys
from app.sims.locks.world import World
from app.sims.posting import post_raw

LOW_POWER = 10  # per cent, after the battery was drained once


class Operator:
    """The hands of people at doors and of fate; doors go by id or by name."""

    world: World
    courier: Courier

    def keypad(self, device: str, pin: str) -> Body:
        """Type a number at a door; return `result`, `reason` and whether the lock woke."""
        with acting(self.world) as world:
            if bot := self._switchbot(device):
                return keys.press(world, bot, pin)
            return keypad.press(world, self._device(device), pin)

    def heartbeat(self, device: str | None = None) -> int:
        """Let a lock (or all) come now; return how many codes changed in it."""
        with acting(self.world) as world:
            named = [self._device(device)] if device else world.directory.devices.values()
            changed = [heartbeats.forced(world, one) for one in named]
            return sum(one or 0 for one in changed)

    def fault(
        self, mode: str, device: str | None = None, *, count: int | None = None, seconds: float = 0
    ) -> None:
        """Order a fault: at a door or anywhere, so often or as often as is usual for it."""
        with acting(self.world) as world:
            ident = self._ident(device)
            if mode not in faults.AT_ONCE:
                faults.order(world, mode, ident, count, seconds)
                return
            for one in [ident] if ident else list(world.directory.devices):
                self._at_once(mode, one, seconds)

    def lift(self, mode: str | None = None, device: str | None = None) -> None:
        """Take faults back: all of them, those of a kind, or those of a door."""
        with acting(self.world) as world:
            faults.lift(world, mode, self._ident(device))

    def drain(self, device: str, power: int = LOW_POWER) -> None:
        """Set a battery, in per cent; at 0 the lock is dead."""
        with acting(self.world) as world:
            self._charge(world.state(self._device(device)), power)

    def held(self, device: str) -> list[Body]:
        """Return the codes that are in a lock, as they would open it."""
        with acting(self.world) as world:
            found = self._device(device)
            state = world.state(found)
            return shown_list([*state["memory"].values(), *state["issued"]])

    def replay(self, event_id: str) -> int:
        """Bring an event again to all who subscribed; return the last answer's status."""
        with self.world.lock:
            found = event(self.world, event_id)
            if found is None:
                raise NotPossible(f"no such event: {event_id}")
            kept = next(one for one in self.world.events if one["body"] is found)
            device = self.world.directory.devices[kept["device"]]
            body, urls = shown(found), self._urls(found["type"], device)
        return self._post({"data": body}, urls)

    def forge(self, kind: str, device: str, person: str | None = None, **changed: Any) -> int:
        """Bring an event that never happened; return the last answer's status.

        The API does not know it; `changed` replaces attributes, `id` its id.
        """
        with self.world.lock:
            found = self._device(device)
            told = {"person": person or str(uuid4())}
            body = body_of(self.world, kind, found, self.world.now, **told)
            body["id"] = changed.pop("id", body["id"])
            body["attributes"] |= changed
            urls = self._urls(body["type"], found)
        return self._post({"data": body}, urls)

    def code(self, client: str, account: str, redirect_uri: str = "") -> str:
        """Return a code as the consent page hands it out."""
        with self.world.changing():
            return tokens.new_code(
                self.world, client, self.world.directory.account(account), redirect_uri
            )

    def hold_deliveries(self) -> None:
        """Keep back every delivery from now on, until they are released."""
        with self.world.lock:
            self.world.holding = True

    def release_deliveries(self, order: list[str] | None = None) -> None:
        """Send what was held: these events first, the others as they happened."""
        self.courier.release(order)

    def discard_deliveries(self) -> None:
        """Lose what was held."""
        self.courier.discard()

    def wait_for_deliveries(self, timeout: float = 10) -> bool:
        """Wait until nothing is under way; say whether that came. Held ones do not count."""
        return self.courier.wait(timeout)

    def who(self, device: str) -> list[tuple[Body, Body]]:
        """Return the accesses by a door with their persons, as the cloud has them."""
        with acting(self.world) as world:
            return [(shown(a), shown(p)) for a, p in admissions(world, self._device(device))]

    def _ident(self, named: str | None) -> str | None:
        return None if named is None else self._switchbot(named) or self._device(named).id

    def _switchbot(self, named: str) -> str | None:
        for owner in self.world.bots.values():
            for ident, name in owner.devices.items():
                if named in (ident, name):
                    return ident
        return None

    def _device(self, named: str) -> Device:
        return self.world.directory.device(named)

    def _at_once(self, mode: str, device: str, seconds: float) -> None:
        state = self.world.state(device)
        if mode == "battery_low":
            self._charge(state, LOW_POWER)
        else:
            state["skew"] = seconds

    def _charge(self, state: Body, power: int) -> None:
        state.update(power=power, low_told=state["low_told"] and power <= heartbeats.LOW)

    def _urls(self, kind: str, device: Device) -> list[str]:
        named = kind.removesuffix("_event")
        return [one["url"] for one in takers(self.world, named, device)]

    def _post(self, body: Body, urls: list[str]) -> int:
        status = 0
        for url in urls:
            status = post_raw(url, json.dumps(body).encode(), HEADERS)
        return status


def shown_list(found: list[Body]) -> list[Body]:
    """Return copies that can leave the lock."""
    return [shown(one) for one in found]
