"""What is written as YAML says the same when it is read again."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.facilities.policy import FacilityCalendar
from app.packs.editions import unpublished
from app.packs.format import CalendarEdition, document_of
from app.packs.memory import ZONE
from app.packs.moments import Moment, beginning, ending
from app.packs.reader import read_pack
from app.packs.writer import write


def test_a_written_pack_is_the_pack_that_was_read(shipped, tmp_path):
    pack = shipped["akishima"].pack  # the larger one goes through the database in test_loading

    write(tmp_path / "municipality.yaml", pack.municipality, heading="x")
    write(tmp_path / "cases.yaml", pack.cases, heading="x")
    for one in pack.facilities:
        write(tmp_path / "facilities" / f"{one.facility.slug}.yaml", one, heading="x")

    assert read_pack(tmp_path).pack == pack


def test_short_things_stand_on_one_line(folder, tmp_path):
    write(tmp_path / "chuo.yaml", read_pack(folder.path).pack.facilities[0], heading="中央会館")

    text = (tmp_path / "chuo.yaml").read_text(encoding="utf-8")
    assert text.startswith("# 中央会館\n\nfacility:\n  slug: chuo\n  name: 中央会館\n")
    assert "      - {id: am, name: 午前, from: 09:00, to: 12:00}\n" in text
    assert "  - effective_from: 2026-04-01\n" in text


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 1440))
def test_the_end_of_a_day_and_the_beginning_of_the_next_are_one_instant(day, minute):
    moment = Moment(day, minute)

    assert ending(moment.at(ZONE), ZONE) == moment
    assert beginning(moment.at(ZONE), ZONE).at(ZONE) == moment.at(ZONE)


class TestWhatIsStillToBePublished:
    """Of editions from 2026 and 2027; nothing that was published is changed or withdrawn."""

    old, new = date(2026, 4, 1), date(2027, 4, 1)

    def test_is_everything_at_first(self):
        assert [day for day, _ in self.missing({})] == [self.old, self.new]

    def test_is_nothing_the_second_time(self):
        published = dict(self.missing({}))

        assert self.missing(published) == []

    def test_is_nothing_when_the_format_has_grown_a_field_since(self):
        published = dict(self.missing({}))
        published[self.old].pop("open_on")

        assert self.missing(published) == []

    def test_is_an_edition_that_reads_otherwise(self):
        published = dict(self.missing({}))
        published[self.new] = {**published[self.new], "open_on": ["2027-05-04"]}

        assert [day for day, _ in self.missing(published)] == [self.new]

    def test_is_what_should_hold_where_the_pack_no_longer_has_an_edition(self):
        published = dict(self.missing({}))
        wrong_day = date(2027, 1, 1)
        published[wrong_day] = published[self.new]

        assert self.missing(published) == [(wrong_day, published[self.old])]

    def test_is_not_what_held_before_the_first_edition_of_the_pack(self):
        published = dict(self.missing({}))
        published[date(2020, 4, 1)] = {"hours": []}

        assert self.missing(published) == []

    def missing(self, published):
        editions = [self.edition(self.old, "21:00"), self.edition(self.new, "22:00")]
        return unpublished(published, editions, FacilityCalendar)

    def edition(self, day, closes):
        return CalendarEdition(
            effective_from=day,
            hours=[{"from": "9:00", "to": closes}],
            divisions=[{"kind": "unit", "minutes": 60}],
        )


def test_a_document_is_kept_with_its_defaults_written_out(folder):
    document = document_of(read_pack(folder.path).pack.facilities[0].calendar[0])

    assert document["open_on"] == []
    assert "effective_from" not in document
