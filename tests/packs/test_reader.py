"""Every error of a pack names file, line, field, what was found and what is allowed."""

from app.packs.reader import read_pack

CHUO = "facilities/chuo.yaml"


def told(folder):
    return [str(one) for one in read_pack(folder.path).problems]


def test_a_pack_without_errors_is_read(folder):
    reading = read_pack(folder.path)

    assert reading.problems == []
    assert reading.pack.facilities[0].rooms[0].floor == ("east", "west")


def test_times_are_read_as_people_write_them(folder):
    hours = read_pack(folder.path).pack.facilities[0].calendar[0].hours[0]

    assert (hours.from_, hours.to) == (9 * 60, 22 * 60)


def test_midnight_may_be_written_as_24(folder):
    closure = read_pack(folder.path).pack.facilities[0].closures[0]

    assert str(closure.to) == "2027-03-12 24:00"


class TestAnErrorSays:
    def test_that_a_field_does_not_exist_and_what_was_perhaps_meant(self, folder):
        folder.change(CHUO, "capacity: 100", "capasity: 100")

        (problem,) = told(folder)

        assert problem.startswith(
            f"{CHUO}:10: rooms[1].capasity: 「capasity」という項目はありません。"
            "もしかして: capacity。使える項目: slug, name, "
        )

    def test_which_fields_are_allowed_deep_inside(self, folder):
        folder.change(CHUO, "{id: am, name: 午前,", "{id: am, nama: 午前,")

        assert told(folder)[1].endswith("もしかして: name。使える項目: id, name, from, to。")

    def test_that_a_field_is_missing(self, folder):
        folder.change(CHUO, "    name: ホール東\n", "")

        assert told(folder) == [
            f"{CHUO}:12: rooms[2].name: この項目がありません。必ず書いてください。"
        ]

    def test_what_number_was_found(self, folder):
        folder.change(CHUO, "capacity: 100", "capacity: 百人")

        assert told(folder) == [
            f"{CHUO}:10: rooms[1].capacity: 「百人」は使えません。"
            "整数を書いてください（カンマや単位は付けません）。"
        ]

    def test_the_bounds_of_a_number(self, folder):
        folder.change(CHUO, "capacity: 100", "capacity: 0")

        assert told(folder) == [
            f"{CHUO}:10: rooms[1].capacity: 「0」は使えません。1以上にしてください。"
        ]

    def test_which_words_are_allowed(self, folder):
        folder.change(CHUO, "weekdays: [tue]", "weekdays: [tuesday]")

        assert told(folder) == [
            f"{CHUO}:24: calendar[1].closings[1].weekdays[1]: 「tuesday」は使えません。"
            "使えるもの: mon, tue, wed, thu, fri, sat, sun。"
        ]

    def test_which_kinds_are_allowed(self, folder):
        folder.change(CHUO, "{kind: weekly, weekdays: [tue]}", "{kind: monthly}")

        (problem,) = told(folder)

        assert problem.startswith(
            f"{CHUO}:24: calendar[1].closings[1].kind: 「monthly」は使えません。"
        )
        assert "使えるもの: weekly, nth_weekday, holidays, yearly, dates。" in problem

    def test_how_a_time_is_written(self, folder):
        folder.change(CHUO, "from: 9:00, to: 22:00", "from: 9, to: 25:00")

        assert told(folder) == [
            f"{CHUO}:22: calendar[1].hours[1].{field}: 「{found}」は使えません。"
            "時刻は 9:00 や 24:00 のように書きます。"
            for field, found in (("from", "9"), ("to", "25:00"))
        ]

    def test_how_a_day_is_written(self, folder):
        folder.change(
            "municipality.yaml", "effective_from: 2026-04-01", "effective_from: 令和8年4月1日"
        )

        assert told(folder) == [
            "municipality.yaml:7: policy[1].effective_from: 「令和8年4月1日」は使えません。"
            "日付は 2026-12-01 のように書いてください。"
        ]

    def test_how_a_moment_is_written(self, folder):
        folder.change(CHUO, "to: 2027-03-12 24:00", "to: 3月12日")

        assert told(folder) == [
            f"{CHUO}:51: closures[1].to: 「3月12日」は使えません。"
            "日時は 2026-12-01 09:00 のように書きます。"
        ]

    def test_that_two_lines_say_the_same_field(self, folder):
        folder.change(CHUO, "    capacity: 100\n", "    capacity: 100\n    capacity: 120\n")

        assert told(folder) == [
            f"{CHUO}:11: rooms[1].capacity: 同じ項目が2回あります（10行目と11行目）。"
            "片方にしてください。"
        ]

    def test_which_periods_overlap(self, folder):
        folder.change(CHUO, "from: 13:00", "from: 11:00")

        (problem,) = told(folder)

        assert problem == (
            f"{CHUO}:26: calendar[1].divisions[1]: periods の am と pm の時間が重なっています。"
        )

    def test_where_it_is_although_a_kind_is_called_like_a_field(self, folder):
        folder.change(
            CHUO, "      - kind: periods\n", "      - kind: periods\n        gap: {use: free}\n"
        )

        assert told(folder) == [
            f"{CHUO}:27: calendar[1].divisions[1].gap.use: 「free」は使えません。"
            "使えるもの: not_included, included。"
        ]

    def test_where_the_yaml_itself_breaks(self, folder):
        folder.change(CHUO, "kind: 会館", "kind: [会館")

        (problem,) = told(folder)

        assert problem.startswith(f"{CHUO}:6: YAML として読めません")

    def test_that_a_file_is_not_text_in_utf_8(self, folder):
        (folder.path / CHUO).write_bytes("名前: 会館".encode("cp932"))

        (problem,) = told(folder)

        assert "文字コードを UTF-8 にしてください" in problem

    def test_that_a_file_would_be_passed_over(self, folder):
        folder.write("facilities/kita.yml", "facility: {}\n")

        assert told(folder) == [
            "facilities/kita.yml: 読まれないファイルです。名前と置き場所を確かめてください。"
        ]

    def test_that_a_file_is_missing(self, folder):
        (folder.path / "cases.yaml").unlink()

        assert told(folder) == ["cases.yaml: ファイルがありません。"]


def test_all_errors_of_all_files_are_told_at_once(folder):
    folder.change("municipality.yaml", "name: みどり市", "nane: みどり市")
    folder.change(CHUO, "capacity: 100", "capacity: 百人")
    folder.change(CHUO, "weekdays: [tue]", "weekdays: []")
    folder.change("cases.yaml", "expect: 1000", "expect: 千円")

    files = [one.file for one in read_pack(folder.path).problems]

    assert files == ["municipality.yaml", "municipality.yaml", CHUO, CHUO, "cases.yaml"]


def test_a_price_with_a_comma_is_an_error_and_not_another_price(folder):
    folder.change(CHUO, "yen: {am: 1000, pm: 2000}", "yen: {am: 1,000, pm: 2000}")

    assert any("yen" in problem for problem in told(folder))


def test_aliases_of_aliases_do_not_fill_the_memory(folder):
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    folder.write("cases.yaml", "\n".join(lines))

    assert told(folder) == ["cases.yaml:1: ファイルが大きすぎるか、深すぎます。"]
