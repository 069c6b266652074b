"""Every route of the service with ids that are there, for tests that try all of them."""

import re
from collections.abc import Iterator, Mapping

from flask import Flask

SIGNS_OUT = "account.sign_out"  # ends the session that the others need
SAYS_HOW_IT_IS = "health.readyz"  # 503 is its word for "no worker", which tests have none of


def routes(app: Flask, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route, its arguments filled in from `given`."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint in ("static", SIGNS_OUT, SAYS_HOW_IT_IS):
            continue
        path = re.sub(r"<[^:]+:(\w+)>", lambda found: given.get(found[1], "x"), rule.rule)
        yield from ((method, path) for method in sorted((rule.methods or set()) & {"GET", "POST"}))
