"""Texts pass through here: Japanese is the source language, another language is a catalogue."""

from functools import cache
from typing import Any

from babel.support import NullTranslations
from flask import Flask
from flask_babel import Babel, get_translations

SOURCE = "ja"


def _(text: str, **facts: Any) -> str:
    """Return a text in the reader's language with its facts filled in."""
    found = str(catalogue().ugettext(text))
    return found % facts if facts else found


def language() -> str:
    """Return the language of this request's reader; there is one so far."""
    return SOURCE


def register(app: Flask) -> None:
    """Let templates find the reader's catalogue; a page has hundreds of texts."""
    Babel(app, default_locale=SOURCE, default_timezone="Asia/Tokyo", locale_selector=language)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: catalogue().ugettext(text),
        lambda one, many, n: catalogue().ungettext(one, many, n),
        newstyle=True,
        pgettext=lambda about, text: catalogue().upgettext(about, text),
        npgettext=lambda about, one, many, n: catalogue().unpgettext(about, one, many, n),
    )


def catalogue() -> NullTranslations:
    """Return the texts in the reader's language."""
    return _catalogue(language())


@cache
def _catalogue(read_in: str) -> NullTranslations:
    # Of the language that Babel is told to ask for, which is this one.
    return get_translations()  # type: ignore[no-any-return]
