"""What does not agree between the parts of a pack is told before anybody books by it."""

import pytest

from app.packs.checker import check
from app.packs.checks.places import check_digit

CHUO = "facilities/chuo.yaml"


def errors(folder):
    return [str(one) for one in check(folder.path).errors]


def warnings(folder):
    return [str(one) for one in check(folder.path).problems if one.level == "warning"]


def test_a_pack_in_which_all_agrees_can_be_published(folder):
    report = check(folder.path)

    assert report.ok
    assert report.lines == ["合格 C1: 1,000円", "公開できます: 誤り 0、注意 0、例 1/1 合格"]


@pytest.mark.parametrize("code", ["132284", "132071", "131016", "132101", "011002", "131181"])
def test_the_check_digit_of_real_codes_fits(code):
    assert check_digit(code[:5]) == code[5]


def test_a_code_that_nobody_has_is_an_error(folder):
    folder.change("municipality.yaml", '"132284"', '"132285"')

    (problem,) = errors(folder)

    assert problem.startswith("municipality.yaml:3: municipality.code: 「132285」")


@pytest.mark.parametrize(
    ("old", "new", "field", "found"),
    [
        ("rooms: [east]\n    from", "rooms: [eest]\n    from", "closures[1].rooms[1]", "eest"),
        ("rooms: [hall, east, west]", "rooms: [hall, east, west, big]",
         "fees[1].prices[1].rooms[4]", "big"),
        ("purposes: [meeting]", "purposes: [meetin]", "rooms[2].purposes[1]", "meetin"),
        ("yen: {am: 1000, pm: 2000}", "yen: {am: 1000, pm: 2000, night: 3000}",
         "fees[1].prices[1].yen.night", "night"),
        ("- opens:", "- classes: [resident, groups]\n        opens:",
         "terms[1].reception[1].classes[2]", "groups"),
        ("spaces: [east, west]", "spaces: [east, wset]", "rooms[1].spaces[2]", "wset"),
    ],
)  # fmt: skip
def test_what_is_named_but_does_not_exist_is_an_error(folder, old, new, field, found):
    folder.change(CHUO, old, new)

    assert any(f": {field}: 「{found}」という" in problem for problem in errors(folder))


def test_a_name_that_is_nearly_right_is_proposed(folder):
    folder.change(CHUO, "purposes: [meeting]", "purposes: [meetin]")

    (problem,) = errors(folder)

    assert problem.endswith("もしかして: meeting。使えるもの: meeting, music。")


def test_a_room_without_a_price_is_an_error(folder):
    folder.change(CHUO, "rooms: [hall, east, west]", "rooms: [hall, east]")

    (problem,) = errors(folder)

    assert "「ホール西」（west）の料金がありません" in problem
    assert "resident 平日 午前" in problem


def test_a_price_for_some_only_is_an_error(folder):
    folder.change(
        CHUO, "rooms: [hall, east, west]", "rooms: [hall, east, west]\n        days: weekday"
    )

    assert len(errors(folder)) == 3
    assert all("土日祝" in problem and "平日" not in problem for problem in errors(folder))


class TestTwoPrices:
    """Beside the small pack's own, for any class on any day."""

    def errors_with(self, folder, **facts):
        said = {"id": "more", "rooms": "[hall]", "yen": "{am: 1500}", **facts}
        lines = "".join(f"        {name}: {value}\n" for name, value in said.items())
        price = f"      - kind: per_period\n{lines}        citation: {{source: 別表}}\n"
        folder.change(CHUO, "    prices:\n", f"    prices:\n{price}")
        return errors(folder)

    def test_for_the_same_use_are_an_error(self, folder):
        (problem,) = self.errors_with(folder)

        assert "「hall」と「more」は同じ使い方の料金です" in problem

    def test_for_another_class_or_day_are_none(self, folder):
        assert self.errors_with(folder, classes="[group]", days="weekday") == []


def test_an_open_question_stands_for_a_price(folder):
    folder.change(
        CHUO,
        "fees:\n  - effective_from: 2026-04-01\n",
        "fees:\n  - effective_from: 2026-04-01\n    open_questions:\n"
        "      - {id: west, rooms: [west], when: always, because: 料金表にありません。}\n",
    )
    folder.change(CHUO, "rooms: [hall, east, west]", "rooms: [hall, east]")

    assert errors(folder) == []


def test_a_room_without_a_division_is_an_error(folder):
    folder.change(
        CHUO, "      - kind: periods\n", "      - kind: periods\n        rooms: [hall, east]\n"
    )

    assert any("「ホール西」（west）の時間区分がありません" in one for one in errors(folder))


def test_a_room_in_two_divisions_is_an_error(folder):
    folder.change(CHUO, "    divisions:\n", "    divisions:\n      - {kind: unit, minutes: 60}\n")

    assert any("時間区分が2つ以上あります" in one for one in errors(folder))


def test_editions_that_begin_on_the_same_day_are_an_error(folder):
    edition = "\n  - effective_from: 2026-04-01\n    is_demonstration: true\n    prices: []\n"
    folder.change(CHUO, "closures:\n", f"{edition}closures:\n")

    assert any("同じ日から始まる版は1つだけ" in one for one in errors(folder))


def test_a_room_named_twice_is_an_error(folder):
    folder.change(CHUO, "slug: west", "slug: east")

    assert any("「east」が2回あります" in one for one in errors(folder))


def test_a_file_named_otherwise_than_its_facility_is_an_error(folder):
    folder.change(CHUO, "slug: chuo", "slug: kita")

    assert any("ファイル名と slug を同じにしてください" in one for one in errors(folder))


def test_a_path_that_the_service_itself_uses_is_an_error(folder):
    folder.change("municipality.yaml", "slug: midori", "slug: platform")

    assert any("「platform」は使えません" in one for one in errors(folder))


def test_two_classes_cannot_both_be_the_default(folder):
    folder.change("municipality.yaml", "self_declared: false", "is_default: true")

    assert any("is_default" in one for one in errors(folder))


class TestSomethingToLookAtAgain:
    def test_is_a_class_that_cannot_apply_online(self, folder):
        folder.change(CHUO, "- opens:", "- classes: [group]\n        opens:")

        assert len(warnings(folder)) == 3
        assert check(folder.path).ok

    def test_is_a_part_that_holds_more_people_than_the_whole(self, folder):
        folder.change(CHUO, "capacity: 100", "capacity: 40")

        assert len(warnings(folder)) == 2

    def test_is_a_period_outside_all_opening_hours(self, folder):
        folder.change(CHUO, "to: 22:00", "to: 16:00")

        assert any("「午後」は、どの開館時間" in one for one in warnings(folder))


def test_the_report_is_there_for_programs_too(folder):
    folder.change("cases.yaml", "expect: 1000", "expect: 1200")

    assert check(folder.path).as_json() == {
        "ok": False,
        "problems": [],
        "cases": [
            {"id": "C1", "name": "", "passed": False, "expected": "1,200円", "got": "1,000円"}
        ],
    }
