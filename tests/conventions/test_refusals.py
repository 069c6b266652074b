"""Every "no" has a sentence that says what to do, and every sentence a "no" that needs it."""

import ast
import re
from datetime import UTC, date, datetime

from flask import Flask

from app.booking.rules.availability import _BLOCKED
from app.kernel.refusals import Refusal
from app.web.sentences import SENTENCES, sentence
from tests.conventions.reading import calls, programs, strings

NAMES = re.compile(r"%\((\w+)\)s")
CODE = re.compile(r"[a-z_]+(\.[a-z_]+)?")


def codes_of(call: ast.Call) -> set[str]:
    """Return the codes that a call of Refusal may have; one that is worked out has none here."""
    first = call.args[0]
    if isinstance(first, ast.Constant):
        return {first.value}
    if isinstance(first, ast.IfExp):
        return {one.value for one in (first.body, first.orelse) if isinstance(one, ast.Constant)}
    return set()


def refusals() -> dict[str, list[tuple[str, set[str] | None]]]:
    """Return, by code, where it is refused and with which facts (None: worked out elsewhere)."""
    found: dict[str, list[tuple[str, set[str] | None]]] = {}
    for program, call in calls("Refusal"):
        given = call.args[1] if len(call.args) > 1 else None
        facts: set[str] | None = set()
        if isinstance(given, ast.Dict):
            facts = {key.value for key in given.keys if isinstance(key, ast.Constant)}
        elif given is not None:
            facts = None
        for code in codes_of(call):
            found.setdefault(code, []).append((f"{program.name}:{call.lineno}", facts))
    for _, code in _BLOCKED.values():
        found.setdefault(code, []).append(("app/booking/rules/availability.py", set()))
    return found


def test_every_refusal_has_a_sentence():
    silent = {code: places for code, places in refusals().items() if code not in SENTENCES}

    assert silent == {}, "write a sentence for it in app/web/sentences.py"


def test_every_sentence_has_a_refusal():
    refused = set(refusals())
    for program in programs():
        if program.name != "app/web/sentences.py":
            refused |= strings(program.tree) & set(SENTENCES)

    assert set(SENTENCES) - refused == set(), "nobody refuses with it any more"


def test_a_sentence_uses_only_facts_that_every_refusal_gives():
    missing = [
        f"{place}: {code} without {used - given}"
        for code, places in refusals().items()
        for used in [set(NAMES.findall(str(SENTENCES.get(code, ""))))]
        for place, given in places
        if given is not None and not used <= given
    ]

    assert missing == []


def test_codes_are_words_with_a_subject():
    for code in SENTENCES:
        assert CODE.fullmatch(code), code


def test_a_sentence_is_polite_short_and_says_one_thing(declared: Flask):
    facts = {
        "most": 60, "until": datetime(2027, 3, 8, 1, tzinfo=UTC), "phone": "00-0000-0000",
        "name": "毎週火曜日", "yen": 1200, "because": "営利の料金は市に確かめます。", "owed": 800,
        "given": 700, "limit": 2, "opens_at": datetime(2027, 3, 8, tzinfo=UTC),
        "afterwards": "会館にお電話ください。", "room": "第1会議室", "capacity": 12, "least": 5,
        "minutes": 120, "left": 0, "on": date(2027, 3, 8), "numbers": "4827-1063、1103-5527",
    }  # fmt: skip
    with declared.test_request_context("/"):
        for code in SENTENCES:
            said = sentence(Refusal(code, facts))
            assert "%(" not in said, code
            for one in filter(None, re.split(r"(?<=。)", said)):
                assert len(one.strip()) <= 50, f"{code}: {one}"
