"""Money over the network: refunds to send, notices to work, attempts nobody has heard of."""

import functools
from datetime import datetime, timedelta

import procrastinate
from flask import Flask, current_app
from procrastinate import RetryStrategy

from app import wiring
from app.config import Settings
from app.db import db
from app.db.session import in_transaction, tenant_scope
from app.facilities.queries import catalogue
from app.jobs.places import every_municipality, for_each, in_app, log, municipality_with
from app.kernel import clock
from app.payments.online import accounts, notices
from app.payments.refunds.planning import SEND
from app.tenants.queries import Municipality
from app.usecases.at_provider import Provider, refresh_unsure
from app.usecases.in_turn import each
from app.usecases.noticing import WORK, work_notice
from app.usecases.online_accounts import recheck
from app.usecases.paid_online import Town
from app.usecases.returned import refresh_refunds
from app.usecases.sending_refunds import send

EVERY_MINUTE, EVERY_TEN_MINUTES, EACH_NIGHT = "* * * * *", "*/10 * * * *", "40 18 * * *"
# A provider that is away is asked again for a day; after that the clock's tasks go on asking.
PATIENTLY = RetryStrategy(max_attempts=notices.MOST_TRIES, exponential_wait=3)
FORGOTTEN = timedelta(minutes=10)


def add_tasks(queue: procrastinate.App, flask_app: Flask) -> None:
    """Add the tasks that a booking or a notice asks for."""

    @queue.task(name=SEND, queue="kaikan", retry=PATIENTLY)
    @functools.partial(in_app, flask_app)
    def send_refund(*, tenant_id: int, refund_id: int) -> None:
        with tenant_scope(tenant_id):
            send(_provider(municipality_with(tenant_id)), refund_id, now=_now())

    @queue.task(name=WORK, queue="kaikan", retry=PATIENTLY)
    @functools.partial(in_app, flask_app)
    def work(*, notice_id: str, source_id: str = notices.CONNECTED) -> None:
        _work(notices.Key(notice_id, source_id))


def schedule(queue: procrastinate.App, flask_app: Flask) -> None:
    """Add what is asked by the clock, so that nothing hangs on a notice that never comes."""
    here = functools.partial(in_app, flask_app)

    @queue.periodic(cron=EVERY_MINUTE)
    @queue.task(name="ask_provider", queue="kaikan", queueing_lock="ask_provider")
    @here
    def ask_provider(timestamp: int) -> None:
        for_each(_ask)

    @queue.periodic(cron=EACH_NIGHT)
    @queue.task(name="check_accounts", queue="kaikan", queueing_lock="check_accounts")
    @here
    def check_accounts(timestamp: int) -> None:
        for_each(_recheck)

    @queue.periodic(cron=EACH_NIGHT)
    @queue.task(name="forget_notices", queue="kaikan", queueing_lock="forget_notices")
    @here
    def forget_notices(timestamp: int) -> None:
        _forget_notices()

    @queue.periodic(cron=EVERY_TEN_MINUTES)
    @queue.task(name="ask_refunds", queue="kaikan", queueing_lock="ask_refunds")
    @here
    def ask_refunds(timestamp: int) -> None:
        for_each(lambda one: refresh_refunds(_provider(one), now=_now()))
        with tenant_scope(None):
            before = _now() - FORGOTTEN
            keys = in_transaction(lambda session: notices.left(session, before=before))
            each(keys, _work)


def _forget_notices() -> None:
    with tenant_scope(None):
        if gone := in_transaction(lambda session: notices.forget_old(session, now=_now())):
            log.info("notices forgotten", extra={"count": gone})


def _recheck(municipality: Municipality) -> None:
    """Ask the provider what each account may take now."""
    provider = _provider(municipality)
    rows = in_transaction(lambda session: [one.account for one in accounts.standing(session)])
    for account in dict.fromkeys(rows):
        recheck(provider, account, now=_now())


def _ask(municipality: Municipality) -> None:
    if asked := refresh_unsure(_provider(municipality), _town(municipality), now=_now()):
        log.info("asked", extra={"municipality": municipality.slug, "count": asked})


def _work(key: notices.Key) -> bool:
    """Work a notice; True when there was something to do."""
    with tenant_scope(None):
        state = work_notice(_provider_of, _town_of, key, everybody=_everybody, now=_now())
    if state in ("refused", "unknown"):
        log.warning("notice_%s", state, extra={"notice": key.id, "source": key.source})
    return state is not None


def _everybody() -> list[int]:
    return [one.id for one in every_municipality()]


def _provider_of(tenant_id: int | None) -> Provider:
    return _provider(municipality_with(tenant_id) if tenant_id is not None else None)


def _town_of(tenant_id: int) -> Town | None:
    try:
        return _town(municipality_with(tenant_id))
    except StopIteration:
        return None


def _provider(municipality: Municipality | None) -> Provider:
    settings: Settings = current_app.config["KAIKAN"]
    return wiring.provider(settings, municipality.slug if municipality else "")


def _town(municipality: Municipality) -> Town:
    with tenant_scope(municipality.id):
        return Town(catalogue(db.session(), municipality), municipality.name)


def _now() -> datetime:
    """Return the instant; of a test, the one that its clock shows."""
    return current_app.config.get("KAIKAN_CLOCK", clock.now)()  # type: ignore[no-any-return]
