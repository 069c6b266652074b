"""Templates: each is used, none brings its own style or script, every word can be translated."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2 import UndefinedError, nodes

from app.web import headers
from tests.conventions.reading import JAPANESE, programs, templates

NAMES = sorted(templates())
TEXTS = {
    name: re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL) for name, text in templates().items()
}
PAGES = {name: text for name, text in TEXTS.items() if name.endswith(".html")}
SAID_FIRST = {"_": 1, "gettext": 1, "ngettext": 2, "pgettext": 2}  # arguments that are words
PROGRAMS = "".join(program.text for program in programs())


def met(pattern: str) -> list[str]:
    """Return where a page has something that no page should have."""
    return [
        f"{name}: {found[0]}"
        for name, text in PAGES.items()
        for found in re.finditer(pattern, text)
    ]


def test_every_template_is_used():
    named = "".join([PROGRAMS, *templates().values()])
    unused = [
        name
        for name in NAMES
        if f'"{name}"' not in named
        and f"'{name}'" not in named
        and not (name.startswith("mail/") and f'"{name[5:-4]}"' in PROGRAMS)
    ]

    assert unused == []


def test_every_macro_is_used():
    everything = "".join(templates().values())
    unused = [
        f"{name}: {macro}"
        for name in NAMES
        for macro in re.findall(r"\{%-?\s*macro\s+(\w+)", templates()[name])
        if len(re.findall(rf"\b{macro}\b", everything)) < 2
    ]

    assert unused == []


def test_every_letter_that_is_promised_has_a_template_and_the_other_way_round():
    promised = set(re.findall(r'promise\(\s*session,\s*"(\w+)"', PROGRAMS))
    letters = {name[5:-4] for name in NAMES if re.match(r"mail/[^_]", name)}

    assert promised == letters


def test_no_page_has_a_style_of_its_own():
    """Our own policy blocks it; looks stand in static/app.css."""
    assert met(r"\sstyle\s*=|<style\b") == []


def test_no_page_has_a_script_of_its_own():
    """Our own policy blocks it; what moves stands in static/app.js."""
    assert met(r"<script\b(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']|javascript:") == []


def test_pages_speak_htmx_4():
    gone = r"hx-(disabled-elt|ext|vars|params|prompt|on:)|htmx:(after|before|config)[A-Z]\w*"

    assert met(gone) == [], "htmx 4 has no such thing"
    assert met(r"hx-headers\s*=") == [], "it reaches nothing below it without :inherited"


def test_every_word_can_be_translated(declared: Flask):
    left = [
        f"{name}: {said}"
        for name in NAMES
        for said in untranslated(declared.jinja_env.parse(templates()[name]))
        if JAPANESE.search(said)
    ]

    assert left == [], "wrap it in {{ _('...') }}"


def untranslated(node: nodes.Node) -> Iterator[str]:
    """Yield the texts of a template that no call of gettext stands around."""
    said_first = SAID_FIRST.get(getattr(getattr(node, "node", None), "name", ""), 0)
    if isinstance(node, nodes.Call) and said_first:
        facts = [*node.args[said_first:], *(keyword.value for keyword in node.kwargs)]
        for fact in facts:
            yield from untranslated(fact)
        return
    if isinstance(node, nodes.TemplateData):
        yield node.data.strip()
    elif isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        yield from untranslated(child)


def test_a_form_that_changes_something_says_where_it_goes():
    forms = met(r"<form\b[^>]*>")

    assert [form for form in forms if 'method="post"' in form and "action=" not in form] == []


def test_zoom_is_never_disabled():
    assert met("user-scalable|maximum-scale") == []


def test_only_two_weights_and_no_italics_are_written_into_pages():
    assert met(r"<(em|font|center|marquee|blink)\b") == []


def test_what_opens_a_new_window_can_not_reach_back():
    assert [one for one in met(r"<a\b[^>]*target=\"_blank\"[^>]*>") if "noopener" not in one] == []


def test_names_that_are_not_there_are_errors(declared: Flask):
    with declared.test_request_context("/"), pytest.raises(UndefinedError):
        declared.jinja_env.from_string("{{ nobody.name }}").render()


def test_the_policy_lets_in_the_one_file_that_pages_name_elsewhere():
    """Anybody may put a file on that host, so the policy names this one alone."""
    elsewhere = re.findall(r'<script[^>]* src="(https://[^"]+)"', "".join(PAGES.values()))

    assert elsewhere == [headers.HTMX]
    assert headers.POLICY.format(cdn=f" {headers.HTMX}", forms="").count("://") == 1
