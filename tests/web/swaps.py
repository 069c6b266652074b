"""What htmx would do with an answer, on parsed pages: press, swap the target, swap out of band."""

from bs4 import BeautifulSoup, Tag

from tests.pages import ORIGIN, Visitor

PART = {"HX-Request": "true", "HX-Request-Type": "partial", "Origin": ORIGIN}


def press_with_htmx(visitor: Visitor, button: Tag, *, status: int = 200) -> BeautifulSoup:
    """Press a button of an htmx form and return the page as it is after the swap."""
    form = button.find_parent("form")
    assert form is not None
    data = {str(field["name"]): str(field.get("value", "")) for field in form.select("input")}
    if button.get("name"):
        data[str(button["name"])] = str(button["value"])
    answer = visitor.client.post(str(form["hx-post"]), data=data, headers=PART)
    assert answer.status_code == status, answer.text
    return _swapped(visitor, str(form["hx-target"]), answer.text)


def follow_with_htmx(visitor: Visitor, link: Tag) -> BeautifulSoup:
    """Follow an htmx link and return the page as it is after the swap."""
    answer = visitor.client.get(str(link["hx-get"]), headers=PART)
    assert answer.status_code == 200, answer.text
    return _swapped(visitor, str(link["hx-target"]), answer.text)


def words(page: BeautifulSoup, selector: str) -> list[str]:
    """Return the words of the parts of a page that a selector finds."""
    return [" ".join(tag.get_text(" ").split()) for tag in page.select(selector)]


def _swapped(visitor: Visitor, target: str, html: str) -> BeautifulSoup:
    page = BeautifulSoup(str(visitor.page), "html5lib")
    answer = BeautifulSoup(f"<body>{html}</body>", "html5lib").body
    assert answer is not None
    for part in answer.find_all(True, recursive=False):
        assert isinstance(part, Tag)
        out_of_band = part.attrs.pop("hx-swap-oob", None)
        found = page.select_one(f"[id='{part['id']}']" if out_of_band else target)
        if found is not None:
            found.replace_with(part)
    return page
