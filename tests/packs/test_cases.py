"""A case that does not come out says what the ordinance gives and what was worked out."""

from app.packs.checker import check


def results(folder, text):
    folder.write("cases.yaml", f"cases:\n{text}")
    report = check(folder.path)
    assert report.errors == []
    return [str(one) for one in report.cases]


FEE = "  - {{id: C, kind: fee, uses: [{use}], expect: {expect}}}\n"


def test_a_fee_that_differs(folder):
    use = "{facility: chuo, room: hall, on: 2027-03-08, from: 9:00, to: 12:00}"

    assert results(folder, FEE.format(use=use, expect=1200)) == [
        "不合格 C: 正しくは 1,200円、計算では 1,000円\n"
        "    基本（午前） 1,000円 = 1,000円 [hall] みどり市会館条例 別表"
    ]


def test_a_fee_of_a_day_on_which_it_is_closed(folder):
    use = "{facility: chuo, room: hall, on: 2027-03-09, from: 9:00, to: 12:00}"

    assert results(folder, FEE.format(use=use, expect=1000)) == [
        "不合格 C: 正しくは 1,000円、"
        "計算では 2027-03-09 の 09:00-12:00 は、この部屋の時間区分に合いません"
    ]


def test_a_room_that_there_is_not(folder):
    use = "{facility: chuo, room: big, on: 2027-03-08, from: 9:00, to: 12:00}"

    assert results(folder, FEE.format(use=use, expect=1000)) == [
        "不合格 C: 正しくは 1,000円、計算では 中央会館に「big」という部屋はありません"
    ]


def test_dates_are_compared_as_far_as_they_are_given(folder):
    text = (
        "  - {id: D, kind: date, facility: chuo, room: hall, on: 2027-05-20,\n"
        "     expect: {opens: 2027-03-01 00:00, closes: 2027-05-18 00:00}}\n"
    )

    assert results(folder, text) == ["合格 D: 受付開始 2027-03-01 00:00 受付終了 2027-05-17 24:00"]


def test_a_class_that_cannot_apply_online(folder):
    folder.change("facilities/chuo.yaml", "- opens:", "- classes: [group]\n        opens:")
    text = (
        "  - {id: D, kind: date, facility: chuo, room: hall, on: 2027-05-20,\n"
        "     expect: {online: false}}\n"
    )

    assert results(folder, text) == ["合格 D: ネットでは申し込めない"]


def test_a_refund_and_a_day_and_slots(folder):
    text = (
        "  - {id: R, kind: refund, facility: chuo, on: 2027-03-08, days_before: 9,\n"
        "     paid_yen: 1000, expect: 0}\n"
        "  - {id: T, kind: day, facility: chuo, on: 2027-03-09, expect: open}\n"
        "  - {id: S, kind: slots, facility: chuo, room: hall, on: 2027-03-08,\n"
        "     expect: ['09:00-12:00', '13:00-17:00']}\n"
    )

    assert results(folder, text) == [
        "合格 R: 0円",
        "不合格 T: 正しくは open、計算では closed",
        "合格 S: 09:00-12:00 13:00-17:00",
    ]
