"""Every route says who may call it, has a readable path, and translates; nothing else."""

import ast
import re

import pytest
from flask import Blueprint, Flask

from app.identity.permissions import Permission
from app.web.access import OPEN_ENDPOINTS, SAFE_METHODS, Access, access, enforce_access
from tests.conventions.reading import APP, programs

ARGUMENT = re.compile(r"<([^>]+)>")


def test_every_route_declares_who_may_call_it(declared: Flask):
    silent = [
        name
        for name, view in declared.view_functions.items()
        if name not in OPEN_ENDPOINTS
        and not isinstance(getattr(view, "access", None), Access | Permission)
    ]

    assert silent == []


def test_an_application_with_a_silent_route_does_not_start():
    app, bp = Flask("silent"), Blueprint("bp", __name__)
    bp.get("/spoken")(access(Access.PUBLIC)(lambda: ""))
    bp.add_url_rule("/silent", "silent", lambda: "")
    app.register_blueprint(bp)

    with pytest.raises(RuntimeError, match=r"no @access on: bp\.silent"):
        enforce_access(app)


def test_paths_are_kebab_case_and_their_arguments_typed(declared: Flask):
    for rule in declared.url_map.iter_rules():
        fixed = ARGUMENT.sub("", rule.rule)
        assert re.fullmatch(r"[a-z0-9./-]*", fixed), f"write {rule.rule} in kebab-case"
        for argument in ARGUMENT.findall(rule.rule):
            assert ":" in argument, f"give <{argument}> of {rule.rule} a type"


def test_two_endpoints_never_share_a_path(declared: Flask):
    seen: dict[tuple[str, str], str] = {}
    for rule in declared.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            key = (method, ARGUMENT.sub("<>", rule.rule))
            assert seen.setdefault(key, rule.endpoint) == rule.endpoint, key


def test_what_changes_something_is_never_asked_for_with_get(declared: Flask):
    """A route that answers GET and POST alike would change things when a link is followed."""
    for rule in declared.url_map.iter_rules():
        if rule.endpoint not in OPEN_ENDPOINTS:
            both = rule.methods & SAFE_METHODS - {"OPTIONS"} and rule.methods & {"POST", "DELETE"}
            assert not both, f"{rule.rule} answers both GET and POST"


def test_pages_of_staff_are_under_desk_and_office_and_only_there(declared: Flask):
    for rule in declared.url_map.iter_rules():
        part = rule.rule.split("/")[2] if rule.rule.count("/") > 1 else ""
        view_access = getattr(declared.view_functions[rule.endpoint], "access", None)
        assert (part in ("desk", "office")) == isinstance(view_access, Permission), rule.rule
        assert part == "staff" or view_access is not Access.STAFF, rule.rule


def test_what_leaves_with_many_names_or_gives_rights_asks_for_a_recent_proof(declared: Flask):
    for rule in declared.url_map.iter_rules():
        view = declared.view_functions[rule.endpoint]
        changes_staff = "/office/staff" in rule.rule and rule.rule.count("/") > 3
        if rule.rule.endswith(("/csv", "/excel")) or changes_staff:
            is_harmless = rule.endpoint in ("office_staff.roles", "office_staff.withdraw")
            assert is_harmless or view.recent, rule.rule


def test_programs_call_the_api_and_only_the_api(declared: Flask):
    for rule in declared.url_map.iter_rules():
        view_access = getattr(declared.view_functions[rule.endpoint], "access", None)
        if view_access is Access.PROGRAM:
            assert rule.rule.startswith("/api/v1/"), rule.rule


def test_pages_write_nothing_themselves():
    """Whoever changes something is a use case; pages only look, and roll back."""
    writes = {"commit", "flush", "add", "add_all", "merge", "delete"}
    found = [
        f"{program.name}:{node.lineno}"
        for program in programs()
        if APP / "web" in program.path.parents
        for node in ast.walk(program.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in writes
        and ast.unparse(node.func.value).startswith(("db.session", "session()"))
    ]

    assert found == []


def test_pages_make_no_statements_that_change_rows():
    found = [
        f"{program.name}: {line.strip()}"
        for program in programs()
        if APP / "web" in program.path.parents
        for line in program.text.splitlines()
        if re.search(r"from sqlalchemy\S* import .*\b(insert|update|delete)\b", line)
    ]

    assert found == []
