"""Which editions of a rule must be published so that every day reads as the pack says."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from app.packs.format import Edition, document_of
from app.tenants.policy import Document


def unpublished(
    published: Mapping[date, dict[str, Any]], editions: Sequence[Edition], model: type[Document]
) -> list[tuple[date, dict[str, Any]]]:
    """Return the dated documents that are still to be published; none when all is as it should be.

    Published versions are never changed or withdrawn. Where the pack no longer has an edition,
    the document that it has for that day is published over it. What held before the pack's
    first edition is history and stays.
    """
    first = editions[0].effective_from
    days = {day for day in published if day >= first} | {one.effective_from for one in editions}
    found = []
    for day in sorted(days):
        wanted = document_of([one for one in editions if one.effective_from <= day][-1])
        if day not in published or normal(published[day], model) != wanted:
            found.append((day, wanted))
    return found


def normal(document: dict[str, Any], model: type[Document]) -> dict[str, Any] | None:
    """Return a kept document as it would be kept today: fields that are new have their defaults."""
    try:
        return model.model_validate(document).model_dump(mode="json", by_alias=True)
    except ValidationError:
        return None  # kept before the format changed; the pack's is published anew
