"""What numbered papers rest on: lines as facts, and a draft of words and facts together."""

from collections.abc import Sequence
from typing import Any

from app.issued.service import Draft
from app.papers.documents import Numbered, kept
from app.web.booked import BookedLine
from app.web.outcomes import UseAt


def uses_in(lines: Sequence[BookedLine]) -> list[UseAt]:
    """Return the uses of lines, as far as their hall is still listed."""
    return [use for use in (one.use for one in lines) if use]


def facts_of_line(one: BookedLine) -> list[Any]:
    """Return what a paper says of a line, as facts."""
    line = one.line
    times = [line.starts_at.timestamp(), line.ends_at.timestamp()]
    return [line.id, line.room_id, *times, line.extras or {}, line.items]


def drafted(payee: str, facts: dict[str, Any], document: Numbered) -> Draft:
    """Return a paper as it would be issued now."""
    return Draft(document.kind, payee, facts, kept(document))
