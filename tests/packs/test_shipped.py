"""The packs that come with the service: the ordinance's own examples come out as it says."""

import re

import pytest

from app.cli.demonstration.doors import doors_of
from app.cli.demonstration.people import workers_of
from app.packs.cases import run_cases
from app.packs.checks import problems_of
from app.packs.format import document_of
from tests.packs.conftest import SHIPPED

CASES = {"akiruno": 37, "akishima": 28}
PUBLISHED_PHONES = {"042-559-1163", "042-546-1711"}
DEMO_PHONE = "00-0000-0000"


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_wrong_with_it(shipped, name):
    assert [*shipped[name].problems, *problems_of(shipped[name])] == []


@pytest.mark.parametrize("name", CASES)
def test_who_tries_its_doors_can_sign_in_as_the_hall_s_manager(name):
    managed = {
        one.facility
        for one in workers_of(SHIPPED / name)
        if {"reception", "cashier"} <= {*one.roles}
    }

    assert {one.facility for one in doors_of(SHIPPED / name)} <= managed


@pytest.mark.parametrize("name", CASES)
def test_all_its_cases_come_out(shipped, name):
    results = run_cases(shipped[name].pack)

    assert [str(one) for one in results if not one.passed] == []
    assert len(results) == CASES[name]


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("akiruno", [f"AK{number}" for number in range(1, 15)]),
        ("akishima", [f"AS{number}" for number in range(1, 15)]),
    ],
)
def test_the_worked_cases_of_the_data_are_among_them(shipped, name, ids):
    assert set(ids) <= {case.id for case in shipped[name].pack.cases.cases}


def test_a_telephone_number_is_published_or_is_nobodys(shipped):
    phones = {one.facility.phone for reading in shipped.values() for one in reading.pack.facilities}

    assert phones == {*PUBLISHED_PHONES, DEMO_PHONE}


def test_every_price_says_where_it_is_written(shipped):
    for reading in shipped.values():
        for one in reading.pack.facilities:
            for tariff in one.fees:
                for price in tariff.prices:
                    is_demo = price.citation.source == "デモ用の金額"
                    assert price.citation.source
                    assert is_demo == tariff.is_demonstration, (one.facility.slug, price.id)


def test_figures_that_were_made_up_are_marked_as_such(shipped):
    for reading in shipped.values():
        for one in reading.pack.facilities:
            made_up = any(tariff.is_demonstration for tariff in one.fees)
            assert one.facility.demonstration == made_up, one.facility.slug


def test_the_pilot_city_has_thirteen_small_halls_and_its_three_published_houses(shipped):
    kinds = [one.facility.kind for one in shipped["akiruno"].pack.facilities]

    assert kinds.count("コミュニティ会館") == 13
    assert len(kinds) == 16


def test_times_in_kept_documents_are_written_as_people_write_them(shipped):
    for reading in shipped.values():
        calendar = reading.pack.facilities[0].calendar[0]
        assert re.fullmatch(r"\d\d:\d\d", document_of(calendar)["hours"][0]["from"])


def test_code_never_names_a_municipality():
    names = re.compile(r"akiruno|akishima|あきる野|昭島")
    for path in SHIPPED.parent.rglob("*.py"):
        assert not names.search(path.read_text(encoding="utf-8")), path
