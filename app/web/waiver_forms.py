"""The forms of a request for a waiver: which, why, and the papers for it."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import FileField, Form

from app.fees.waivers import MOST_BYTES
from app.kernel import text_ja
from app.usecases.waiving import Paper
from app.web import formats
from app.web.forms import Lines, Pick
from app.web.waiver_offers import WaiverOffer
from app.web.words import _

NONE = "none"  # asks for no waiver
ROOM_FOR_WORDS = 256 * 1024  # beside the paper
PAPER_HINT = _l("PDFか写真（JPEG・PNG）を、1つ5MBまで送れます。あとから送ることもできます。")


class ReplyForm(Form):  # type: ignore[misc]
    """What the applicant answers to what staff asked back."""

    words = Lines(_l("返事"), missing=_l("返事を入力してください。"))


class PaperForm(Form):  # type: ignore[misc]
    """One document."""

    paper = FileField(_l("書類"), description=PAPER_HINT)


def waiver_form(offers: Sequence[WaiverOffer], *, may_be_none: bool = False) -> type[Form]:
    """Return a form with these waivers; `may_be_none` lets a person ask for none after all."""
    choices = [(one.id, _choice(one)) for one in offers]
    if may_be_none:
        choices.insert(0, (NONE, _("減免を申請しない")))
    fields: dict[str, Any] = {
        "waiver": Pick(
            _("どの減免を申請しますか"), choices=choices, missing=_("減免をえらんでください。")
        ),
        "reason": Lines(
            _("申請の理由"),
            missing=None if may_be_none else _("理由を入力してください。"),
            description=_("会の名前や、何のための利用かを書いてください。"),
        ),
    }
    if not may_be_none:
        fields["paper"] = FileField(_("書類（あれば）"), description=PAPER_HINT)
    return type("WaiverForm", (Form,), fields)


def let_papers_in() -> None:
    """Let this request be as large as a paper; call before its form is read."""
    request.max_content_length = MOST_BYTES + ROOM_FOR_WORDS


def paper_sent(name: str = "paper") -> Paper | None:
    """Return the document that came with this request."""
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        return None
    plain = text_ja.tidy(sent.filename.replace("\\", "/").rsplit("/", 1)[-1])
    return Paper("".join(one for one in plain if one.isprintable())[-100:] or "書類", sent.read())


def hint_of(one: WaiverOffer) -> str:
    """Return what goes with a waiver: papers, how often, where it is written."""
    said = [
        _("書類がいります。") if one.needs_document else "",
        _("月に%(n)s回までです。", n=one.per_month) if one.per_month else "",
        _("決まり：%(where)s", where=one.citation),
    ]
    return " ".join(filter(None, said))


def _choice(one: WaiverOffer) -> str:
    if one.yen is None:
        return one.label
    return _("%(name)s 認められると %(yen)s", name=one.label, yen=formats.yen(one.yen))
