"""A notice of the provider is kept at once and worked by a job: it only says where to look."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app.db.outbox import enqueue_for_nobody
from app.db.session import in_transaction, tenant_scope
from app.payments.online import accounts, attempts, notices
from app.payments.online.models import PaymentAttempt, ProviderNotice
from app.payments.ports import Declined, Dispute, Door
from app.payments.tasks import ask_staff, put_due
from app.usecases.at_provider import Provider, refresh
from app.usecases.online_accounts import recheck
from app.usecases.paid_online import Town
from app.usecases.returned import sync

WORK: Final = "work_notice"
ABOUT_ACCOUNTS: Final = ("account.", "capability.")


@dataclass(frozen=True, slots=True)
class Whose:
    """To whom a notice belongs that came to an address of its own."""

    tenant_id: int
    account: str


@dataclass(frozen=True, slots=True)
class _Notice:
    key: notices.Key
    account: str | None
    kind: str
    object_ref: str
    intent_ref: str | None
    owner: int | None
    is_live: bool


def receive(told: Mapping[str, Any], *, whose: Whose | None, now: datetime) -> bool:
    """Keep a notice whose signature was checked; False when it was told before."""

    def work(session: Session) -> bool:
        owner = (whose.tenant_id, whose.account) if whose else None
        is_new = notices.keep(session, told, owner=owner, now=now)
        if is_new:
            source = notices.source_of(owner)
            enqueue_for_nobody(session, WORK, notice_id=told["id"], source_id=source)
        return is_new

    return in_transaction(work)


def work_notice(
    provider_of: Callable[[int | None], Provider],
    town_of: Callable[[int], Town | None],
    key: notices.Key,
    *,
    everybody: Callable[[], Iterable[int]],
    now: datetime,
) -> str | None:
    """Do what a notice asks for and return what became of it; None: it was done before.

    Called for no municipality; whose it is, its account says, never it alone. What is about an
    account itself carries no mark, so `everybody` is asked whether it is theirs. Raises
    Unreachable, and then it is to be tried again.
    """
    found = in_transaction(lambda session: _begun(session, key))
    if found is None:
        return None
    state: str
    why: str | None
    try:
        if found.kind.startswith(ABOUT_ACCOUNTS) and found.owner is None:
            state, why = _about_account(provider_of, everybody(), found.account or "", now=now)
        else:
            state, why = _worked(provider_of, town_of, found, now=now)
    except Declined as error:  # asking again changes nothing
        state, why = "failed", error.code
    in_transaction(lambda session: notices.end(session, key, state, error=why, now=now))
    return state


def _about_account(
    provider_of: Callable[[int | None], Provider],
    tenants: Iterable[int],
    account: str,
    *,
    now: datetime,
) -> tuple[str, str | None]:
    """Ask again what an account may take, of everybody who uses it."""
    state: tuple[str, str | None] = ("unknown", "account")
    for tenant_id in tenants:
        with tenant_scope(tenant_id):
            if in_transaction(lambda session: bool(accounts.with_account(session, account))):
                recheck(provider_of(tenant_id), account, now=now)
                state = ("done", None)
    return state


def _begun(session: Session, key: notices.Key) -> _Notice | None:
    one: ProviderNotice | None = notices.begin(session, key)
    if one is None:
        return None
    return _Notice(
        key, one.account, one.kind, one.object_ref, one.intent_ref, one.owner, one.is_live
    )


def _worked(
    provider_of: Callable[[int | None], Provider],
    town_of: Callable[[int], Town | None],
    notice: _Notice,
    *,
    now: datetime,
) -> tuple[str, str | None]:
    owner = notice.owner or _owner(provider_of(None), notice)
    town = town_of(owner) if owner is not None else None
    if owner is None or town is None:
        return "unknown", "municipality"
    with tenant_scope(owner):
        provider = provider_of(owner)
        doors = in_transaction(lambda session: _doors(session, provider, notice.account or ""))
        if not doors:
            return "refused", "account"
        if all(accounts.is_live(door.key) != notice.is_live for door in doors):
            return "refused", "mode"
        return _done(provider, town, notice, now=now)


def _doors(session: Session, provider: Provider, account: str) -> list[Door]:
    """Return how an account is or was reached; none: it never was the municipality's."""
    key, secret = provider.gateway.key, provider.secret
    rows = accounts.with_account(session, account)
    return [accounts.door_of(one, platform_key=key, secret=secret) for one in rows]


def _owner(provider: Provider, notice: _Notice) -> int | None:
    """Ask the provider which municipality's mark the payment carries that a notice is about."""
    if notice.intent_ref is None or notice.account is None:
        return None
    try:
        door = Door(provider.gateway.key, notice.account)
        mark = provider.gateway.marks_of(door, notice.intent_ref).get("tenant", "")
    except Declined:
        return None
    return int(mark) if mark.isdecimal() else None


def _done(
    provider: Provider, town: Town, notice: _Notice, *, now: datetime
) -> tuple[str, str | None]:
    kind = notice.kind
    if kind.startswith(("checkout.session.", "payment_intent.")):
        attempt_id = in_transaction(lambda session: _attempt_of(session, notice))
        if attempt_id is None:
            return "unknown", "attempt"
        refresh(provider, town, attempt_id, now=now)
    elif kind.startswith("charge.dispute."):
        found = _dispute(provider, notice)
        if found is None:
            return "unknown", "dispute"
        in_transaction(lambda session: _disputed(session, notice, found, now=now))
    elif kind.startswith(("refund.", "charge.refund")):
        intent = notice.intent_ref
        if intent is None or not sync(provider, intent, now=now):
            return "unknown", "payment"
    elif kind.startswith(ABOUT_ACCOUNTS):
        recheck(provider, notice.account or "", now=now)
    return "done", None


def _attempt_of(session: Session, notice: _Notice) -> int | None:
    if notice.kind.startswith("payment_intent."):
        found = attempts.with_intent(session, notice.object_ref)
    else:
        found = attempts.with_session(session, notice.object_ref)
    return found.id if found and _is_of(session, found, notice) else None


def _is_of(session: Session, attempt: PaymentAttempt, notice: _Notice) -> bool:
    """Say whether an attempt goes to the account that a notice is about."""
    account = accounts.known(session, attempt.payee_account_id)
    return account is not None and account.account == notice.account


def _dispute(provider: Provider, notice: _Notice) -> Dispute | None:
    """Ask the provider for a dispute; None when it knows of none."""
    doors = in_transaction(lambda session: _doors(session, provider, notice.account or ""))
    for door in doors:
        try:
            return provider.gateway.dispute(door, notice.object_ref)
        except Declined:
            continue
    return None


def _disputed(session: Session, notice: _Notice, found: Dispute, *, now: datetime) -> None:
    """Tell staff, and until when it is to be answered; the booking stands until they decide."""
    attempt = attempts.with_intent(session, found.intent_ref)
    if attempt is None or not _is_of(session, attempt, notice):
        return
    bookings = [one.booking_id for one in attempts.parts_of(session, attempt.id)]
    about = f"dispute:{notice.object_ref}"
    ask_staff(
        session, "dispute", about, booking_id=bookings[0], yen=found.yen, due_at=found.due_by,
        facts={"dispute": notice.object_ref, "bookings": bookings}, now=now,
    )  # fmt: skip
    if found.due_by is not None:
        put_due(session, about, found.due_by)
