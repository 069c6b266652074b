"""Who is behind a session or a token, in the current municipality."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.session import current_tenant
from app.identity.models import Account, ApiToken, Resident, SignedIn, Staff
from app.identity.permissions import Role, Viewer


def viewer_of(session: Session, token_hash: str, *, now: datetime) -> Viewer | None:
    """Return who is signed in with this token, with their roles here; None when nobody is."""
    rows = session.execute(
        select(Account, Resident, Staff)
        .join(SignedIn, SignedIn.account_id == Account.id)
        .outerjoin(
            Resident,
            (Resident.account_id == Account.id) & (Resident.tenant_id == current_tenant()),
        )
        .outerjoin(Staff, (Staff.account_id == Account.id) & (Staff.tenant_id == current_tenant()))
        .where(SignedIn.token_hash == token_hash, SignedIn.expires_at > now)
        .order_by(Staff.id)
    ).all()
    if not rows:
        return None
    account, resident = rows[0].Account, rows[0].Resident
    staff = [row.Staff for row in rows if row.Staff is not None]
    return Viewer(
        account_id=account.id,
        email=account.email,
        roles=tuple(Role(one.role, one.facility_id) for one in staff),
        resident_id=resident.id if resident else None,
        applicant_class=resident.applicant_class if resident else None,
        name=resident.name if resident else "",
        kana=resident.kana if resident else "",
        phone=resident.phone if resident else "",
    )


def email_of(session: Session, account_id: int) -> str:
    """Return the address of an account."""
    found = session.scalar(select(Account.email).where(Account.id == account_id))
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


def token_with(session: Session, token_hash: str) -> ApiToken | None:
    """Return the program's token of the current municipality, unless it was revoked."""
    return session.scalar(
        select(ApiToken).where(
            ApiToken.tenant_id == current_tenant(),
            ApiToken.token_hash == token_hash,
            ApiToken.revoked_at.is_(None),
        )
    )
