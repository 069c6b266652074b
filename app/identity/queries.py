"""Who is behind a session or a token, in the current municipality."""

from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, select, text
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.identity.entitlements import Entitled, entitled_in
from app.identity.models import Account, ApiToken, Entitlement
from app.identity.permissions import Proved, Role, Viewer

STAFF_IDLE = timedelta(minutes=30)  # a desk that was left does not stay open

# As text, and rows instead of objects: this runs with every request of whoever is signed in.
_VIEWER = text(
    """
    select a.id as account_id, a.email,
           r.id as resident_id, r.applicant_class, r.name, r.kana, r.phone,
           f.role, f.facility_id, f.room_id, s.is_staff, s.seen_at, s.proved_at, m.name as staff,
           (select coalesce(
                     jsonb_agg(jsonb_build_array(e.waiver, e.facility_id, e.valid_from, e.valid_to)
                               order by e.id), '[]')
              from entitlement e
             where e.tenant_id = :tenant and e.account_id = a.id and e.ended_at is null) as rights
      from signed_in s
      join account a on a.id = s.account_id
      left join resident r on r.tenant_id = :tenant and r.account_id = a.id
      left join staff m on s.is_staff and m.tenant_id = :tenant and m.account_id = a.id
                       and m.ended_at is null
      left join staff_role f on f.tenant_id = m.tenant_id and f.staff_id = m.id
     where s.token_hash = :token and s.expires_at > :now
       and (not s.is_staff or s.seen_at > :idle_since)
     order by f.id
    """
)


def viewer_of(session: Session, token_hash: str, *, now: datetime) -> Viewer | None:
    """Return who is signed in with this token, with their roles here; None when nobody is."""
    told = {
        "tenant": current_tenant(),
        "token": token_hash,
        "now": now,
        "idle_since": now - STAFF_IDLE,
    }
    rows = session.execute(_VIEWER, told).all()
    if not rows:
        return None
    one = rows[0]
    return Viewer(
        account_id=one.account_id,
        email=one.email,
        roles=tuple(Role(x.role, x.facility_id, x.room_id) for x in rows if x.role is not None),
        staff=Proved(one.staff or "", one.seen_at, one.proved_at) if one.is_staff else None,
        proved_at=one.proved_at,
        resident_id=one.resident_id,
        applicant_class=one.applicant_class,
        name=one.name or "",
        kana=one.kana or "",
        phone=one.phone or "",
        entitlements=entitled_in(one.rights),
    )


def entitlements_of(session: Session, account_id: int) -> tuple[Entitled, ...]:
    """Return a person's rights to waivers in the current municipality that nobody ended."""
    rows = session.scalars(_granted(account_id).where(Entitlement.ended_at.is_(None)))
    return tuple(
        Entitled(one.waiver, one.facility_id, one.valid_from, one.valid_to) for one in rows
    )


def every_entitlement_of(session: Session, account_id: int) -> list[Entitlement]:
    """Return all rights that a person was ever granted, in that order."""
    return list(session.scalars(_granted(account_id)))


def _granted(account_id: int) -> Select[Entitlement]:
    return (
        select(Entitlement)
        .where(Entitlement.tenant_id == current_tenant(), Entitlement.account_id == account_id)
        .order_by(Entitlement.id)
    )


def account_of(session: Session, email: str) -> int | None:
    """Return the account of an address, or None when there is none."""
    return session.scalar(select(Account.id).where(Account.email == email))


_EMAIL = select(Account.email).where(Account.id == bindparam("account"))


def email_of(session: Session, account_id: int) -> str:
    """Return the address of an account."""
    found = session.scalar(_EMAIL, {"account": account_id})
    if found is None:
        raise LookupError(f"no account {account_id}")
    return found


def tokens(session: Session) -> list[ApiToken]:
    """Return the programs' tokens of the current municipality, revoked ones too, in order."""
    return list(
        session.scalars(
            select(ApiToken).where(ApiToken.tenant_id == current_tenant()).order_by(ApiToken.id)
        )
    )


_TOKEN = select(ApiToken).where(
    ApiToken.tenant_id == bindparam("tenant"),
    ApiToken.token_hash == bindparam("token"),
    ApiToken.revoked_at.is_(None),
)


def token_with(session: Session, token_hash: str) -> ApiToken | None:
    """Return the program's token of the current municipality, unless it was revoked."""
    return session.scalar(_TOKEN, {"tenant": current_tenant(), "token": token_hash})
