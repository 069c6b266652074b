"""Between when a use can be applied for, by when it is paid, and what cancelling brings back."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booking.policy import Terms
from app.booking.rules import reception
from app.booking.rules.days import Place
from app.booking.rules.outcomes import cancel_refusal, consequence, due_at
from app.booking.rules.reception import Window, window
from app.booking.rules.refunds import refund
from app.facilities.catalogue import Catalogue, FacilityInfo, Version
from app.facilities.policy import FacilityCalendar
from app.kernel.clock import TOKYO
from app.kernel.spans import instant
from app.tenants.policy import MunicipalityPolicy

DAYS = st.dates(date(2024, 1, 1), date(2034, 12, 31))
CLOSED_ON_MONDAY = FacilityCalendar.model_validate(
    {
        "hours": [{"from": "9:00", "to": "22:00"}],
        "closings": [{"kind": "weekly", "weekdays": ["mon"]}],
        "divisions": [{"kind": "unit", "minutes": 60}],
        "office_closings": [{"kind": "weekly", "weekdays": ["sat", "sun"]}],
    }
)
POLICY = MunicipalityPolicy.model_validate(
    {
        "help": {"name": "市民課", "phone": "0", "hours": ""},
        "applicant_classes": [{"id": "resident", "name": "市内の方"}],
        "purposes": [{"id": "meeting", "name": "会議"}],
    }
)


def the_place() -> Place:
    """A hall that is closed on Mondays; its office is closed at weekends."""
    since = date(2020, 4, 1)
    hall = FacilityInfo(
        1, "chuo", "中央会館", "", "会館", "", "00-0000-0000", "", "", True, (),
        (Version(1, since, CLOSED_ON_MONDAY),), {},
    )  # fmt: skip
    return Place(Catalogue(1, 1, TOKYO, (hall,), (Version(2, since, POLICY),)), hall)


PLACE = the_place()
MONTH_AHEAD = {"kind": "month_day", "months": 2, "day": 1}
THREE_DAYS = {"kind": "before", "days": 3}


def terms(*rules: dict[str, Any], **more: Any) -> Terms:
    said: dict[str, Any] = {
        "reception": rules or [{"opens": MONTH_AHEAD, "closes": THREE_DAYS}],
        "payment": {"where": "会館の受付"},
        "cancellation": {"until": {"kind": "before", "days": 1}},
    }
    return Terms.model_validate({**said, **more})


def window_of(found: Terms, day: date, *, hour: int = 10, **who: Any) -> Window | None:
    asked = {"room": "hall", "applicant_class": "resident", **who}
    return window(found, PLACE, day=day, starts_at=instant(day, hour * 60, TOKYO), **asked)


def opens(rule: dict[str, Any], day: date) -> datetime:
    found = window_of(terms({"opens": rule, "closes": THREE_DAYS}), day)
    assert found is not None
    return found.opens_at.astimezone(TOKYO)


def closes(rule: dict[str, Any], day: date, *, hour: int = 10) -> datetime:
    found = window_of(terms({"opens": MONTH_AHEAD, "closes": rule}), day, hour=hour)
    assert found is not None
    return found.closes_at.astimezone(TOKYO)


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


class TestTheSameDaySomeMonthsBefore:
    @pytest.mark.parametrize(
        ("months", "use", "opens_on"),
        [
            (1, "2027-03-31", "2027-02-28"),
            (1, "2028-03-31", "2028-02-29"),
            (1, "2028-03-29", "2028-02-29"),
            (1, "2027-03-29", "2027-02-28"),
            (2, "2027-01-31", "2026-11-30"),
            (3, "2027-05-31", "2027-02-28"),
            (12, "2028-02-29", "2027-02-28"),
            (12, "2027-06-20", "2026-06-20"),
            (1, "2027-01-15", "2026-12-15"),
        ],
    )
    def test_is_that_day_or_the_last_of_a_shorter_month(self, months, use, opens_on):
        found = opens({"kind": "before", "months": months}, date.fromisoformat(use))

        assert found == tokyo(f"{opens_on} 00:00")

    @given(DAYS, st.integers(0, 24))
    def test_lies_that_many_months_before_and_never_on_a_later_day(self, use, months):
        found = opens({"kind": "before", "months": months}, use)

        apart = (use.year - found.year) * 12 + use.month - found.month
        assert apart == months
        assert found.day <= use.day

    @given(DAYS, DAYS, st.integers(0, 24))
    def test_never_opens_earlier_for_a_later_use(self, one, other, months):
        early, late = sorted([one, other])
        rule = {"kind": "before", "months": months}

        assert opens(rule, early) <= opens(rule, late)

    def test_may_be_some_days_earlier_still(self):
        found = opens({"kind": "before", "months": 1, "days": 5, "at": "9:00"}, date(2027, 3, 31))

        assert found == tokyo("2027-02-23 09:00")


class TestADayOfAnEarlierMonth:
    def test_the_first_day_of_the_month_two_months_before(self):
        assert opens(MONTH_AHEAD, date(2027, 5, 20)) == tokyo("2027-03-01 00:00")
        assert opens(MONTH_AHEAD, date(2027, 1, 31)) == tokyo("2026-11-01 00:00")

    @given(DAYS)
    def test_is_the_same_for_every_use_of_a_month(self, use):
        assert opens(MONTH_AHEAD, use) == opens(MONTH_AHEAD, use.replace(day=1))

    def test_the_31st_of_a_shorter_month_is_its_last_day(self):
        rule = {"kind": "month_day", "months": 1, "day": 31}

        assert opens(rule, date(2028, 3, 10)) == tokyo("2028-02-29 00:00")


class TestAClosedDay:
    """2026-06-22 is a Monday, 2027-08-01 a Sunday."""

    def test_is_kept_unless_the_rule_says_otherwise(self):
        rule = {"kind": "before", "months": 12, "at": "9:00"}

        assert opens(rule, date(2027, 6, 22)) == tokyo("2026-06-22 09:00")

    def test_moves_the_opening_to_the_next_open_day(self):
        rule = {"kind": "before", "months": 12, "at": "9:00", "if_closed": "next_open_day"}

        assert opens(rule, date(2027, 6, 22)) == tokyo("2026-06-23 09:00")
        assert opens(rule, date(2027, 6, 20)) == tokyo("2026-06-20 09:00")

    def test_may_mean_the_office_and_not_the_hall(self):
        rule = {**MONTH_AHEAD, "if_closed": "next_open_day", "closed_means": "office"}

        assert opens(rule, date(2027, 10, 5)) == tokyo("2027-08-02 00:00")

    def test_may_move_the_end_to_the_day_before(self):
        rule = {"kind": "before", "days": 3, "if_closed": "previous_open_day"}

        assert closes(rule, date(2027, 3, 11)) == tokyo("2027-03-08 00:00")  # the Sunday is over

    @given(DAYS)
    def test_is_never_the_day_on_which_reception_opens_when_it_moves(self, use):
        rule = {"kind": "before", "months": 1, "if_closed": "next_open_day"}

        assert opens(rule, use).weekday() != 0


class TestTheEnd:
    def test_is_the_end_of_the_day_when_no_time_is_said(self):
        assert closes(THREE_DAYS, date(2027, 5, 20)) == tokyo("2027-05-18 00:00")

    def test_may_be_at_a_time_of_that_day(self):
        rule = {"kind": "before", "days": 3, "at": "17:00"}

        assert closes(rule, date(2027, 5, 20)) == tokyo("2027-05-17 17:00")

    def test_may_be_some_minutes_before_the_use(self):
        rule = {"kind": "minutes_before", "minutes": 30}

        assert closes(rule, date(2027, 5, 20), hour=18) == tokyo("2027-05-20 17:30")

    @given(DAYS, st.integers(0, 400), st.integers(0, 23))
    def test_is_never_after_the_use_has_begun(self, use, days, hour):
        rule = {"kind": "before", "days": days}

        assert closes(rule, use, hour=hour) <= instant(use, hour * 60, TOKYO)


class TestOfSeveralRules:
    general = {"opens": MONTH_AHEAD, "closes": THREE_DAYS, "afterwards": "general"}

    def rule(self, name: str, **only: Any) -> dict[str, Any]:
        return {**self.general, **only, "afterwards": name}

    def which(self, rules: list[dict[str, Any]], **who: Any) -> str | None:
        found = window_of(terms(*rules), date(2027, 5, 20), **who)
        return found.afterwards if found else None

    def test_the_one_for_the_class_goes_before_the_general_one(self):
        rules = [self.general, self.rule("group", classes=["group"])]

        assert self.which(rules, applicant_class="group") == "group"
        assert self.which(rules) == "general"

    def test_the_one_for_the_room_goes_before_the_one_for_the_class(self):
        rules = [self.rule("group", classes=["group"]), self.rule("hall", rooms=["hall"])]

        assert self.which(rules, applicant_class="group") == "hall"

    def test_a_room_that_goes_with_another_has_that_one_s_window(self):
        rules = [self.general, self.rule("beside", rooms=["small"], together_with=["hall"])]

        assert self.which(rules, room="small", beside=["hall", "kitchen"]) == "beside"
        assert self.which(rules, room="small", beside=["kitchen"]) == "general"
        assert self.which(rules, room="small") == "general"

    def test_none_may_be_there_for_a_class(self):
        assert self.which([self.rule("group", classes=["group"])]) is None


class TestARefusal:
    use = date(2027, 5, 20)

    def refused(self, now: str, found: Window | None = None) -> tuple[str, Any] | None:
        given = found or window_of(terms(), self.use)
        no = reception.refusal(given, now=tokyo(now), phone="0")
        return (no.code, no.facts.get("opens_at")) if no else None

    def test_before_it_opens_says_from_when(self):
        opening = tokyo("2027-03-01 00:00")

        assert self.refused("2027-02-28 23:59") == ("reception.not_yet", opening)

    def test_is_none_from_the_first_to_the_last_instant(self):
        assert self.refused("2027-03-01 00:00") is None
        assert self.refused("2027-05-17 23:59") is None

    def test_after_the_last_day_says_that_it_is_over(self):
        assert self.refused("2027-05-18 00:00") == ("reception.over", None)

    def test_for_who_cannot_apply_online_says_so(self):
        no = reception.refusal(None, now=tokyo("2027-03-01 00:00"), phone="0")

        assert no is not None
        assert no.code == "reception.not_online"

    def test_of_a_window_that_closes_before_it_opens_is_that_it_is_over(self):
        backwards = Window(tokyo("2027-05-19 00:00"), tokyo("2027-05-18 00:00"), "")

        assert self.refused("2027-03-01 00:00", backwards) == ("reception.over", None)


class TestTheFee:
    first_use = tokyo("2027-05-20 10:00")

    def due(self, requested: str, **payment: int) -> datetime:
        found = due_at(
            terms(payment={**payment, "where": ""}).payment,
            requested_on=date.fromisoformat(requested),
            first_use=self.first_use,
            zone=TOKYO,
        )
        return found.astimezone(TOKYO)

    def test_is_due_by_the_end_of_the_day_before_the_use(self):
        assert self.due("2027-03-01", days_before_use=1) == tokyo("2027-05-20 00:00")

    def test_is_due_on_the_earlier_of_two_days(self):
        assert self.due("2027-03-01", days_after_request=14, days_before_use=1) == tokyo(
            "2027-03-16 00:00"
        )
        assert self.due("2027-05-12", days_after_request=14, days_before_use=1) == tokyo(
            "2027-05-20 00:00"
        )

    def test_is_never_due_before_the_day_of_the_request(self):
        assert self.due("2027-05-19", days_before_use=7) == tokyo("2027-05-20 00:00")

    def test_is_due_when_the_use_begins_if_nothing_is_said_or_it_is_asked_for_that_day(self):
        assert self.due("2027-03-01") == self.first_use
        assert self.due("2027-05-20", days_before_use=1) == self.first_use


class TestCancelling:
    found = terms(
        cancellation={
            "until": {"kind": "before", "days": 1},
            "refunds": [{"days_before": 7, "percent": 50}, {"days_before": 14, "percent": 100}],
        }
    )
    use = date(2027, 5, 20)

    @pytest.mark.parametrize(
        ("days", "yen"), [(100, 1001), (14, 1001), (13, 500), (7, 500), (6, 0), (0, 0)]
    )
    def test_brings_back_so_much_so_many_days_before(self, days, yen):
        back = consequence(
            self.found,
            fee_yen=1001,
            is_paid=True,
            use_day=self.use,
            today=self.use - timedelta(days),
        )

        assert back.refund_yen == yen

    def test_of_what_is_not_paid_releases_it(self):
        back = consequence(self.found, fee_yen=800, is_paid=False, use_day=self.use, today=self.use)

        assert (back.refund_yen, back.released_yen) == (0, 800)

    @given(st.integers(0, 60), st.integers(0, 60))
    def test_earlier_never_brings_back_less(self, one, other):
        late, early = sorted([one, other])

        def percent(days: int) -> int:
            today = self.use - timedelta(days=days)
            return refund(self.found.cancellation, use_day=self.use, today=today).percent or 0

        assert percent(late) <= percent(early)

    @pytest.mark.parametrize(
        ("now", "code"),
        [
            ("2027-05-19 23:59", None),
            ("2027-05-20 00:00", "cancel.too_late"),
            ("2027-05-20 10:00", "cancel.started"),
        ],
    )
    def test_by_oneself_is_possible_until_the_limit(self, now, code):
        no = cancel_refusal(
            self.found,
            PLACE,
            day=self.use,
            starts_at=tokyo("2027-05-20 10:00"),
            now=tokyo(now),
        )

        assert (no.code if no else None) == code
