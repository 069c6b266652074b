"""What a use costs, line by line, and what the tariff leaves open."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.fees.policy import Tariff
from app.fees.rules import Quote, Undetermined, Use, cited, quote, total

CITED = {"source": "みどり市会館条例", "place": "別表第1"}
HOURLY = {"kind": "per_hour", "id": "room", "rooms": ["room"], "yen": 400, "citation": CITED}
PERIODS = {
    "kind": "per_period",
    "id": "hall",
    "rooms": ["hall"],
    "yen": {"am": 3000, "pm": 5000, "night": 6000},
    "citation": CITED,
}
AM, PM, NIGHT = ("am", "午前"), ("pm", "午後"), ("night", "夜間")


def a_use(**facts: Any) -> Use:
    known: dict[str, Any] = {
        "room": "room",
        "minutes": 120,
        "periods": (),
        "gaps": (),
        "gap_yen": 0,
        "is_weekend_or_holiday": False,
        "applicant_class": "resident",
    }
    return Use(**{**known, **facts})


def in_hall(*periods: tuple[str, str], **facts: Any) -> Use:
    """A use of periods; a gap follows each but the last."""
    gaps = tuple(range(len(periods) - 1))
    return a_use(**{"room": "hall", "periods": periods, "gaps": gaps, **facts})


def tariff(*prices: dict[str, Any], **more: Any) -> Tariff:
    return Tariff.model_validate({"prices": prices, **more})


def yen(found: Quote | Undetermined) -> int:
    assert isinstance(found, Quote), found
    return found.total_yen


def rule(found: Quote | Undetermined) -> str:
    assert isinstance(found, Undetermined), found
    return found.rule


def together(*periods: str, yen: int, **more: Any) -> dict[str, Any]:
    said = {"kind": "periods_together", "id": "-".join(periods), "name": "・".join(periods)}
    return {**said, "rooms": ["hall"], "periods": periods, "yen": yen, "citation": CITED, **more}


class TestByTheHour:
    def test_the_price_is_taken_for_each_hour_and_says_how(self):
        found = quote(tariff(HOURLY), a_use(minutes=120))

        (line,) = found.lines
        assert (line.yen, line.arithmetic) == (800, "400円 × 2時間")
        assert line.citation == "みどり市会館条例 別表第1"

    @pytest.mark.parametrize(("minutes", "hours"), [(1, 1), (60, 1), (61, 2), (90, 2), (120, 2)])
    def test_a_part_of_an_hour_is_an_hour(self, minutes, hours):
        assert yen(quote(tariff(HOURLY), a_use(minutes=minutes))) == 400 * hours

    @given(st.integers(1, 1440), st.integers(1, 1440))
    def test_a_longer_use_never_costs_less(self, one, other):
        short, long = sorted([one, other])

        assert yen(quote(tariff(HOURLY), a_use(minutes=short))) <= yen(
            quote(tariff(HOURLY), a_use(minutes=long))
        )

    def test_a_price_of_nothing_is_a_price(self):
        assert yen(quote(tariff({**HOURLY, "yen": 0}), a_use())) == 0


class TestByThePeriod:
    def test_each_period_has_its_line(self):
        found = quote(tariff(PERIODS), in_hall(AM, PM))

        assert [(line.label, line.yen) for line in found.lines] == [
            ("基本（午前）", 3000),
            ("基本（午後）", 5000),
        ]

    def test_gaps_cost_what_the_division_says(self):
        found = quote(tariff(PERIODS), in_hall(AM, PM, NIGHT, gap_yen=500))

        assert found.total_yen == 3000 + 5000 + 6000 + 2 * 500
        assert found.lines[-1].arithmetic == "500円 × 2回"

    def test_gaps_that_nobody_priced_are_an_open_question(self):
        assert rule(quote(tariff(PERIODS), in_hall(AM, PM, gap_yen=None))) == "gap"

    def test_periods_without_a_gap_between_them_need_no_price_for_it(self):
        found = quote(tariff(PERIODS), in_hall(AM, PM, gaps=(), gap_yen=None))

        assert yen(found) == 8000

    def test_a_period_that_the_table_does_not_name_is_undetermined(self):
        assert rule(quote(tariff(PERIODS), in_hall(AM, ("noon", "昼")))) == "no-price"

    @given(st.lists(st.sampled_from([AM, PM, NIGHT]), min_size=1, unique=True))
    def test_the_lines_add_up(self, periods):
        found = quote(tariff(PERIODS), in_hall(*periods, gap_yen=300))

        assert yen(found) == sum(line.yen for line in found.lines)


class TestPrintedTogether:
    """A whole day, or two periods, with a price of its own."""

    whole = together("am", "pm", "night", yen=12000)

    def test_the_printed_price_goes_before_its_parts_and_includes_the_gaps(self):
        found = quote(tariff(PERIODS, self.whole), in_hall(AM, PM, NIGHT, gap_yen=None))

        assert [(line.label, line.yen) for line in found.lines] == [
            ("基本（am・pm・night）", 12000)
        ]

    def test_it_holds_although_the_parts_would_cost_less(self):
        dear = together("am", "pm", yen=9000)

        assert yen(quote(tariff(PERIODS, dear), in_hall(AM, PM))) == 9000

    def test_it_needs_all_its_periods(self):
        assert yen(quote(tariff(PERIODS, self.whole), in_hall(AM, PM))) == 8000

    def test_what_is_left_over_is_added_with_the_gap_before_it(self):
        pair = together("am", "pm", yen=7500)

        found = quote(tariff(PERIODS, pair), in_hall(AM, PM, NIGHT, gap_yen=400))

        assert [line.yen for line in found.lines] == [7500, 6000, 400]

    def test_two_readings_with_different_prices_are_an_open_question(self):
        pairs = (together("am", "pm", yen=7500), together("pm", "night", yen=9000))

        assert rule(quote(tariff(PERIODS, *pairs), in_hall(AM, PM, NIGHT))) == "several-prices"

    def test_two_readings_with_the_same_price_are_none(self):
        pairs = (together("am", "pm", yen=7000), together("pm", "night", yen=10000))

        assert yen(quote(tariff(PERIODS, *pairs), in_hall(AM, PM, NIGHT))) == 13000

    def test_it_may_be_for_a_class_only(self):
        own = together("am", "pm", yen=0, classes=["group"])

        assert yen(quote(tariff(PERIODS, own), in_hall(AM, PM, applicant_class="group"))) == 0
        assert yen(quote(tariff(PERIODS, own), in_hall(AM, PM))) == 8000


class TestTheMostParticularPriceHolds:
    def test_for_weekends_and_holidays(self):
        prices = ({**HOURLY, "days": "weekday"},
                  {**HOURLY, "id": "free", "yen": 520, "days": "weekend_or_holiday"})  # fmt: skip

        assert yen(quote(tariff(*prices), a_use())) == 800
        assert yen(quote(tariff(*prices), a_use(is_weekend_or_holiday=True))) == 1040

    @pytest.mark.parametrize("order", [1, -1])
    def test_for_a_class_wherever_it_stands_in_the_table(self, order):
        own = {**HOURLY, "id": "group", "yen": 200, "classes": ["group"]}
        prices = tariff(*[HOURLY, own][::order])

        assert yen(quote(prices, a_use(applicant_class="group"))) == 400
        assert yen(quote(prices, a_use())) == 800

    def test_and_another_room_s_price_never(self):
        assert rule(quote(tariff(HOURLY), a_use(room="kitchen"))) == "no-price"


class TestAnOpenQuestion:
    def asked(self, **question: Any) -> Tariff:
        said = {"id": "q", "because": "定めがありません。", **question}
        return tariff(HOURLY, open_questions=[said])

    @pytest.mark.parametrize(("ticket", "is_open"), [(0, False), (999, False), (1000, True)])
    def test_may_begin_at_a_ticket_price(self, ticket, is_open):
        question = self.asked(when="admission_from", admission_yen=1000)

        found = quote(question, a_use(admission_yen=ticket))

        assert isinstance(found, Undetermined) == is_open

    def test_of_any_ticket_does_not_mean_free_admission(self):
        question = self.asked(when="admission_from")

        assert yen(quote(question, a_use(admission_yen=0))) == 800
        assert rule(quote(question, a_use(admission_yen=1))) == "q"

    def test_may_be_about_profit(self):
        question = self.asked(when="for_profit")

        assert rule(quote(question, a_use(is_for_profit=True))) == "q"
        assert yen(quote(question, a_use())) == 800

    def test_may_be_about_a_class(self):
        question = self.asked(when="always", classes=["outsider"])

        assert rule(quote(question, a_use(applicant_class="outsider"))) == "q"
        assert yen(quote(question, a_use())) == 800

    def test_may_be_about_other_rooms(self):
        assert yen(quote(self.asked(when="always", rooms=["hall"]), a_use())) == 800

    def test_tells_people_why(self):
        found = quote(self.asked(when="always"), a_use())

        assert found == Undetermined("q", "定めがありません。")


def test_an_empty_tariff_decides_nothing_and_gives_nothing_away():
    assert rule(quote(Tariff(), a_use())) == "no-price"


def test_several_quotes_are_one_with_all_lines():
    one = quote(tariff(HOURLY), a_use())
    other = quote(tariff(PERIODS), in_hall(AM))

    assert isinstance(one, Quote)
    assert isinstance(other, Quote)
    assert total([one, other]).total_yen == 3800


def test_a_citation_reads_as_one_text():
    price = tariff(HOURLY).prices[0]

    assert cited(price.citation) == "みどり市会館条例 別表第1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"yen": -1},
        {"yen": 100.5},
        {"rooms": []},
        {"citation": None},
        {"per": "hour"},
    ],
)
def test_a_price_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        tariff({**HOURLY, **wrong})
