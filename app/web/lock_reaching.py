"""How pages reach locks, and the accounts at vendors that an address names."""

from flask import abort, current_app

from app.db import db
from app.locks.models import LockAccount
from app.locks.ports import BOX
from app.locks.queries import accounts
from app.usecases.lock_accounts import Locks


def locks() -> Locks:
    """Return how locks are reached."""
    return current_app.extensions["locks"]  # type: ignore[no-any-return]


def account_with(account_row: int) -> LockAccount:
    """Return an account that is in use, or a set of key boxes; aborts with 404."""
    found = (one for one in accounts(db.session()) if one.id == account_row)
    return next(found, None) or abort(404)


def remote(account_row: int) -> LockAccount:
    """Return an account at a vendor; of key boxes there is nobody to reach. Aborts with 404."""
    account = account_with(account_row)
    return account if account.provider != BOX else abort(404)
