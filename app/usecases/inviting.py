"""An administrator invites somebody to work here; they accept with proofs of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.identity.permissions import Role
from app.identity.proofs import passkeys, passwords, recovery
from app.identity.proofs.models import Passkey, StaffProof
from app.identity.proofs.sealing import seal
from app.identity.service import account_with, open_session
from app.identity.staff import invitations, members
from app.identity.staff.members import read
from app.identity.staff.models import Invitation
from app.kernel.refusals import Refusal, Refused
from app.notify.service import promise
from app.usecases.staff_signing_in import ABSOLUTE, SEALED_FOR, Visit


@dataclass(frozen=True, slots=True)
class NewProofs:
    """What somebody chose to prove themselves with: one of both kinds, or both."""

    password: str = ""
    authenticator_secret: str = ""
    passkey: Passkey | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A session's token, and the recovery codes, which are shown this once."""

    token: str
    recovery_codes: Sequence[str]


def invite(
    *, email: str, name: str, roles: Sequence[Role], actor: Actor, now: datetime
) -> Invitation:
    """Invite somebody by letter; raises Refused when they work here already."""

    def work(session: Session) -> Invitation:
        if any(x.email == email and not x.ended_at for x in members.members(session)):
            raise Refused(Refusal("staff.works_here"))
        made = invitations.invite(
            session, email=email, name=name, roles=roles, by=actor.account_id, now=now
        )
        _tell(session, made, "staff.invited", actor, now=now)
        return made

    return in_transaction(work)


def invite_anew(staff_id: int, *, actor: Actor, now: datetime) -> Invitation:
    """Let a member set their proofs anew (lost telephone); what they had works until then."""

    def work(session: Session) -> Invitation:
        who = members.member(session, staff_id)
        if who is None or who.ended_at:
            raise Refused(Refusal("staff.unknown"))
        if who.account_id == actor.account_id:
            raise Refused(Refusal("staff.oneself"))
        made = invitations.invite(
            session, email=who.email, name=who.name, roles=who.roles, by=actor.account_id,
            is_anew=True, now=now,
        )  # fmt: skip
        _tell(session, made, "staff.proofs_anew", actor, now=now)
        return made

    return in_transaction(work)


def withdraw(invitation_id: int, *, actor: Actor, now: datetime) -> None:
    """Let an open invitation work no longer; asked twice it is done once."""

    def work(session: Session) -> None:
        found = {one.id: one for one in invitations.open_invitations(session, now=now)}
        if one := found.get(invitation_id):
            invitations.withdraw(session, one.email, now=now)
            _note(session, "staff.invitation_withdrawn", one.id, actor, {"email": one.email}, now)

    in_transaction(work)


def accept(invitation_id: int, key: str, proofs: NewProofs, visit: Visit) -> Accepted:
    """Accept with new proofs and be signed in; raises Refused when it can't be accepted.

    Who proves themselves to another municipality already does not get new proofs by letter:
    they accept with what they have (see accept_signed_in).
    """

    def work(session: Session) -> Accepted:
        one = _open(session, invitation_id, key, visit)
        account_id = account_with(session, one.email, now=visit.now)
        if has_proofs(session, account_id) and not one.is_anew:
            raise Refused(Refusal("staff.has_proofs"))
        _keep(session, account_id, proofs, visit)
        members.sign_out_everywhere(session, account_id)
        _accept(session, one, account_id, visit)
        codes = recovery.make_anew(session, account_id, secret=visit.secret)
        token = open_session(
            session, account_id, secret=visit.secret, now=visit.now, stays=ABSOLUTE, is_staff=True
        )
        return Accepted(token, codes)

    return in_transaction(work)


def accept_signed_in(
    invitation_id: int, key: str, account_id: int, email: str, visit: Visit
) -> None:
    """Accept with the session of staff that one has; raises Refused when it is somebody else's."""

    def work(session: Session) -> None:
        one = _open(session, invitation_id, key, visit)
        if one.email != email:
            raise Refused(Refusal("staff.invitation_of_another"))
        _accept(session, one, account_id, visit)

    in_transaction(work)


def has_proofs(session: Session, account_id: int) -> bool:
    """Say whether an account can prove itself as staff already, here or elsewhere."""
    kept = session.get(StaffProof, account_id)
    has_password = kept is not None and bool(kept.password_hash)
    return has_password or bool(passkeys.of_account(session, account_id))


def _open(session: Session, invitation_id: int, key: str, visit: Visit) -> Invitation:
    found = invitations.invitation_with(
        session, invitation_id, key, secret=visit.secret, now=visit.now, is_locked=True
    )
    if found is None:
        raise Refused(Refusal("staff.invitation_gone"))
    return found


def _accept(session: Session, one: Invitation, account_id: int, visit: Visit) -> None:
    """Let the invited work here; of a member who sets their proofs anew the roles stay theirs."""
    one.accepted_at = visit.now
    actor = Actor("staff", account_id=account_id, request_id=visit.request_id)
    if one.is_anew:
        _note(session, "staff.proofs_set", one.id, actor, {"email": one.email}, visit.now)
        return
    roles = [read(role) for role in one.roles]
    staff_id = members.employ(session, account_id, name=one.name, roles=roles, now=visit.now)
    facts = {"name": one.name, "roles": one.roles, "invited_by": one.invited_by}
    _note(session, "staff.joined", staff_id, actor, facts, visit.now)


def _keep(session: Session, account_id: int, proofs: NewProofs, visit: Visit) -> None:
    kept = session.get(StaffProof, account_id) or StaffProof(account_id=account_id, last_step=0)
    sealed = proofs.authenticator_secret
    kept.password_hash = passwords.hashed(proofs.password) if proofs.password else None
    kept.sealed_secret = seal(visit.secret, SEALED_FOR, sealed) if sealed else None
    kept.changed_at = visit.now
    session.add(kept)
    for old in passkeys.of_account(session, account_id):
        session.delete(old)
    if proofs.passkey is not None:
        proofs.passkey.account_id = account_id
        session.add(proofs.passkey)
    session.flush()


def _tell(session: Session, made: Invitation, action: str, actor: Actor, *, now: datetime) -> None:
    facts = {"email": made.email, "name": made.name, "roles": made.roles}
    _note(session, action, made.id, actor, facts, now)
    promise(session, "staff_invitation", subject_id=made.id, email=made.email, now=now)


def _note(
    session: Session, action: str, subject_id: int, actor: Actor, facts: Mapping[str, object],
    now: datetime,
) -> None:  # fmt: skip
    audit.note(session, actor, action, subject="staff", subject_id=subject_id, now=now, facts=facts)
