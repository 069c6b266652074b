"""A visitor without JavaScript: reads pages as people do, fills fields by label, presses buttons.

Every HTML page on the way is checked: valid HTML, one h1, a title, a label for each field.
"""

from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import html5lib
from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

ORIGIN = "http://localhost"


class Visitor:
    """One browser: cookies, the page in front of it, what was typed into its fields."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.path = "/"
        self.response: TestResponse | None = None
        self.page = BeautifulSoup("", "html5lib")
        self.typed: dict[str, str | list[str]] = {}

    def sign_in_as(self, token: str) -> "Visitor":
        """Carry the session of an account from now on."""
        with self.client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return self

    def visit(self, path: str, *, status: int = 200) -> "Visitor":
        """Open a page, following redirects; fails on another status."""
        return self._go("GET", path, None, status=status)

    def post(self, path: str, data: dict[str, Any], *, status: int = 200) -> "Visitor":
        """Send a form from this site, following redirects."""
        return self._go("POST", path, data, status=status)

    def fill(self, label: str, value: str) -> "Visitor":
        """Type into the field with this label."""
        self.typed[self.field(label)["name"]] = value
        return self

    def choose(self, label: str) -> "Visitor":
        """Tick the box or the radio button with this label."""
        field = self.field(label)
        value = field.get("value", "on")
        if field.get("type") == "checkbox":
            name = str(field["name"])
            ticked = self.page.select(f'input[type=checkbox][name="{name}"][checked]')
            before = self.typed.get(name, [str(one.get("value", "on")) for one in ticked])
            assert isinstance(before, list)
            self.typed[field["name"]] = [*before, value]
        else:
            self.typed[field["name"]] = value
        return self

    def press(self, text: str, *, status: int = 200, within: str | None = None) -> "Visitor":
        """Press the one button or link whose whole name contains `text`."""
        root = self.page.select_one(within) if within else self.page
        assert root is not None, f"no {within} on {self.path}"
        found = [
            tag for tag in root.select("button, a[href], input[type=submit]") if text in _name(tag)
        ]
        assert found, f"nothing to press named {text!r} on {self.path}: {self.text[:1500]}"
        exact = [tag for tag in found if _name(tag) == text]
        tag = (exact or found)[0]
        if tag.name == "a":
            return self.visit(urljoin(self.path, str(tag["href"])), status=status)
        form = tag.find_parent("form")
        assert form is not None, f"{text!r} stands in no form"
        return self._submit(form, tag, status=status)

    def field(self, label: str) -> Tag:
        """Return the field with this label; a visible label is what people go by."""
        for tag in self.page.select("label"):
            if label in " ".join(tag.get_text(" ").split()):
                target = tag.get("for")
                field = self.page.find(id=target) if target else tag.select_one("input,select")
                assert isinstance(field, Tag), f"label {label!r} points nowhere"
                return field
        raise AssertionError(f"no field labelled {label!r} on {self.path}: {self.text[:1500]}")

    @property
    def text(self) -> str:
        """Return the words of the page's main part, in one line."""
        main = self.page.select_one("main") or self.page
        return " ".join(main.get_text(" ").split())

    @property
    def title(self) -> str:
        """Return the page's title."""
        return self.page.title.get_text() if self.page.title else ""

    def _submit(self, form: Tag, button: Tag, *, status: int) -> "Visitor":
        data: dict[str, Any] = {}
        for field in form.select("input,select,textarea"):
            name = field.get("name")
            if not name or field.get("type") in ("submit", "button"):
                continue
            value = _value(field)
            if value is not None:
                data.setdefault(str(name), []).extend(value)
        names = {str(f.get("name")) for f in form.select("input,select,textarea")}
        for name, typed in self.typed.items():
            if name in names:
                data[name] = typed
        if button.get("name"):
            data[str(button["name"])] = button.get("value", "")
        action = urljoin(self.path, str(button.get("formaction") or form.get("action") or ""))
        method = button.get("formmethod") or form.get("method", "get")
        if str(method).lower() == "get":
            path = urlsplit(action).path
            return self._go("GET", f"{path}?{urlencode(data, doseq=True)}", None, status=status)
        return self._go("POST", action, data, status=status)

    def _go(self, method: str, path: str, data: Any, *, status: int) -> "Visitor":
        headers = {"Origin": ORIGIN} if method == "POST" else {}
        response = self.client.open(
            path, method=method, data=data, headers=headers, follow_redirects=True
        )
        self.response = response
        target = response.request
        self.path = target.path + (
            f"?{target.query_string.decode()}" if target.query_string else ""
        )
        if response.mimetype == "text/html":
            self.page = BeautifulSoup(response.text, "html5lib")
            self.typed = {}
            check_page(response.text, self.path)
        assert response.status_code == status, (
            f"{method} {path}: {response.status_code}, not {status}: {self.text[:1500]}"
        )
        return self


def check_page(html: str, path: str) -> None:
    """Fail when a page is not what every page must be."""
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(html)
    assert not parser.errors, f"{path} is not valid HTML: {parser.errors[:3]}"
    soup = BeautifulSoup(html, "html5lib")
    assert soup.title, f"{path} has no title"
    assert soup.title.get_text().strip(), f"{path} has an empty title"
    assert len(soup.select("h1")) == 1, f"{path} has {len(soup.select('h1'))} h1"
    assert soup.html is not None
    assert soup.html.get("lang") == "ja", f"{path} does not say its language"
    ids = [tag["id"] for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids)), f"{path} uses an id twice: {sorted(ids)}"
    for field in soup.select("input:not([type=hidden]):not([type=submit]),select,textarea"):
        named = field.get("aria-label") or soup.find("label", attrs={"for": field.get("id")})
        assert named or field.find_parent("label"), f"{path}: a field without label: {field}"
    assert not soup.select("[style]"), f"{path}: inline style is blocked by our own policy"
    assert not soup.select("script:not([src])"), f"{path}: inline script"


def _value(field: Tag) -> list[str] | None:
    kind = field.get("type")
    if kind in ("checkbox", "radio"):
        return [str(field.get("value", "on"))] if field.has_attr("checked") else None
    if field.name == "select":
        chosen = field.select_one("option[selected]") or field.select_one("option")
        return [str(chosen.get("value", ""))] if chosen else None
    if field.name == "textarea":
        return [field.get_text().removeprefix("\n")]
    return [str(field.get("value", ""))]


def _name(tag: Tag) -> str:
    label = tag.get("aria-label")
    return str(label) if label else " ".join(tag.get_text(" ").split())
