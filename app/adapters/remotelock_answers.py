"""What RemoteLOCK's answers mean, whatever was asked; a body is never logged."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import requests

from app.locks.ports import (
    LockAuth,
    LockConflict,
    LockError,
    LockInvalid,
    LockNotFound,
    LockOffline,
    LockRateLimited,
    LockTransient,
)

TYPES: Final[Mapping[int, type[LockError]]] = {
    404: LockNotFound, 409: LockConflict, 410: LockNotFound, 423: LockOffline,
}  # fmt: skip


def read(answer: requests.Response) -> dict[str, Any]:
    """Return what was answered; raises LockError when it is a no."""
    if answer.status_code < 300:
        return json_of(answer)
    if answer.status_code in (401, 403):
        raise LockAuth(f"http_{answer.status_code}")
    if answer.status_code == 429:
        raise LockRateLimited(_rest(answer))
    if answer.status_code == 422:
        raise _invalid(json_of(answer))
    if answer.status_code == 409:
        raise LockConflict("duplicate")
    raise TYPES.get(answer.status_code, _other(answer))(f"http_{answer.status_code}")


def _other(answer: requests.Response) -> type[LockError]:
    return LockInvalid if 400 <= answer.status_code < 500 else LockTransient


def _invalid(told: Mapping[str, Any]) -> LockError:
    """Return which attribute was refused: a number that is taken is a conflict, not a mistake."""
    errors = told.get("errors") or []
    names = sorted({str(one.get("attribute", "")) for one in errors if isinstance(one, dict)})
    if names == ["pin"]:
        return LockConflict("pin_taken")
    return LockInvalid("422_" + "_".join(name for name in names if name.isidentifier()))


def _rest(answer: requests.Response) -> timedelta:
    told = answer.headers.get("Retry-After") or ""
    return timedelta(seconds=min(int(told), 3600) if told.isdecimal() else 60)


def json_of(answer: requests.Response) -> dict[str, Any]:
    """Return the object that an answer holds; raises LockTransient when it is none."""
    if answer.status_code == 204 or not answer.content:
        return {}
    try:
        told = answer.json()
    except ValueError as error:
        raise LockTransient("no_json") from error
    if not isinstance(told, dict):
        raise LockTransient("no_json")
    return told
