"""Who is behind a session or a token, in the current municipality."""

from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.identity.models import Account, ApiToken
from app.identity.permissions import Role, Viewer

# As text, and rows instead of objects: this runs with every request of whoever is signed in.
_VIEWER = text(
    """
    select a.id, a.email, r.id, r.applicant_class, r.name, r.kana, r.phone,
           f.role, f.facility_id
      from signed_in s
      join account a on a.id = s.account_id
      left join resident r on r.tenant_id = :tenant and r.account_id = a.id
      left join staff f on f.tenant_id = :tenant and f.account_id = a.id
     where s.token_hash = :token and s.expires_at > :now
     order by f.id
    """
)


def viewer_of(session: Session, token_hash: str, *, now: datetime) -> Viewer | None:
    """Return who is signed in with this token, with their roles here; None when nobody is."""
    told = {"tenant": current_tenant(), "token": token_hash, "now": now}
    rows = session.execute(_VIEWER, told).all()
    if not rows:
        return None
    account_id, email, resident_id, applicant_class, name, kana, phone, _, _ = rows[0]
    return Viewer(
        account_id=account_id,
        email=email,
        roles=tuple(Role(row.role, row.facility_id) for row in rows if row.role is not None),
        resident_id=resident_id,
        applicant_class=applicant_class,
        name=name or "",
        kana=kana or "",
        phone=phone or "",
    )


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
