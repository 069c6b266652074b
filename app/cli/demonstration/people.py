"""Who can sign in to the demonstration; every address ends in example.jp and gets no real mail."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ruamel.yaml import YAML
from sqlalchemy.orm import Session

from app.booking.service.application import Applicant
from app.db.audit import Actor
from app.db.session import in_transaction, tenant_scope
from app.facilities.catalogue import Catalogue
from app.identity import service
from app.identity.permissions import Role
from app.identity.proofs import passwords
from app.identity.proofs.models import StaffProof
from app.identity.proofs.sealing import seal
from app.identity.staff import members
from app.payments.models import CITY
from app.payments.online.accounts import CONNECT, Proposal, propose
from app.payments.online.ways import WAYS
from app.sims.authenticator import WORDS, secret_of
from app.usecases.online_accounts import approve
from app.usecases.staff_signing_in import SEALED_FOR

DEMO_ACCOUNT = "acct_demo"  # as the stand-in of `make run` knows it


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demonstration."""

    email: str
    role: str  # what is printed for the newcomer
    name: str
    kana: str
    applicant_class: str = "resident"


@dataclass(frozen=True, slots=True)
class Worker:
    """Staff of the demonstration; without a facility for the whole municipality."""

    email: str
    name: str
    roles: tuple[str, ...]
    shown: str  # what is printed for the newcomer
    facility: str | None = None


RESIDENTS = (
    Person("hanako@example.jp", "市内の利用者", "山田 花子", "ヤマダ ハナコ"),
    Person("circle@example.jp", "登録団体の代表", "鈴木 一郎", "スズキ イチロウ", "group"),
    Person("shigai@example.jp", "市外の利用者", "佐藤 恵", "サトウ メグミ", "outsider"),
    Person("tanaka@example.jp", "市内の利用者", "田中 和夫", "タナカ カズオ"),
    Person("kobayashi@example.jp", "市内の利用者", "小林 節子", "コバヤシ セツコ"),
    Person("taiso@example.jp", "登録団体の代表", "中村 勝", "ナカムラ マサル", "group"),
)
SHOWN = ("hanako@example.jp", "circle@example.jp")  # the others only fill the calendar


def workers_of(pack: Path) -> list[Worker]:
    """Return the staff that a shipped pack brings along for the demonstration."""
    file = pack / "demonstration.yaml"
    if not file.exists():
        return []
    told = YAML(typ="safe").load(file)["staff"]
    return [Worker(**{**one, "roles": tuple(one["roles"])}) for one in told]


def meet(catalogue: Catalogue, person: Person, *, now: datetime) -> Applicant:
    """Make a person known to the municipality and return them as an applicant."""
    known = catalogue.policy_on(now.date()).class_named(person.applicant_class)
    class_id = known.id if known else catalogue.policy_on(now.date()).default_class().id
    account_id = account(person.email, now=now)
    with tenant_scope(catalogue.tenant_id):
        in_transaction(
            lambda session: service.say_who(
                session,
                account_id,
                name=person.name,
                kana=person.kana,
                phone="090-0000-0000",
                applicant_class=class_id,
                now=now,
            )
        )
    return Applicant(account_id, class_id, person.name, person.kana, "090-0000-0000")


def employ(catalogue: Catalogue, worker: Worker, *, secret: str, now: datetime) -> None:
    """Give staff their roles, the demonstration's password and its authenticator app."""
    account_id = account(worker.email, now=now)
    hall = catalogue.facility_named(worker.facility) if worker.facility else None
    roles = [Role(one, hall.id if hall else None) for one in worker.roles]

    def work(session: Session) -> None:
        members.employ(session, account_id, name=worker.name, roles=roles, now=now)
        shared = secret_of(worker.email)
        session.merge(
            StaffProof(
                account_id=account_id,
                password_hash=passwords.hashed(WORDS),
                sealed_secret=seal(secret, SEALED_FOR, shared),
                last_step=0,
                changed_at=now,
            )
        )

    with tenant_scope(catalogue.tenant_id):
        in_transaction(work)


def open_accounts(catalogue: Catalogue, workers: list[Worker], *, now: datetime) -> None:
    """Let the fees of every payee be paid through the provider's stand-in.

    As in life, one of the staff proposed it and another agreed.
    """
    everywhere = [one for one in workers if one.facility is None]
    if len(everywhere) < 2:
        return
    first, second = (account(one.email, now=now) for one in everywhere[:2])
    named = catalogue.policy_on(now.date()).payees
    for payee in [one.id for one in named] or [CITY]:
        wanted = Proposal(
            payee, CONNECT, DEMO_ACCOUNT, "designated_agent", "お試しの告示", frozenset(WAYS)
        )

        def work(session: Session, wanted: Proposal = wanted) -> int:
            return propose(session, wanted, secret="", account_id=first, now=now).id

        with tenant_scope(catalogue.tenant_id):
            made = in_transaction(work)
            approve(made, actor=Actor("staff", second), now=now)


def account(email: str, *, now: datetime) -> int:
    """Return the account of an address."""
    with tenant_scope(None):
        return in_transaction(lambda session: service.account_with(session, email, now=now))
