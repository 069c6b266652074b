"""Every shape of rule that an ordinance may have: surcharges, equipment, waivers, rounding."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fees.policy import Tariff
from app.fees.rules import Quote, Undetermined, Use, pass_quote, quote
from app.fees.rules.conditions import is_of_kind

CITED = {"source": "みどり市会館条例", "place": "別表第1"}
HOURLY = {"kind": "per_hour", "id": "room", "rooms": ["room"], "yen": 400, "citation": CITED}
HALL = {
    "kind": "per_period", "id": "hall", "rooms": ["hall"], "citation": CITED,
    "yen": {"am": 3000, "pm": 5000, "night": 6000},
}  # fmt: skip
AM, PM, NIGHT = ("am", "午前"), ("pm", "午後"), ("night", "夜間")
THURSDAY, SATURDAY = date(2027, 2, 18), date(2027, 1, 16)


def a_use(**facts: Any) -> Use:
    known: dict[str, Any] = {
        "room": "room", "minutes": 120, "periods": (), "gaps": (), "gap_yen": 0,
        "is_weekend_or_holiday": False, "applicant_class": "resident", "on": THURSDAY,
        "from_minute": 600, "to_minute": 720,
    }  # fmt: skip
    return Use(**{**known, **facts})


def hours(first: int, last: int, **facts: Any) -> Use:
    times = {"minutes": (last - first) * 60, "from_minute": first * 60, "to_minute": last * 60}
    return a_use(**times, **facts)


def in_hall(*periods: tuple[str, str], **facts: Any) -> Use:
    gaps = tuple(range(len(periods) - 1))
    return a_use(room="hall", periods=periods, gaps=gaps, **facts)


def tariff(*prices: dict[str, Any], **more: Any) -> Tariff:
    return Tariff.model_validate({"prices": prices, **more})


def rule(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "citation": CITED, **more}


def yen(found: Quote | Undetermined) -> int:
    assert isinstance(found, Quote), found
    return found.total_yen


def open_rule(found: Quote | Undetermined) -> str:
    assert isinstance(found, Undetermined), found
    return found.rule


class TestUnits:
    def test_another_price_after_five_is_split_at_five(self):
        evening = {**HOURLY, "bands": [{"from": "17:00", "to": "21:30", "yen": 500}]}
        found = quote(tariff(evening), hours(16, 19))

        assert [(line.arithmetic, line.yen) for line in found.lines] == [
            ("400円 × 1時間（16:00から17:00まで）", 400),
            ("500円 × 2時間（17:00から19:00まで）", 1000),
        ]

    def test_a_part_of_an_hour_on_both_sides_of_five_is_for_the_hall_to_say(self):
        evening = {**HOURLY, "bands": [{"from": "17:00", "to": "21:30", "yen": 500}]}
        use = a_use(minutes=60, from_minute=16 * 60 + 30, to_minute=17 * 60 + 30)

        assert open_rule(quote(tariff(evening), use)) == "band-split"

    def test_half_hours(self):
        half = {**HOURLY, "kind": "per_unit", "minutes": 30, "yen": 90}

        assert yen(quote(tariff(half), a_use(minutes=90))) == 270

    def test_a_first_block_then_hourly(self):
        block = {**HOURLY, "first": {"minutes": 120, "yen": 1000}}

        assert yen(quote(tariff(block), hours(9, 11))) == 1000
        assert yen(quote(tariff(block), hours(9, 14))) == 1000 + 3 * 400

    def test_an_extension_of_an_hour_beyond_whole_units(self):
        two = {
            **HOURLY, "kind": "per_unit", "minutes": 120, "yen": 3930,
            "extension": {"minutes": 60, "yen": 1570},
        }  # fmt: skip

        assert yen(quote(tariff(two), hours(9, 12))) == 3930 + 1570
        assert yen(quote(tariff(two), hours(9, 13))) == 2 * 3930

    def test_a_use_costs_at_most(self):
        assert yen(quote(tariff({**HOURLY, "cap_yen": 1500}), hours(9, 18))) == 1500

    def test_hours_inside_a_period_cost_at_most_the_period(self):
        caps = [{"from": "9:00", "to": "12:00", "yen": 1000}]

        assert yen(quote(tariff({**HOURLY, "caps": caps}), hours(9, 13))) == 1000 + 400

    def test_by_the_table(self):
        tables = {**HOURLY, "per_item": True}

        assert yen(quote(tariff(tables), hours(10, 12, items=3))) == 400 * 2 * 3


class TestOtherBases:
    def test_a_price_printed_for_these_hours_beats_the_formula(self):
        day = {
            "kind": "span", "id": "day", "name": "全日", "rooms": ["room"], "citation": CITED,
            "from": "9:00", "to": "21:00", "yen": 4000,
        }  # fmt: skip
        table = tariff(HOURLY, day)

        assert yen(quote(table, hours(9, 21))) == 4000
        assert yen(quote(table, hours(9, 20))) == 4400

    def test_but_not_the_table_for_just_this_applicant(self):
        day = {
            "kind": "span", "id": "day", "name": "全日", "rooms": ["room"], "citation": CITED,
            "from": "9:00", "to": "21:00", "yen": 4000,
        }  # fmt: skip
        group = {**HOURLY, "id": "group", "classes": ["group"], "yen": 100}

        assert yen(quote(tariff(HOURLY, group, day), hours(9, 21, applicant_class="group"))) == 1200

    def test_people_by_age(self):
        pool = {
            "kind": "per_person", "id": "pool", "rooms": ["room"], "citation": CITED,
            "yen": {"adult": 180, "child": 60}, "names": {"adult": "大人"},
        }  # fmt: skip

        found = quote(tariff(pool), hours(10, 11, people=(("adult", 2), ("child", 3))))

        assert yen(found) == 540
        assert found.lines[0].label == "基本（大人）"
        assert open_rule(quote(tariff(pool), hours(10, 11))) == "people"

    def test_a_share_of_another_room(self):
        stage = {
            "kind": "share_of", "id": "stage", "rooms": ["stage"], "of": "hall", "percent": 50,
            "citation": CITED,
        }  # fmt: skip

        found = quote(tariff(HALL, stage), a_use(room="stage", periods=(AM,)))

        assert yen(found) == 1500
        assert found.lines[0].arithmetic == "3,000円 × 50%"

    def test_a_pass(self):
        passes = [
            {"id": "three", "name": "3か月", "months": 3, "yen": {"adult": 3190}, "citation": CITED}
        ]

        assert yen(pass_quote(tariff(memberships=passes), "three", "adult")) == 3190
        assert open_rule(pass_quote(tariff(memberships=passes), "three", "child")) == "no-price"


class TestGaps:
    @pytest.mark.parametrize(
        ("gap", "costs"),
        [
            ({"yen": 700}, 700),
            ({"percent": 25, "of": "next"}, 1250),
            ({"percent": 20, "of": "previous"}, 600),
            ({"percent": 10, "of": "whole"}, 800),
            ({"yen": 700, "after": ["pm"]}, 0),
        ],
    )
    def test_cost_what_the_tariff_says(self, gap, costs):
        table = tariff(HALL, gaps=[rule("noon", **gap)])

        assert yen(quote(table, in_hall(AM, PM))) == 8000 + costs


class TestSurcharges:
    OUTSIDE = rule("outside", classes=["outside"], percent=50)
    PROFIT = rule("profit", attributes=["for-profit"], percent=100)

    @pytest.mark.parametrize(
        ("stacking", "costs"), [("add", 2000), ("multiply", 2400), ("highest", 1600)]
    )
    def test_stack_as_the_tariff_says(self, stacking, costs):
        table = tariff(HOURLY, stacking=stacking, surcharges=[self.OUTSIDE, self.PROFIT])

        found = quote(table, a_use(applicant_class="outside", is_for_profit=True))

        assert yen(found) == costs

    def test_a_printed_combination_takes_their_place(self):
        both = rule(
            "both", classes=["outside"], attributes=["for-profit"], percent=200,
            instead_of=["outside", "profit"],
        )  # fmt: skip
        table = tariff(HOURLY, surcharges=[self.OUTSIDE, self.PROFIT, both])

        found = quote(table, a_use(applicant_class="outside", is_for_profit=True))

        assert [(line.rule, line.yen) for line in found.lines] == [("room", 800), ("both", 1600)]

    @pytest.mark.parametrize(
        ("band", "inside", "outside"),
        [
            ({"over": 500, "to": 1000}, (501, 1000), (500, 1001)),
            ({"from": 1000, "under": 3000}, (1000, 2999), (999, 3000)),
            ({"from": 3000}, (3000, 10**6), (2999,)),
            ({"over": 0}, (1,), (0,)),
        ],
    )
    def test_edges_of_admission_are_open_or_closed_as_written(self, band, inside, outside):
        table = tariff(HOURLY, surcharges=[rule("paid", admission=band, percent=100)])

        assert {yen(quote(table, a_use(admission_yen=one))) for one in inside} == {1600}
        assert {yen(quote(table, a_use(admission_yen=one))) for one in outside} == {800}

    def test_a_season_over_new_year(self):
        winter = rule("winter", seasons=[{"from": "12-01", "to": "03-31"}], percent=40)
        table = tariff(HOURLY, surcharges=[winter])

        assert yen(quote(table, a_use(on=date(2027, 1, 16)))) == 1120
        assert yen(quote(table, a_use(on=date(2027, 4, 1)))) == 800

    def test_days_that_only_this_house_tells_apart(self):
        sunday = {"id": "sun", "name": "日曜日・祝日", "weekdays": ["sun"], "holidays": "belong"}
        table = tariff(
            HOURLY, day_kinds=[sunday], surcharges=[rule("sunday", days="sun", percent=100)]
        )

        assert yen(quote(table, a_use(on=SATURDAY, is_weekend_or_holiday=True))) == 800
        assert yen(quote(table, a_use(on=date(2027, 1, 11), is_holiday=True))) == 1600

    def test_a_reduction_for_periods_in_a_row(self):
        two = rule("two", percent=-5, periods_at_least=2, periods_at_most=2)

        assert yen(quote(tariff(HALL, surcharges=[two]), in_hall(AM, PM))) == 7600


class TestExtras:
    def test_by_use_hour_period_and_person(self):
        table = tariff(
            HALL,
            extras=[
                rule("piano", yen=1000),
                rule("light", part="lighting", unit="hour", yen=300),
                rule("mic", unit="period", yen=200),
                rule("shower", unit="person", yen=100),
            ],
        )
        use = in_hall(
            AM, PM, from_minute=540, to_minute=1020, people=(("adult", 3),),
            extras=(("piano", 1), ("light", 1), ("mic", 2), ("shower", 1)),
        )  # fmt: skip

        assert yen(quote(table, use)) == 8000 + 1000 + 300 * 8 + 200 * 2 * 2 + 100 * 3

    def test_heating_by_uses_of_at_most_four_hours_and_by_room(self):
        heat = rule("heat", part="heating", minutes_of_a_use=240, yen_by_room={"room": 570})
        table = tariff(HOURLY, extras=[heat])

        assert yen(quote(table, hours(9, 12, extras=(("heat", 1),)))) == 1200 + 570
        assert yen(quote(table, hours(9, 14, extras=(("heat", 1),)))) == 2000 + 1140

    def test_charged_by_itself_in_its_season(self):
        heat = rule("heat", part="heating", percent=20, is_automatic=True,
                    seasons=[{"from": "12-01", "to": "03-31"}])  # fmt: skip
        table = tariff(HOURLY, extras=[heat])

        assert yen(quote(table, a_use())) == 960
        assert yen(quote(table, a_use(on=date(2027, 6, 1)))) == 800

    def test_what_has_no_price_is_never_free(self):
        assert open_rule(quote(tariff(HOURLY), a_use(extras=(("piano", 1),)))) == "extra"


class TestWaivers:
    def test_half_for_a_class_by_itself_and_all_where_it_was_granted(self):
        table = tariff(
            HOURLY,
            waivers=[
                rule("group", classes=["group"], percent=50, is_automatic=True),
                rule("city", percent=100),
            ],
        )

        assert yen(quote(table, a_use())) == 800
        assert yen(quote(table, a_use(applicant_class="group"))) == 400
        assert yen(quote(table, a_use(waivers=frozenset({"city"})))) == 0

    def test_never_where_admission_is_charged(self):
        waiver = rule("city", percent=100, without=["for-profit"])
        table = tariff(HOURLY, waivers=[waiver])
        granted = frozenset({"city"})

        assert yen(quote(table, a_use(waivers=granted, is_for_profit=True))) == 800

    @pytest.mark.parametrize(
        ("order", "costs"), [("before_surcharges", 600), ("after_surcharges", 600)]
    )
    def test_its_place_among_the_surcharges(self, order, costs):
        table = tariff(
            HOURLY,
            surcharges=[rule("outside", classes=["outside"], percent=50)],
            waivers=[rule("half", percent=50, order=order)],
        )
        use = a_use(applicant_class="outside", waivers=frozenset({"half"}))

        found = quote(table, use)

        assert yen(found) == costs
        assert [line.rule for line in found.lines][1] == (
            "half" if order == "before_surcharges" else "outside"
        )

    def test_of_several_the_highest_or_one_after_the_other(self):
        waivers = [rule("one", percent=30), rule("other", percent=50)]
        both = frozenset({"one", "other"})

        highest = tariff(HOURLY, waivers=waivers)
        in_order = tariff(HOURLY, waivers=waivers, waivers_together="in_order")

        assert yen(quote(highest, a_use(waivers=both))) == 400
        assert yen(quote(in_order, a_use(waivers=both))) == 280


class TestRounding:
    ODD = {**HOURLY, "yen": 155}

    @pytest.mark.parametrize(("how", "costs"), [("down", 230), ("up", 240), ("nearest", 230)])
    def test_to_ten_yen(self, how, costs):
        table = tariff(
            self.ODD,
            surcharges=[rule("half", percent=50)],
            rounding=[{"at": "total", "to": 10, "how": how}],
        )

        found = quote(table, hours(10, 11))

        assert yen(found) == costs  # 232.5
        assert found.lines[-1].label == "端数"

    def test_a_half_goes_up(self):
        table = tariff({**HOURLY, "yen": 115}, rounding=[{"how": "nearest"}])

        assert yen(quote(table, hours(10, 11))) == 120

    def test_a_fraction_of_a_yen_without_a_rule_is_for_the_hall_to_say(self):
        table = tariff(self.ODD, surcharges=[rule("half", percent=50)])

        found = quote(table, hours(10, 11))

        assert open_rule(found) == "fraction"
        assert [one.yen for one in found.readings] == [232, 233]

    def test_the_lines_add_up_although_each_has_a_fraction(self):
        table = tariff(
            self.ODD,
            stacking="add",
            surcharges=[rule("a", percent=33), rule("b", percent=33), rule("c", percent=34)],
        )

        found = quote(table, hours(10, 11))

        assert yen(found) == 310 == sum(line.yen for line in found.lines)


class TestOvertime:
    def test_an_hour_is_a_share_of_the_last_period_after_surcharges(self):
        table = tariff(
            HALL,
            surcharges=[rule("weekend", days="weekend_or_holiday", percent=20)],
            overtime=[rule("over", percent=20, count="half_up", at_most=1)],
        )
        use = in_hall(AM, PM, on=SATURDAY, is_weekend_or_holiday=True, overtime_minutes=30)

        assert yen(quote(table, use)) == 9600 + 1200

    def test_under_half_an_hour_is_dropped_and_beyond_the_most_is_open(self):
        table = tariff(HALL, overtime=[rule("over", percent=20, count="half_up", at_most=1)])

        assert yen(quote(table, in_hall(AM, overtime_minutes=29))) == 3000
        assert open_rule(quote(table, in_hall(AM, overtime_minutes=120))) == "overtime"


class TestWhatCanBeReadInSeveralWays:
    UNCLEAR = {
        "id": "stacking", "because": "足すか掛けるかの定めがありません。",
        "readings": [
            {"name": "足す", "set": {"stacking": "add"}},
            {"name": "掛ける", "set": {"stacking": "multiply"}},
        ],
    }  # fmt: skip
    SURCHARGES = [
        rule("outside", classes=["outside"], percent=50),
        rule("profit", attributes=["for-profit"], percent=100),
    ]

    def table(self, **settled: Any) -> Tariff:
        return tariff(HOURLY, surcharges=self.SURCHARGES, unclear=[{**self.UNCLEAR, **settled}])

    def test_is_certain_where_all_readings_agree(self):
        assert yen(quote(self.table(), a_use(applicant_class="outside"))) == 1200

    def test_is_open_where_they_differ_and_says_what_each_costs(self):
        found = quote(self.table(), a_use(applicant_class="outside", is_for_profit=True))

        assert open_rule(found) == "stacking"
        assert [(one.name, one.yen) for one in found.readings] == [("足す", 2000), ("掛ける", 2400)]

    def test_is_certain_once_somebody_settled_it(self):
        settled = {"reading": "掛ける", "by": "課長", "on": "2026-05-01"}
        use = a_use(applicant_class="outside", is_for_profit=True)

        assert yen(quote(self.table(settled=settled), use)) == 2400

    def test_can_be_settled_for_one_booking(self):
        use = a_use(applicant_class="outside", is_for_profit=True, settled=(("stacking", "足す"),))

        assert yen(quote(self.table(), use)) == 2000


RULES = st.fixed_dictionaries(
    {
        "stacking": st.sampled_from(["add", "multiply", "highest"]),
        "surcharges": st.lists(st.integers(0, 300), max_size=4).map(
            lambda percents: [rule(f"s{n}", percent=p) for n, p in enumerate(percents)]
        ),
        "waivers": st.lists(st.integers(0, 100), max_size=3).map(
            lambda percents: [
                rule(f"w{n}", percent=p, is_automatic=True) for n, p in enumerate(percents)
            ]
        ),
        "rounding": st.lists(
            st.fixed_dictionaries(
                {
                    "at": st.sampled_from(["surcharged", "waived", "total"]),
                    "to": st.sampled_from([1, 10, 100]),
                    "how": st.sampled_from(["down", "up", "nearest"]),
                }
            ),
            min_size=1,
            max_size=2,
        ),
    }
)


@given(RULES, st.integers(0, 5000), st.integers(1, 12))
def test_lines_add_up_are_never_negative_and_always_the_same(rules, price, so_many):
    table = tariff({**HOURLY, "yen": price}, **rules)
    use = hours(9, 9 + so_many)

    found = quote(table, use)

    assert found == quote(table, use)
    if isinstance(found, Quote):
        assert sum(line.yen for line in found.lines) == found.total_yen >= 0


@given(RULES, st.integers(0, 5000))
def test_a_full_waiver_is_nothing(rules, price):
    rules = {**rules, "waivers": [rule("all", percent=100, is_automatic=True)]}

    assert yen(quote(tariff({**HOURLY, "yen": price}, **rules), a_use())) == 0


@given(st.integers(0, 9000), st.integers(0, 9000))
def test_splitting_at_a_period_never_changes_a_tariff_that_only_adds(am, pm):
    table = tariff({**HALL, "yen": {"am": am, "pm": pm}})

    whole = yen(quote(table, in_hall(AM, PM)))

    assert whole == yen(quote(table, in_hall(AM))) + yen(quote(table, in_hall(PM)))


class TestEveryDayOfTheYear:
    """Weekday and weekend-or-holiday split the year; kinds of a tariff's own do if they say so."""

    KINDS = [
        {"id": "quiet", "name": "平日", "weekdays": ["mon", "tue", "wed", "thu"],
         "holidays": "never"},
        {"id": "busy", "name": "金土日祝", "weekdays": ["fri", "sat", "sun"],
         "holidays": "belong"},
    ]  # fmt: skip

    @staticmethod
    def kinds_of(day: date, *, holiday: bool) -> list[str]:
        own = tariff(HOURLY, day_kinds=TestEveryDayOfTheYear.KINDS).day_kinds
        use = a_use(on=day, is_holiday=holiday, is_weekend_or_holiday=holiday or day.weekday() >= 5)
        every = ["weekday", "weekend_or_holiday", *(one.id for one in own)]
        return [one for one in every if is_of_kind(one, use, own)]

    @given(st.dates(date(2024, 1, 1), date(2035, 12, 31)), st.booleans())
    def test_belongs_to_exactly_one_kind_of_each_pair(self, day: date, holiday: bool):
        found = self.kinds_of(day, holiday=holiday)

        assert len({"weekday", "weekend_or_holiday"} & set(found)) == 1
        assert len({"quiet", "busy"} & set(found)) == 1

    def test_kinds_that_leave_a_day_out_leave_it_undetermined(self):
        own = [{**self.KINDS[0], "weekdays": ["mon"]}]
        table = tariff({**HOURLY, "days": "quiet"}, day_kinds=own)

        assert open_rule(quote(table, a_use(on=THURSDAY))) == "no-price"
