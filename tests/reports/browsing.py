"""Staff pages in real Chromium: served from a thread, looked at by axe at three widths."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from app.local.browser import ensure_browser
from tests.pages import Visitor

WIDTHS = ((360, 740), (768, 1024), (1280, 800))
# The development server drops static files half read, without closing them.
NOT_OURS = "ignore::pytest.PytestUnraisableExceptionWarning"
SIDEWAYS = "document.documentElement.scrollWidth - window.innerWidth"


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Answer at the address that is given, until the end of the block."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The distribution's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_browser())
        yield browser
        browser.close()


def faults(app: Flask, visitor: Visitor, *paths: str) -> list[Any]:
    """Return what axe finds on these pages, and which of them are wider than the screen."""
    cookie = visitor.client.get_cookie("kaikan")
    found: list[Any] = []
    with served(app) as url, chromium() as browser:
        for width, height in WIDTHS:
            context = browser.new_context(viewport={"width": width, "height": height})
            if cookie:  # somebody who is nobody yet has none
                context.add_cookies([{"name": "kaikan", "value": cookie.value, "url": url}])
            page = context.new_page()
            for path in paths:
                page.goto(url + path)
                found += [
                    (path, width, fault["id"], [node["html"] for node in fault["nodes"]])
                    for fault in Axe().run(page).response["violations"]
                ]
                if page.evaluate(SIDEWAYS) > 0:
                    found.append((path, width, "sideways"))
            context.close()
    return found
