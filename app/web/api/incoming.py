"""Reads what a program sends: JSON and nothing else, each mistake told by its place."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request, abort
from marshmallow import RAISE, Schema, ValidationError
from webargs import core
from webargs.flaskparser import FlaskParser, is_json_request

from app.web.api import problems


class Reader(FlaskParser):
    """webargs as strict as a contract: other kinds of bodies and unknown names are refused."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
        "json": RAISE,
    }

    def _raw_load_json(self, req: Request) -> Any:
        """Return the JSON of the body; no body at all is for the schema to judge."""
        if not req.get_data(cache=True):
            return core.missing
        if not is_json_request(req):
            abort(415)
        return parsed(req)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Answer 422 with every mistake."""
        found: Any = error.messages
        [(location, messages)] = found.items()
        abort(problems.of_shape(messages, in_query=location == "query"))


def parsed(req: Request) -> Any:
    """Return the JSON of a body; answers 400 for anything else.

    Besides bad syntax these are numbers of thousands of digits and lists nested without end.
    """
    try:
        return json.loads(req.get_data(cache=True))
    except (ValueError, RecursionError):
        abort(400)


def wrong(**messages: object) -> NoReturn:
    """Answer 422 for fields whose words are known only with the municipality at hand."""
    abort(problems.of_shape(messages))


def wrong_in_query(**messages: object) -> NoReturn:
    """Answer 422 for parameters of the query."""
    abort(problems.of_shape(messages, in_query=True))
