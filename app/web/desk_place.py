"""The hall whose desk one works at: pages that are no hall's own lead back there.

Kept in the browser's session, because one goes from a hall's day through many pages; forgotten
where one looks at all halls, or works at the town hall.
"""

from flask import g, session, url_for

from app.facilities.catalogue import FacilityInfo
from app.web import context, halls
from app.web.words import _

KEPT = "desk"


def come_to(hall: FacilityInfo) -> None:
    """Remember that the viewer works at the desk of a hall."""
    _keep(hall.slug)


def leave() -> None:
    """Forget at which hall the viewer worked."""
    _keep(None)


def here() -> FacilityInfo | None:
    """Return the hall at whose desk the viewer works, if it is known and still theirs."""
    slug = session.get(KEPT, {}).get(g.municipality.slug)
    return next((one for one in halls.seen() if one.slug == slug), None) if slug else None


def back() -> tuple[str, str]:
    """Return where a page that is no hall's own leads back to, and in which words."""
    hall = here()
    if hall is None:
        return url_for("desk.home"), _("会館の受付に戻る")
    day = url_for("desk.day", facility=hall.slug, on=context.today())
    return day, _("%(hall)sの受付に戻る", hall=hall.name)


def _keep(slug: str | None) -> None:
    kept = session.get(KEPT, {})
    if kept.get(g.municipality.slug) != slug:
        session[KEPT] = {**kept, g.municipality.slug: slug}
