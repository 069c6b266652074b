"""The office of a municipality (市の事務): bookings, letters that did not arrive, audit."""

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.permissions import Permission
from app.kernel.text_ja import digits
from app.reports.history import Asked, audit_page
from app.reports.letters import failed_jobs, undelivered
from app.reports.lines import page_of_lines, totals
from app.web import context, desk_place, office_filters, staff_words
from app.web.access import access
from app.web.office_audit import AuditFilters
from app.web.rendering import page
from app.web.staff_forms import page_number

bp = Blueprint("office", __name__)
bp.context_processor(staff_words.in_templates)

ROWS = 50  # of a page


@bp.get("/bookings")
@access(Permission.OFFICE)
def bookings() -> ResponseReturnValue:
    """Show the bookings of a period line by line, with their totals."""
    form = office_filters.read()
    if not form.validate():
        return unread(form)
    number = page_number(request.args.get("page", "1"))
    session = db.session()
    desk_place.leave()  # whoever comes to a booking from here is at the town hall
    sums = totals(session, form.filters)
    pages = max(1, -(-sums.lines // ROWS))
    if number is None or number > pages:
        return page("office/bookings.html", status=404, **_values(form, pages=pages))
    skipped = (number - 1) * ROWS
    rows = page_of_lines(session, form.filters, form.order, limit=ROWS, offset=skipped)
    values = _values(form, pages=pages, number=number, sums=sums, rows=rows)
    return page("office/bookings.html", **values)


@bp.get("/letters")
@access(Permission.OFFICE)
def letters() -> ResponseReturnValue:
    """Show the letters that did not arrive, with whom to call, and how many jobs were given up."""
    session = db.session()
    return page("office/letters.html", letters=undelivered(session), failed=failed_jobs(session))


@bp.get("/audit")
@access(Permission.AUDIT)
def audit() -> ResponseReturnValue:
    """Show who did what when, the newest first."""
    form = AuditFilters(formdata=request.args)
    before = page_number(request.args.get("before", ""))
    if not form.validate() or (before is None and request.args.get("before")):
        return page("office/audit.html", status=422, form=form, events=[], older=None)
    asked = Asked(
        g.municipality.zone, form.from_.day, form.to.day, digits(form.number.data or ""), before,
        who=form.somebody, action=form.deed.data or "",
    )  # fmt: skip
    events = audit_page(db.session(), asked, limit=ROWS + 1)
    kept = {field.name: field.data for field in form if field.data}
    older = None
    if len(events) > ROWS:
        older = url_for(".audit", **kept, before=events[ROWS - 1].entry_id)
    return page("office/audit.html", form=form, events=events[:ROWS], older=older)


def unread(form: office_filters.BookingFilters, *problems: str) -> ResponseReturnValue:
    """Show what is wrong with the filters, and the filters as they were typed."""
    return page("office/bookings.html", status=422, **_values(form, problems=problems))


def _values(form: office_filters.BookingFilters, **found: Any) -> dict[str, Any]:
    """Return the values of the page of bookings; what was not found is not there."""
    policy = context.policy()
    return {
        "form": form,
        "problems": (),
        "rows": [],
        "sums": None,
        "pages": 0,
        "number": 0,
        "size": ROWS,
        "kept": lambda **changes: office_filters.in_address(form, **changes),
        "classes": {one.id: one.name for one in policy.applicant_classes},
        **found,
    }
