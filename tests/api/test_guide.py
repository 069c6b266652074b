"""docs/api.md says all of the API, and no more than there is."""

import re
from pathlib import Path

from app.identity.rights import Right
from app.web.sentences import SENTENCES
from tests.api.calling import document_of

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "api.md").read_text()
# Refusals of applications and cancellations; those of signing in and of the desk are not told.
TOLD = ("applicant.", "cancel.", "day.", "quota.", "reception.", "room.", "slot.")


def test_every_call_is_in_it(_app):  # noqa: PT019 - a database is not needed
    for path in document_of(_app)["paths"]:
        assert path in GUIDE, f"say in docs/api.md what {path} is for"


def test_every_kind_of_problem_is_in_it():
    source = "".join(path.read_text() for path in (ROOT / "app" / "web" / "api").glob("*.py"))
    kinds = set(re.findall(r'kind="([a-z-]+)"', source)) | {"token", "right"}

    assert kinds == set(re.findall(r"urn:kaikan:problem:([a-z-]+)", GUIDE))


def test_every_reason_is_in_it():
    for code in SENTENCES:
        if code.startswith(TOLD):
            assert f"`{code}`" in GUIDE, f"say in docs/api.md, chapter 3, what {code} means"


def test_every_right_is_in_it():
    for right in Right:
        assert f"`{right}`" in GUIDE
