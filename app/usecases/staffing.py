"""Administrators change who works here and with which roles; nobody changes their own."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.identity.permissions import Role
from app.identity.proofs import passkeys, recovery
from app.identity.proofs.models import Passkey, StaffProof
from app.identity.staff import invitations, members
from app.identity.staff.members import Member, told
from app.identity.staff.models import Staff
from app.kernel.refusals import Refusal, Refused

Change = Callable[[Session, Member], dict[str, object]]  # returns what it made of the member


def set_roles(
    staff_id: int, *, name: str, roles: Sequence[Role], actor: Actor, now: datetime
) -> None:
    """Let a member have exactly these roles and this name; raises Refused."""

    def change(session: Session, who: Member) -> dict[str, object]:
        session.get_one(Staff, (current_tenant(), who.staff_id)).name = name
        members.give(session, who.staff_id, roles)
        return {"name": name, "roles": [told(one) for one in roles]}

    _change(staff_id, "staff.roles_set", change, actor=actor, now=now)


def end(staff_id: int, *, actor: Actor, now: datetime) -> None:
    """Let a member work here no longer; they are signed out at once. Raises Refused."""

    def change(session: Session, who: Member) -> dict[str, object]:
        members.end(session, who, now=now)
        invitations.withdraw(session, who.email, now=now)
        return {"roles": []}

    _change(staff_id, "staff.ended", change, actor=actor, now=now)


def add_passkey(account_id: int, made: Passkey, *, actor: Actor, now: datetime) -> None:
    """Keep one more passkey of the person who is signed in; raises Refused beyond ten."""

    def work(session: Session) -> None:
        if len(passkeys.of_account(session, account_id)) >= passkeys.MOST:
            raise Refused(Refusal("passkey.too_many"))
        made.account_id = account_id
        session.add(made)
        session.flush()
        _note_own(session, "passkey.added", account_id, {"name": made.name}, actor, now=now)

    in_transaction(work)


def remove_passkey(account_id: int, passkey_id: int, *, actor: Actor, now: datetime) -> None:
    """Take away one's own passkey; raises Refused when nothing else would be left."""

    def work(session: Session) -> None:
        own = passkeys.of_account(session, account_id)
        kept = session.get(StaffProof, account_id)
        has_password = kept is not None and kept.password_hash is not None
        if len(own) < 2 and not has_password:
            raise Refused(Refusal("passkey.last"))
        passkeys.remove(session, account_id, passkey_id)
        _note_own(session, "passkey.removed", account_id, {"id": passkey_id}, actor, now=now)

    in_transaction(work)


def new_recovery_codes(account_id: int, *, secret: str, actor: Actor, now: datetime) -> list[str]:
    """Return new codes on paper for the person who is signed in; the old ones end."""

    def work(session: Session) -> list[str]:
        codes = recovery.make_anew(session, account_id, secret=secret)
        _note_own(session, "recovery_codes.made", account_id, {}, actor, now=now)
        return codes

    return in_transaction(work)


def _change(staff_id: int, action: str, change: Change, *, actor: Actor, now: datetime) -> None:
    """Change a member with the audit of before and after, so that somebody stays in charge."""

    def work(session: Session) -> None:
        members.lock_all(session)
        who = members.member(session, staff_id)
        if who is None or who.ended_at:
            raise Refused(Refusal("staff.unknown"))
        if who.account_id == actor.account_id:
            raise Refused(Refusal("staff.oneself"))
        before = {"name": who.name, "roles": [told(one) for one in who.roles]}
        after = change(session, who)
        if not members.is_administered(members.members(session)):
            raise Refused(Refusal("staff.last_administrator"))
        audit.note(
            session, actor, action, subject="staff", subject_id=staff_id, now=now,
            facts={"before": before, "after": {**before, **after}},
        )  # fmt: skip

    in_transaction(work)


def _note_own(
    session: Session,
    action: str,
    account_id: int,
    facts: dict[str, object],
    actor: Actor,
    *,
    now: datetime,
) -> None:
    audit.note(
        session, actor, action, subject="account", subject_id=account_id, now=now, facts=facts
    )
