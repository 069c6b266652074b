"""Colours that are set as pairs: what stands on each can be read (WCAG 2.2, 1.4.3)."""

import re

import pytest

from tests.conventions.reading import ROOT

PAIR = re.compile(
    r"([^{}]+)\{[^{}]*background: (#[0-9a-f]{3,6});[^{}]*?[^-]color: (#[0-9a-f]{3,6})"
)
PAIRS = {
    f"{path.name}: {rule.strip()}": (behind, before)
    for path in sorted((ROOT / "static").glob("*.css"))
    for rule, behind, before in PAIR.findall(path.read_text("utf-8"))
}


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 for black to 1 for white."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    shares = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the ratio of two colours, 1 for equal to 21 for black on white."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_ratio_is_that_of_the_standard():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#4979f5", "#fff") < 4.5


@pytest.mark.parametrize(("behind", "before"), PAIRS.values(), ids=PAIRS)
def test_text_stands_out_from_what_is_behind_it(behind: str, before: str):
    assert contrast(behind, before) >= 4.5


def test_every_shade_of_the_heat_map_is_among_them():
    assert sum(".heat .h" in name for name in PAIRS) == 8
