"""The OpenAPI document is valid, complete and true."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from app.web.access import Access, access
from app.web.api import examples
from app.web.api.document import Blueprint, Operation
from app.web.api.schemas import FacilitySchema
from tests.api.calling import Program, check_documented, document_of, resolved

# The schema of OpenAPI 3.1 as the OpenAPI Initiative publishes it (Apache License 2.0).
OPENAPI = json.loads((Path(__file__).parent / "openapi_3_1_schema.json").read_text())
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
ENGLISH = re.compile(r"[A-Za-z]{3}")


@pytest.fixture
def served(_app: Flask) -> Flask:
    return _app  # without a database: the document needs none


@pytest.fixture
def document(served: Flask) -> dict[str, Any]:
    return document_of(served)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


def references(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_it_is_served_to_everybody_and_may_be_kept(served):
    first = served.test_client().get("/api/v1/openapi.json")
    again = served.test_client().get(
        "/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert first.status_code == 200
    assert first.get_json()["openapi"] == "3.1.0"
    assert again.status_code == 304


def test_it_is_valid_openapi(document):
    errors = [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(OPENAPI).iter_errors(document)
    ]

    assert errors == []


def test_every_schema_in_it_is_valid(document):
    for name, schema in document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object", name


def test_every_reference_leads_somewhere(document):
    for found in references(document):
        assert resolved(document, found)


def test_every_route_is_in_it(served, document):
    routes = {
        (re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule), method.lower())
        for rule in served.url_map.iter_rules()
        if rule.rule.startswith("/api/") and not rule.rule.endswith("openapi.json")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert routes == {(path, method) for path, method, _ in operations(document)}


def test_operations_are_named_once_and_told_in_both_languages(document):
    found = list(operations(document))

    assert len({operation["operationId"] for _, _, operation in found}) == len(found)
    for path, _, operation in found:
        for said in (operation["summary"], operation["description"]):
            assert JAPANESE.search(said), path
            assert ENGLISH.search(said), path


def test_every_part_of_a_path_is_described(document):
    for path, item in document["paths"].items():
        described = {one["name"] for one in item.get("parameters", []) if one.get("in") == "path"}
        assert described == set(re.findall(r"{([^}]+)}", path))


def test_every_operation_tells_what_can_go_wrong(document):
    for path, method, operation in operations(document):
        told = set(operation["responses"])
        assert "404" in told, path
        assert "default" in told, path
        if "security" in operation:
            assert {"401", "403", "503"} <= told, path
        if method == "post":
            assert {"400", "409", "413", "415", "422"} <= told, path


def test_problems_are_problem_documents(document):
    for name, response in document["components"]["responses"].items():
        if name != "NOT_MODIFIED":
            assert list(response["content"]) == ["application/problem+json"], name


def test_what_programs_do_needs_a_token_with_a_right_and_nothing_else_does(document):
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for path, _, operation in operations(document):
        if "/bookings" in path:
            [[right]] = [next(iter(one.values())) for one in operation["security"]]
            assert right.startswith("bookings:")
        else:
            assert "security" not in operation


def test_examples_are_as_the_schemas_say(document):
    checked = 0
    for _, _, operation in operations(document):
        contents = [operation["requestBody"]["content"]] if "requestBody" in operation else []
        contents += [
            resolved(document, one).get("content", {}) for one in operation["responses"].values()
        ]
        for content in contents:
            for media in content.values():
                if "example" in media:
                    schema = {**media["schema"], "components": document["components"]}
                    Draft202012Validator(schema).validate(media["example"])
                    checked += 1
    assert checked >= 9


def test_the_example_application_is_taken(program, document):
    [asked] = document["paths"]["/api/v1/{municipality}/bookings"]["post"]["requestBody"][
        "content"
    ].values()

    assert program.post("/bookings", asked["example"]).get_json()["state"] == "provisional"


def test_nothing_of_other_sites_is_served(served):
    pages = [str(rule) for rule in served.url_map.iter_rules() if "api-docs" in rule.endpoint]

    assert pages == ["/api/v1/openapi.json"]


def test_every_route_says_who_may_call_it(served):
    for name, view in served.view_functions.items():
        if name.startswith("api-bookings."):
            assert view.access is Access.PROGRAM
            assert view.right
        elif name.startswith("api-"):
            assert view.access is Access.PUBLIC


def test_a_route_of_programs_without_a_right_does_not_start():
    about = Operation("x", "s", "d", FacilitySchema, examples.FACILITY)

    with pytest.raises(RuntimeError, match="names the right"):
        Blueprint("some", __name__).operation("/some", about)(access(Access.PROGRAM)(lambda: None))


def test_other_programs_are_checked_against_it_too(anybody: Program):
    answer = anybody.get("/facilities")

    answer.set_data(json.dumps({"municipality": {}, "facilities": []}))
    with pytest.raises(AssertionError, match="not as documented"):
        check_documented(anybody.app, answer)
