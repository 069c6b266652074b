"""Texts pass through here: Japanese is the source language, another language is a catalogue."""

from typing import Any

from flask_babel import gettext


def _(text: str, **facts: Any) -> str:
    """Return a text in the reader's language with its facts filled in."""
    return str(gettext(text, **facts))
