"""A pack in the database: all of it or nothing, the second time nothing, and nobody displaced."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.booking.floor import Closure, Occupancy
from app.db import db
from app.db.audit import AuditEntry
from app.db.session import tenant_scope
from app.facilities.models import Facility, FacilityChange, RuleVersion
from app.packs.exporter import export
from app.packs.loader import PackRejected, load, publish
from app.packs.reader import read_pack
from app.tenants.models import Tenant
from tests import builders
from tests.builders import MONDAY_9AM
from tests.packs.conftest import CLOSURES
from tests.packs.test_library import WORKED
from tests.packs.test_library import folder as folder_of
from tests.usecases.steps import apply, choose

CHUO = "facilities/chuo.yaml"
LATER = MONDAY_9AM + timedelta(hours=1)
THURSDAY = date(2027, 3, 11)


@pytest.fixture
def app_context(bare_app):
    with bare_app.app_context():
        yield


@pytest.fixture
def loaded(app_context, folder):
    """The small pack, in the database."""
    load(folder.path, now=MONDAY_9AM)
    return folder


def count(model):
    with tenant_scope(builders.tenant_id_of("midori")):
        return db.session.scalar(select(func.count()).select_from(model))


def book(room="east", on=THURSDAY):
    person = builders.a_resident()
    found = builders.catalogue_of("midori")
    with tenant_scope(found.tenant_id):
        choose(found, "k", builders.a_wish(found, room, on=on, hours=(9, 12)))
        return apply(found, "k", person).booking.number


def test_pages_can_read_what_was_loaded(loaded):
    found = builders.catalogue_of("midori")

    (hall,) = found.facilities
    assert [room.slug for room in hall.rooms] == ["hall", "east", "west"]
    whole, east, west = hall.rooms
    assert set(whole.space_ids) == {*east.space_ids, *west.space_ids}
    assert hall.calendar_on(THURSDAY).hours[0].to == 22 * 60


def test_loading_the_same_pack_again_changes_nothing(loaded):
    before = count(RuleVersion), count(FacilityChange), count(AuditEntry), count(Occupancy)

    summary = load(loaded.path, now=LATER)

    assert summary.lines == ["みどり市: 変更はありません。"]
    assert before == (
        count(RuleVersion), count(FacilityChange), count(AuditEntry), count(Occupancy)
    )  # fmt: skip


@pytest.mark.parametrize("name", WORKED)
def test_a_pack_that_was_exported_loads_without_a_change(app_context, name, tmp_path):
    pack = read_pack(folder_of(name)).pack
    assert pack is not None
    before = datetime.fromisoformat("2026-11-23T09:00:00+09:00")  # its closures are still ahead
    tenant_id = publish(pack, now=before).tenant_id

    export(tenant_id, tmp_path)
    again = read_pack(tmp_path)

    assert again.problems == []
    assert publish(again.pack, now=LATER).changes == []
    assert without_sources(again.pack) == without_sources(pack)


def without_sources(pack):
    def bare(one):
        entry = one.facility.model_copy(update={"sources": ()})
        description = entry.description.strip()
        return one.model_copy(
            update={"facility": entry.model_copy(update={"description": description})}
        )

    return [bare(one) for one in pack.facilities]


def test_an_export_keeps_the_cases_that_are_there(loaded):
    cases = (loaded.path / "cases.yaml").read_text(encoding="utf-8")

    export(builders.tenant_id_of("midori"), loaded.path)

    assert (loaded.path / "cases.yaml").read_text(encoding="utf-8") == cases
    assert load(loaded.path, now=LATER).changes == []


def test_a_pack_whose_case_fails_is_not_published(app_context, folder):
    folder.change("cases.yaml", "expect: 1000", "expect: 1200")

    with pytest.raises(PackRejected) as rejected:
        load(folder.path, now=MONDAY_9AM)

    assert "不合格 C1" in str(rejected.value)
    with tenant_scope(None):
        assert db.session.scalars(select(Tenant)).all() == []


def test_a_changed_rule_is_published_beside_the_old_one(loaded):
    loaded.change(CHUO, "pm: 2000", "pm: 2200")

    summary = load(loaded.path, now=LATER)

    assert summary.changes == ["中央会館: 料金（2026-04-01から）"]
    assert count(RuleVersion) == 4
    assert builders.catalogue_of("midori").revision == 2


def test_who_loaded_it_is_written_down(loaded):
    with tenant_scope(builders.tenant_id_of("midori")):
        entries = db.session.execute(select(AuditEntry.action, AuditEntry.actor_kind)).all()

    assert [tuple(entry) for entry in entries] == [("pack.loaded", "service")]


class TestWhatThePackNoLongerHas:
    def test_is_no_longer_listed_but_still_there(self, loaded):
        loaded.write("facilities/kita.yaml", loaded.text(CHUO).replace("slug: chuo", "slug: kita"))
        load(loaded.path, now=LATER)
        (loaded.path / "facilities/kita.yaml").unlink()

        summary = load(loaded.path, now=LATER + timedelta(hours=1))

        assert summary.changes == ["施設「中央会館」をのせるのをやめました"]
        assert [one.slug for one in builders.catalogue_of("midori").facilities] == ["chuo"]
        assert count(Facility) == 2

    def test_keeps_its_bookings_and_tells_them(self, loaded):
        number = book("west")
        without_west(loaded)

        summary = load(loaded.path, now=LATER)

        assert summary.notices == [
            f"中央会館 ホール西 2027-03-11 09:00 予約 {number}は、そのまま残っています。"
        ]
        with tenant_scope(builders.tenant_id_of("midori")):
            lines = db.session.execute(select(Occupancy.live, Occupancy.kind)).all()
        assert (True, "booking") in [tuple(line) for line in lines]

    def test_comes_back_when_the_pack_has_it_again(self, loaded):
        kept = loaded.text(CHUO)
        without_west(loaded)
        load(loaded.path, now=LATER)
        loaded.write(CHUO, kept)

        load(loaded.path, now=LATER + timedelta(hours=1))

        (hall,) = builders.catalogue_of("midori").facilities
        assert [room.slug for room in hall.rooms] == ["hall", "east", "west"]


def without_west(folder):
    """Let the hall be what is booked whole, or its eastern half."""
    folder.change(CHUO, "  - slug: west\n    name: ホール西\n    capacity: 50\n", "")
    folder.change(CHUO, "rooms:\n  - slug: hall", "spaces: [west]\nrooms:\n  - slug: hall")
    folder.change(CHUO, "rooms: [hall, east, west]", "rooms: [hall, east]")


class TestAClosure:
    def test_takes_the_floor_day_by_day(self, loaded):
        with tenant_scope(builders.tenant_id_of("midori")):
            spans = db.session.execute(
                select(Occupancy.starts_at, Occupancy.ends_at).order_by(Occupancy.starts_at)
            ).all()

        hours = [(ends_at - starts_at) / timedelta(hours=1) for starts_at, ends_at in spans]
        assert hours == [15, 24, 24]

    def test_displaces_nobody_and_says_whose_booking_stands(self, app_context, folder):
        folder.change(CHUO, CLOSURES, "")
        load(folder.path, now=MONDAY_9AM)
        number = book("east")
        folder.write(CHUO, folder.text(CHUO) + CLOSURES)

        summary = load(folder.path, now=LATER)

        told = (
            f"中央会館「床の張り替え」: 2027-03-11 09:00 は予約 {number}が先に入っています"
            "（そのままにしました）。"
        )
        assert summary.notices == [told]
        assert count(Occupancy) == 3  # the booking, the day before and the day after
        again = load(folder.path, now=LATER + timedelta(hours=1))
        assert (again.changes, again.notices) == ([], [told])

    def test_that_is_over_is_not_written(self, app_context, folder):
        load(folder.path, now=datetime.fromisoformat("2027-03-13T00:00:00+09:00"))

        assert (count(Closure), count(Occupancy)) == (0, 0)

    def test_over_new_floor_of_the_same_name_is_the_same_closure(self, loaded):
        again = CLOSURES.removeprefix("closures:\n").replace("-03-1", "-04-1")
        loaded.write(CHUO, loaded.text(CHUO) + again)

        load(loaded.path, now=LATER)

        assert (count(Closure), count(Occupancy)) == (1, 6)


def test_two_municipalities_cannot_have_the_same_path(loaded):
    loaded.change("municipality.yaml", '"132284"', '"132071"')

    with pytest.raises(PackRejected, match="「midori」はみどり市が使っています"):
        load(loaded.path, now=LATER)


def test_another_municipality_is_left_alone(loaded, tmp_path):
    other = type(loaded)(tmp_path / "aoba")
    other.change("municipality.yaml", '"132284"', '"132071"')
    other.change("municipality.yaml", "slug: midori", "slug: aoba")

    load(other.path, now=LATER)

    assert load(loaded.path, now=LATER).changes == []
    assert builders.catalogue_of("midori").revision == 1
    assert builders.room_id(builders.catalogue_of("aoba"), "hall") != builders.room_id(
        builders.catalogue_of("midori"), "hall"
    )
