"""What is said when something can't be answered: a page, a fragment or a problem document."""

import logging

from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from app.db import db
from app.web.api import problems
from app.web.rendering import page
from app.web.words import _

log = logging.getLogger("kaikan.errors")


def register(app: Flask) -> None:
    """Answer errors in words; only what nobody expected is logged as an error."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(InterfaceError, _database)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None:
        return error.response
    if problems.are_asked_for():
        return problems.of_http(error)
    title, advice = {
        400: (
            _("送られた内容を読めませんでした"),
            _("前のページに戻って、もう一度お試しください。"),
        ),
        403: (_("このページは開けません"), _("別の入り口から開くか、会館にお電話ください。")),
        404: (_("ページが見つかりません"), _("番号や日付をお確かめください。")),
        405: (_("この操作はできません"), _("前のページに戻って、もう一度お試しください。")),
        413: (
            _("送られた内容が大きすぎます"),
            _("文章を短くするか、写真や書類を小さくして、もう一度お試しください。"),
        ),
        503: (_("いま混み合っています"), _("少し待って、もう一度お試しください。")),
    }.get(status, (_("うまくいきませんでした"), _("少し待って、もう一度お試しください。")))
    return _answer(status, title, advice)


def _database(error: Exception) -> ResponseReturnValue:
    """The database is away for a moment: nothing was written, the request may be sent again."""
    db.session.remove()
    log.error("database is away", extra={"kind": type(error).__name__})
    response = _answer(
        503,
        _("いま手続きができません"),
        _("予約は変わっていません。1分ほど待って、もう一度お試しください。"),
    )
    response.headers["Retry-After"] = "5"
    return response


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.exception("unexpected error", extra={"kind": type(error).__name__})
    db.session.rollback()
    if g.get("municipality") is None and not problems.are_asked_for():
        return InternalServerError().get_response()
    return _answer(
        500,
        _("手違いがありました"),
        _("記録しましたので、担当が調べます。少し待って、もう一度お試しください。"),
    )


def _answer(status: int, title: str, advice: str) -> Response:
    if problems.are_asked_for() or request.accept_mimetypes.best == "application/json":
        return problems.problem(status, title=title, detail=advice)
    return page("errors/error.html", status=status, title=title, advice=advice, code=status)
