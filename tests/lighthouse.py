"""Asks Lighthouse (mobile) about a running demonstration (`make run`), and fails below 95."""

import json
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright

from app.kernel import clock
from app.kernel.clock import TOKYO
from app.local.browser import ensure_browser
from tests.journeys import steps

VERSION = "12.8.2"  # the last for Node 20; 13 wants 22.19
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
WANTED = 95
TRIES = 3  # on a busy machine it may lose its own trace of the page ("run Lighthouse again")
FLAGS = "--headless=new --no-sandbox --disable-dev-shm-usage"


def main() -> int:
    """Print the four scores of each page; 1 when one is below what is wanted."""
    if shutil.which("npx") is None:
        print("Node.js（npx）がありません。Node 20 以上を入れてください。", file=sys.stderr)
        return 1
    base_url = os.environ.get("BASE_URL", "http://127.0.0.1:8124")
    day = clock.now().astimezone(TOKYO).date() + timedelta(days=10)
    cookie = _basket_of(base_url, day)
    hall = f"/{steps.CITY}/facilities/{steps.HALL}"
    pages = {
        "home": (f"/{steps.CITY}/", ""),
        "day list": (f"{hall}/days/{day}", ""),
        "week grid": (f"/{steps.CITY}/facilities/chuo-kominkan/weeks/{day}", ""),
        "basket": (f"/{steps.CITY}/basket", cookie),
    }
    print(f"{'':<12}" + "".join(f"{name:>16}" for name in CATEGORIES))
    scores = {name: _ask(base_url + path, sent) for name, (path, sent) in pages.items()}
    for name, row in scores.items():
        print(f"{name:<12}" + "".join(f"{row[one]:>16}" for one in CATEGORIES))
    return 0 if all(score >= WANTED for row in scores.values() for score in row.values()) else 1


def _basket_of(base_url: str, day: date) -> str:
    """Choose an hour as a visitor and return the cookies of that browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_browser())
        page = browser.new_page(base_url=base_url)
        page.goto(f"/{steps.CITY}/facilities/{steps.HALL}/days/{day}")
        with page.expect_response(lambda answer: answer.url.endswith("/basket/lines")):
            page.locator(".hours button").first.click()
        cookies = page.context.cookies()
        browser.close()
    return "; ".join(f"{one['name']}={one['value']}" for one in cookies)


def _ask(url: str, cookie: str) -> dict[str, int]:
    with TemporaryDirectory() as folder:
        report, headers = Path(folder) / "report.json", Path(folder) / "headers.json"
        headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}))
        command = [
            "npx", "--yes", f"lighthouse@{VERSION}", url, "--quiet", "--output=json",
            f"--output-path={report}", f"--extra-headers={headers}", f"--chrome-flags={FLAGS}",
            f"--only-categories={','.join(CATEGORIES)}",
        ]  # fmt: skip
        environment = os.environ | {"CHROME_PATH": ensure_browser()}
        for _ in range(TRIES):
            if subprocess.run(command, env=environment, check=False).returncode == 0:
                return _scores(json.loads(report.read_text()))
    raise SystemExit(f"Lighthouse が {TRIES} 回とも {url} を測れませんでした。")


def _scores(report: dict[str, Any]) -> dict[str, int]:
    found = {name: round(report["categories"][name]["score"] * 100) for name in CATEGORIES}
    for name in CATEGORIES:
        for audit in report["categories"][name]["auditRefs"]:
            one = report["audits"][audit["id"]]
            if found[name] < 100 and audit["weight"] and (one["score"] or 0) < 0.9:
                print(f"  {report['finalDisplayedUrl']}: {name}: {one['title']}", file=sys.stderr)
    return found


if __name__ == "__main__":
    sys.exit(main())
