"""Chromium and a Japanese font for the browser tests; a missing one is never a silent skip.

`python -m app.local.browser` installs what is missing where it may (root with apt-get),
stops with a message where it may not, and prints the path of the browser.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from app.local.errors import LocalError

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGE = "chromium"
FONT_PACKAGE = "fonts-morisawa-bizud-gothic"


def find_chromium(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the browser that $CHROMIUM names, or the first on PATH; None when none starts."""
    named = (environment["CHROMIUM"],) if environment.get("CHROMIUM") else NAMES
    found = (shutil.which(name, path=environment.get("PATH")) for name in named)
    return next((path for path in found if path and _starts(path)), None)


def has_japanese_font() -> bool:
    """Say whether Japanese text would be drawn as letters and not as boxes."""
    if sys.platform == "darwin":
        return True  # part of the system, and there is no fc-list
    return shutil.which("fc-list") is not None and bool(_output(["fc-list", ":lang=ja"]).strip())


def ensure_browser(environment: Mapping[str, str] = os.environ) -> str:
    """Return the browser after installing what was missing; raises LocalError if it still is."""
    if environment.get("CHROMIUM") and find_chromium(environment) is None:
        raise LocalError(f"CHROMIUM={environment['CHROMIUM']} を実行できません。")
    if (missing := _missing(environment)) and _may_install():
        _install(missing)
        missing = _missing(environment)
    browser = find_chromium(environment)
    if missing or browser is None:
        raise LocalError(
            f"ブラウザーのテストに必要なものがありません: {' '.join(missing)}\n"
            f"入れてください（例: sudo apt-get install -y {' '.join(missing)}）。"
            "ほかの場所にあるブラウザーは CHROMIUM=パス で指定できます。"
        )
    return browser


def _missing(environment: Mapping[str, str]) -> list[str]:
    browser = [] if find_chromium(environment) else [PACKAGE]
    return browser + ([] if has_japanese_font() else ["fontconfig", FONT_PACKAGE])


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install(packages: Sequence[str]) -> None:
    print(f"入れます: {' '.join(packages)}", file=sys.stderr, flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", *packages]):
        done = subprocess.run(
            ["apt-get", "-q", *command], env=quiet, stdout=sys.stderr, check=False
        )
        if done.returncode != 0:
            raise LocalError(f"apt-get {' '.join(command)} が失敗しました。")


def _starts(browser: str) -> bool:
    """Ubuntu's package is a stand-in that only asks for snap, so being there is not enough."""
    return "Chrom" in _output([browser, "--version"])


def _output(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def main() -> int:
    """Print the path of the browser, or say what is missing."""
    try:
        print(ensure_browser())
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
