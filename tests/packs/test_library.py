"""Eleven municipalities' published rules as packs: every worked case comes out, none is hidden."""

import json
from pathlib import Path

import pytest

from app.packs.checker import check
from tests.packs.conftest import SHIPPED

LIBRARY = SHIPPED.parent / "library"
# How many worked cases the published rules gave, by the letters that their ids begin with.
WORKED = {
    "akiruno": ("AK", 14),
    "akishima": ("AS", 14),
    "daito": ("DA", 9),
    "fujieda": ("FU", 11),
    "ichinomiya-chiba": ("IC", 8),
    "kawasaki": ("KW", 12),
    "masuda": ("MA", 9),
    "minoh": ("MI", 9),
    "moriguchi": ("MO", 11),
    "shimanto": ("SM", 12),
    "yamanashi": ("YA", 10),
}


OUTSIDE = Path(__file__).parent / "outside" / "hamabe"


def folder(name: str) -> Path:
    return SHIPPED / name if (SHIPPED / name).is_dir() else LIBRARY / name


@pytest.mark.parametrize("name", WORKED)
def test_it_can_be_published_and_each_worked_case_comes_out(name):
    report = check(folder(name))

    assert [str(one) for one in [*report.problems, *report.failed]] == []
    letters, count = WORKED[name]
    assert {f"{letters}{n}" for n in range(1, count + 1)} <= {case.id for case in report.cases}


def test_what_the_published_text_leaves_open_is_undetermined():
    left_open = {
        case.id
        for name in WORKED
        for case in check(folder(name)).cases
        if case.got.startswith("undetermined")
    }

    assert left_open == {
        "AK8", "AS9", "AS13", "DA7", "FU9", "FU10", "KW9", "MA9", "MI8", "MO7", "MO8", "MO9",
        "SM12", "YA9", "YA10",
    }  # fmt: skip


def test_every_folder_of_the_library_is_among_them():
    assert {one.name for one in LIBRARY.iterdir() if (one / "cases.yaml").exists()} < set(WORKED)


def test_a_report_can_be_read_by_programs():
    told = json.loads(json.dumps(check(folder("daito")).as_json(), ensure_ascii=False))

    assert told["ok"]
    assert told["cases"][6]["got"] == "undetermined（season-for-outside）"


def test_an_ordinance_that_nobody_had_seen_needs_no_change_of_code():
    """Written from docs/packs.md, its figures reckoned by hand before the first check."""
    report = check(OUTSIDE)

    assert [str(one) for one in [*report.problems, *report.failed]] == []
    assert len(report.cases) == 44
