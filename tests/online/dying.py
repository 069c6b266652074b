"""A process that pays, settles or refunds, and kills itself at a named point.

Run by test_kills: `python -m tests.online.dying DATABASE_URL SIM_URL POINT DEED ID NOW`.
"""

import os
import signal
import sys
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.adapters.stripe_checkout import StripeGateway
from app.db.session import tenant_scope
from app.factory import create_app
from app.usecases import at_provider, paid_online, sending_refunds
from app.usecases.at_provider import Provider
from tests import builders
from tests.conftest import SECRET, settings_for
from tests.online.town import KEY, PAGES

POINTS = ("before the call", "after the call", "before the commit", "after the commit")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Dying:
    """The real gateway, with which the process dies before or after its call."""

    def __init__(self, inner: StripeGateway, point: str) -> None:
        self._inner, self._point = inner, point
        self.was_called = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            if self._point == "before the call":
                die()
            answer = found(*arguments, **named)
            self.was_called = True
            if self._point == "after the call":
                die()
            return answer

        return call


def main(url: str, sim: str, point: str, deed: str, row: str, now: str) -> None:
    app = create_app(settings_for(url))
    gateway = Dying(StripeGateway(KEY, sim), point)
    moment = datetime.fromisoformat(now)
    for moment_name, stage in (("before_commit", POINTS[2]), ("after_commit", POINTS[3])):

        def stop(_session: Session, stage: str = stage) -> None:
            if gateway.was_called and point == stage:
                die()

        event.listen(Session, moment_name, stop)
    with app.app_context(), tenant_scope(1):
        provider = Provider(gateway, SECRET, PAGES)  # type: ignore[arg-type]
        town = paid_online.Town(builders.catalogue_of("midori"), "みどり市")
        if deed == "open":
            at_provider.open_page(provider, town, int(row), now=moment)
        elif deed == "settle":
            at_provider.refresh(provider, town, int(row), now=moment)
        else:
            sending_refunds.send(provider, int(row), now=moment)


if __name__ == "__main__":
    main(*sys.argv[1:])
