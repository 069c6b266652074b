"""A program at the API: every answer it gets is held against the OpenAPI document."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from flask import Flask
from jsonschema import Draft202012Validator
from sqlalchemy import event, text
from werkzeug.test import TestResponse

from app.db import db
from app.db.session import in_transaction, tenant_scope
from app.identity.service import make_token
from app.web.api.document import Document
from tests import builders

RIGHTS = "bookings:create bookings:read bookings:cancel"
LINE = {
    "facility": "chuo", "room": "room-1", "date": "2027-03-08", "from": "10:00", "to": "12:00",
}  # fmt: skip


class Program:
    """Calls the API of one municipality, with a token or without."""

    def __init__(self, app: Flask, slug: str = "midori", token: str | None = None) -> None:
        self.app = app
        self.client = app.test_client()
        self.root = f"/api/v1/{slug}"
        self.token = token

    def get(self, path: str, *, status: int = 200, **headers: str) -> TestResponse:
        """Read something; fails on another status or an answer that is not as documented."""
        return self.send("GET", path, status=status, **headers)

    def post(
        self, path: str, body: object = None, *, status: int = 201, key: str = "", **headers: str
    ) -> TestResponse:
        """Send JSON under a key of its own; fails on another status."""
        if path == "/bookings" or key:
            headers.setdefault("Idempotency-Key", key or str(uuid4()))
        data = None if body is None else json.dumps(body)
        return self.send("POST", path, status=status, data=data, **headers)

    def send(
        self, method: str, path: str, *, status: int, data: Any = None, **headers: str
    ) -> TestResponse:
        """Send anything."""
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if data is not None:
            headers.setdefault("Content-Type", "application/json")
        found = self.client.open(self.root + path, method=method, data=data, headers=headers)
        assert found.status_code == status, f"{found.status_code}: {found.text[:2000]}"
        check_documented(self.app, found)
        return found


def a_token(app: Flask, slug: str = "midori", rights: str = RIGHTS) -> str:
    """Make a token and return it."""
    with app.app_context(), tenant_scope(builders.tenant_id_of(slug)):
        secret = app.config["KAIKAN"].secret_key
        _, token = in_transaction(
            lambda session: make_token(
                session, name="試験", rights=rights, secret=secret, now=builders.MONDAY_9AM
            )
        )
    return token


def an_application(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return an application with which nothing is wrong; `email=` and the like go to the person."""
    applicant = {
        "name": "山田 花子", "kana": "ヤマダ ハナコ", "phone": "090-0000-0000",
        "email": "hanako@example.jp", "applicant_class": "resident",
    }  # fmt: skip
    person = {name: changes.pop(name) for name in list(changes) if name in applicant}
    return {
        "applicant": {**applicant, **person},
        "purpose": "meeting",
        "people": 10,
        "shown_name": "みどりの会",
        "lines": [{**LINE, **line} for line in lines or ({},)],
        **changes,
    }


def codes(response: TestResponse) -> list[str]:
    """Return the codes of the refusals in a problem."""
    return [no["code"] for no in response.get_json()["refusals"]]


def places(response: TestResponse) -> list[str]:
    """Return where a problem says that mistakes are."""
    errors = response.get_json()["errors"]
    return [one.get("pointer", one.get("parameter")) for one in errors]


def count(app: Flask, table: str, slug: str = "midori") -> int:
    """Return how many rows of a municipality a table has."""
    with app.app_context(), tenant_scope(builders.tenant_id_of(slug)):
        return int(db.session.scalar(text(f"select count(*) from {table}")) or 0)


def scalar(app: Flask, sql: str, slug: str = "midori") -> Any:
    """Return one value of a municipality's rows."""
    with app.app_context(), tenant_scope(builders.tenant_id_of(slug)):
        return db.session.scalar(text(sql))


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collect the SQL of what runs inside; municipalities are not read again meanwhile."""
    seen: list[str] = []
    app.extensions["municipalities"]._read_at = time.monotonic() + 3600

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(" ".join(statement.split()))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
        app.extensions["municipalities"]._read_at = 0


def document_of(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document."""
    if "openapi for tests" not in app.extensions:
        api: Document = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
        app.extensions["openapi for tests"] = json.loads(json.dumps(api.spec.to_dict()))
    return app.extensions["openapi for tests"]  # type: ignore[no-any-return]


def check_documented(app: Flask, response: TestResponse) -> None:
    """Fail when an answer is not what the document promises for its route and status."""
    assert "charset" not in response.headers.get("Content-Type", "")
    if response.status_code == 304:
        assert not response.data
        return
    document = document_of(app)
    content = _promised(document, response)
    assert response.mimetype in content, f"{response.mimetype} is not documented"
    schema = {**content[response.mimetype]["schema"], "components": document["components"]}
    errors = [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(response.get_json(force=True))
    ]
    assert not errors, f"not as documented: {errors[:3]}"
    if response.status_code >= 400:
        assert response.get_json(force=True)["status"] == response.status_code


def _promised(document: dict[str, Any], response: TestResponse) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    request = response.request
    with_rule = [
        operations[request.method.lower()]
        for path, operations in document["paths"].items()
        if _fits(path, request.path) and request.method.lower() in operations
    ]
    if not with_rule:
        return problem
    promised = with_rule[0]["responses"].get(str(response.status_code))
    if promised is None:
        assert response.status_code in (405, 500), f"{response.status_code} is not documented"
        return problem
    return resolved(document, promised)["content"]  # type: ignore[no-any-return]


def resolved(document: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference points at."""
    if "$ref" not in found:
        return found
    for part in found["$ref"].removeprefix("#/").split("/"):
        document = document[part]
    return document


def _fits(template: str, path: str) -> bool:
    wanted, asked = template.split("/"), path.split("/")
    return len(wanted) == len(asked) and all(
        one.startswith("{") or one == other for one, other in zip(wanted, asked, strict=True)
    )
