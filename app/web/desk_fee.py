"""A clerk decides a fee that the published rule leaves open: what the rule says, how, and why."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import Form

from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.reports.bookings import BookingView, LineView
from app.usecases.settling import MOST_YEN, Decision, settle
from app.web import context, formats, staff_words
from app.web.access import access
from app.web.desk_booking import SETTLED, may_settle, seen, to_booking
from app.web.forms import Lines, Number, Pick
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("desk_fee", __name__)
bp.context_processor(staff_words.in_templates)

OWN = "own"  # a sum that no reading gives


class FeeForm(Form):  # type: ignore[misc]
    """How a fee is decided."""

    reading = Pick(
        _l("料金をどう決めますか"), choices=[], missing=_l("料金の決め方をえらんでください。")
    )
    yen = Number(
        _l("金額（自分で決めるときだけ）"),
        missing=None,
        least=0,
        greatest=MOST_YEN,
        unit=_l("円"),
    )
    reason = Lines(
        _l("理由"),
        missing=_l("理由を入力してください。あとで監査の人が読みます。"),
        description=_l("だれに確かめたか、何をもとに決めたかを書いてください。記録に残ります。"),
    )

    def offer(self, line: LineView) -> None:
        """Offer the readings of the rule that is open, then a sum of one's own."""
        kept = line.quote or {}
        readings = [(one["name"], _named(one)) for one in kept.get("readings", ())]
        choices = [*readings, (OWN, _("金額を自分で決める"))]
        self.reading.choices = choices
        self.reading.allowed = {value for value, _name in choices}
        if not readings and not self.reading.data:
            self.reading.data = OWN

    def validate_yen(self, field: Number) -> None:
        """Ask for the sum of those who decide it themselves."""
        if self.reading.data == OWN and field.number is None:
            field.errors = [*field.errors, _("金額を入力してください。")]

    def decision(self) -> Decision:
        """Return what was decided."""
        if self.reading.data == OWN:
            return Decision(self.reason.data, yen=self.yen.number)
        return Decision(self.reason.data, reading=self.reading.data)


@bp.get("/bookings/<string:number>/fee")
@access(Permission.SETTLE_FEE)
def ask(number: str) -> ResponseReturnValue:
    """Show the first use whose fee is open, with the readings and what each would cost."""
    view = _mine(number)
    line = _first_open(view)
    if line is None:
        return to_booking(view, "")
    form = FeeForm()
    form.offer(line)
    return _page(view, line, form)


@bp.post("/bookings/<string:number>/fee")
@access(Permission.SETTLE_FEE)
def decide(number: str) -> ResponseReturnValue:
    """Decide the fee of a use; then comes the next open one, or the booking again."""
    view = _mine(number)
    asked = request.form.get("line", "")
    line = next((one for one in view.standing if str(one.line_id) == asked), None)
    if line is None:
        abort(404)
    form = FeeForm(request.form)
    form.offer(line)
    if not form.validate() or form.yen.errors:
        return _page(view, line, form, status=422)
    try:
        settle(
            context.catalogue(),
            view.booking.id,
            line.line_id,
            form.decision(),
            actor=context.actor("staff"),
            now=context.now(),
        )
    except Refused as no:
        return _page(view, line, form, status=409, refused=sentences(no.refusals))
    after = seen(number)
    return to_booking(after, SETTLED) if _first_open(after) is None else ask(number)


def _mine(number: str) -> BookingView:
    view = seen(number)
    if not may_settle(view):
        abort(403)
    return view


def _first_open(view: BookingView) -> LineView | None:
    open_ones = [one for one in view.standing if one.quote and "because" in one.quote]
    return open_ones[0] if view.is_open and open_ones else None


def _named(reading: dict[str, int | None]) -> str:
    yen = reading["yen"]
    return f"{reading['name']}：{formats.yen(yen) if yen is not None else _('決まっていません')}"


def _page(
    view: BookingView,
    line: LineView,
    form: Form,
    *,
    status: int = 200,
    refused: list[str] | None = None,
) -> ResponseReturnValue:
    open_ones = [one for one in view.standing if one.quote and "because" in one.quote]
    return page(
        "desk/fee.html",
        status=status,
        view=view,
        line=line,
        form=form,
        left=len(open_ones),
        refused=refused or [],
    )
