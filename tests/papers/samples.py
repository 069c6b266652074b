"""Papers as they are in a hall's week, and as they are at their worst."""

from dataclasses import replace

from app.papers.documents import (
    Bill,
    Ended,
    Estimate,
    Fact,
    GivenBack,
    Issuer,
    Notice,
    Permit,
    Priced,
    Receipt,
    Sheet,
    Tax,
    TillEntry,
    TillSheet,
    TillSum,
    Use,
)

CITY = Issuer(
    "みどり市", "T1234567890123", "みどり市 中央会館", "みどり市中央1丁目2番3号", "00-0000-0001"
)
NAME = "みどり混声合唱団"
NUMBER = "4827-1063"
MONDAY = Use(
    "2027年（令和9年）3月8日（月）", "10時から12時まで（2時間）", "中央会館", "第1会議室",
    "ピアノ、マイク 2",
)  # fmt: skip
EVENING = Use(
    "2027年（令和9年）3月15日（月）", "18時から21時30分まで（3時間30分）", "中央会館", "大ホール"
)
ISSUED = "令和8年12月1日"
URL = "https://yoyaku.example/midori/permits/1204/0123456789abcdef0123456789abcdef"

LONG_NAME = (
    "一般社団法人みどり市生涯学習推進協議会附属髙﨑德濵𠮷記念合唱団"
    "ならびに同後援会連絡会議合同実行委員会準備室分科会第二"
)
LONG_LATIN = "TheInternationalAssociationOfVeryLongNamesWithoutAnySpaces2027"
NOTES = "".join(
    f"{n}　使い終わったら、机と椅子をもとの場所にもどし、窓と鍵を確かめて、"
    "管理人室に声をかけてください。"
    for n in "一二三四五六七八九十"
)[:400]
INJECTION = '#read("/etc/passwd") *bold* _em_ $x^2$ @ref <label> \\ #{1+1} // x'

PERMIT = Permit(
    NAME, CITY, NUMBER, (MONDAY,),
    (
        Fact("使う人", "みどり混声合唱団（登録団体）"), Fact("目的", "音楽の練習"),
        Fact("人数", "24人"),
    ),
    1200, "（受け取りずみ）",
    (
        "鍵は管理人室でお受け取りください。",
        "使い終わったら、机と椅子をもとの場所にもどしてください。",
    ),
    "みどり市会館条例第5条",
)  # fmt: skip
BILL = Bill(
    NAME, CITY, NUMBER,
    (
        Priced(MONDAY, ("基本 300円×2時間", "ピアノ 600円", "減免 半額"), 600),
        Priced(EVENING, ("夜間 4,400円", "市外割増 50％"), 6600),
    ),
    7200, 0, 7200, (Tax(10, 7200, 654),), "2026年12月15日（火）",
    (
        "お支払いの場所　中央会館の受付（9時から17時まで。休館日をのぞく）",
        "この請求書をお持ちください。",
    ),
)  # fmt: skip
RECEIPT = Receipt(
    NAME, CITY, NUMBER, 7200, (Tax(10, 7200, 654),), "2026年12月1日（火）", "現金",
    (MONDAY, EVENING), "鈴木", "",
)  # fmt: skip
NOTICE = Notice(
    NAME, CITY, NUMBER,
    (
        Ended(MONDAY, 600, 0, 600, "2026年12月1日（火）に取り消し", "会館の都合"),
        Ended(
            EVENING, 6600, 3300, 3300, "2026年12月1日（火）に取り消し", "申し込んだ人の申し出"
        ),
    ),
    7200, 3900, 0, "みどり市会館条例第9条",
    ("受け取り方と時期は、お問い合わせ先のお電話でご案内します。",),
    (),
)  # fmt: skip
NOTICE_OPEN = replace(
    NOTICE,
    lines=(
        Ended(
            EVENING, 6600, 6600, 0, "2026年12月1日（火）に取り消し", "申し込んだ人の申し出",
            is_undecided=True, remark="変更のときに返らなかった600円を、ふくみます。",
        ),
    ),
    paid_yen=6600, back_yen=0, ways=(), standing=(MONDAY,),
    undecided="返す額は会館が決めて、お知らせします。",
)  # fmt: skip
CHANGED = "中央会館 大ホール 3月15日（月） 18時から21時まで（3時間）\n→ "
NOTICE_REFUND = Notice(
    NAME, CITY, NUMBER, (), 7200, 300, 0, "",
    ("クレジットカードへ、カード会社を通してお返しします。手続きはいりません。（300円）",),
    (EVENING,),
    (
        GivenBack(
            "2026年12月1日（火）", "予約の変更", 300, "みどり市会館条例第9条",
            (CHANGED + "18時から20時まで（2時間）（1,800円 → 1,200円）",),
        ),
    ),
    remarks=(
        "はらった額 7,200円、いまの使用料 6,600円、差額 600円のうち300円を返します。"
        "のこり300円は規則により返りません（みどり市会館条例第9条）。",
    ),
)  # fmt: skip
ESTIMATE = Estimate(
    "", CITY, "", BILL.lines, 7200, (Tax(10, 7200, 654),),
    ("この見積は部屋をおさえるものではありません。", "減免や加算、備品の料金は入っていません。"),
)  # fmt: skip
TILL = TillSheet(
    "みどり市", "中央会館", "2026年12月1日（火）",
    (
        TillEntry("9時12分", NUMBER, NAME, "現金", "2026-000012", 7200, "鈴木"),
        TillEntry("10時05分", "1103-5527", "山田 花子", "現金", "2026-000013", 800, "鈴木"),
        TillEntry("11時40分", "1103-5527", "山田 花子", "現金\n受け取りの取り消し", "2026-000013",
                  -800, "佐藤"),
        TillEntry("14時30分", "7780-2216", "緑ヶ丘町内会", "カード端末", "2026-000014", 12400,
                  "佐藤"),
    ),
    (TillSum("カード端末", 1, 12400), TillSum("現金", 3, 7200)),
    19600, 7200, 7000, "おつりを200円多くわたした。本人に連絡ずみ。",
    "2026年12月1日（火）17時に締めました。佐藤", ("館長", "係", "担当"),
)  # fmt: skip

LONG_USE = Use(
    "2027年（令和9年）12月31日（金）", "9時30分から21時30分まで（12時間）",
    "みどり市立中央生涯学習センター附属コミュニティ会館本館",
    "多目的ホール（全面・移動観覧席をふくむ）",
    "グランドピアノ、音響設備一式、照明設備一式、マイク 12",
)  # fmt: skip
LONG_ISSUER = Issuer(
    "みどり市文化振興財団・みどり総合管理共同事業体（指定管理者）", "T9876543210987",
    LONG_USE.hall, "みどり市緑ヶ丘中央一丁目二番三号 みどり市民プラザ北棟4階", "0000-00-0001",
)  # fmt: skip
TWELVE = tuple(replace(LONG_USE, day=f"2027年（令和9年）12月{n}日（金）") for n in range(1, 13))
LONG_PRICED = tuple(
    Priced(
        use,
        ("基本 12,400円×12時間（みどり市会館条例別表第1）", INJECTION, "減免 −5,000円"),
        143_800,
    )
    for use in TWELVE
)  # fmt: skip

USUAL = {
    "permit": Sheet(PERMIT, ISSUED, "2026-000012", check_url=URL),
    "permit-again": Sheet(
        replace(PERMIT, uses=(MONDAY, EVENING)), ISSUED, "2026-000012", "再発行", "1回目", URL
    ),
    "bill": Sheet(BILL, ISSUED, "2026-000034"),
    "receipt": Sheet(RECEIPT, ISSUED, "2026-000056"),
    "receipt-void": Sheet(
        replace(RECEIPT, void_words="2026年12月1日（火）11時40分　となりの予約でした"),
        ISSUED, "2026-000056", "無効",
    ),
    "receipt-gone-back": Sheet(
        replace(
            RECEIPT,
            gone_back=(
                "この領収書の金額のうち3,600円は返金しました（2026年12月4日（金））。",
                "この領収書の金額のうち600円は返金しました（2026年12月8日（火））。",
            ),
        ),
        ISSUED, "2026-000056",
    ),
    "notice": Sheet(NOTICE, ISSUED, "2026-000078"),
    "notice-open": Sheet(NOTICE_OPEN, ISSUED, "2026-000079"),
    "notice-refund": Sheet(NOTICE_REFUND, ISSUED, "2026-000080"),
    "estimate": Sheet(ESTIMATE, ISSUED),
    "till": Sheet(TILL, ISSUED),
}  # fmt: skip
EXTREME = {
    "permit-long": Sheet(
        Permit(
            LONG_NAME, LONG_ISSUER, NUMBER, TWELVE,
            (
                Fact("使う人", LONG_NAME), Fact("案内板の名前", LONG_LATIN),
                Fact("目的", INJECTION), Fact("人数", "1,200人"), Fact("伝えたいこと", NOTES),
            ),
            1_725_600, "（受け取りずみ）", (NOTES, NOTES), "みどり市会館条例第5条",
        ),
        ISSUED, "2026-123456", "再発行", "12回目", URL,
    ),
    "bill-long": Sheet(
        Bill(
            LONG_LATIN, LONG_ISSUER, NUMBER, LONG_PRICED, 1_725_600, 25_600, 1_700_000,
            (Tax(10, 1_700_000, 154_545), Tax(0, 25_600, 0)), "2027年12月15日（水）",
            ("お支払いの場所　" + NOTES[:120],),
        ),
        ISSUED, "2026-123456",
    ),
    "notice-long": Sheet(
        Notice(
            LONG_NAME, LONG_ISSUER, NUMBER,
            tuple(
                Ended(one, 143_800, 71_900, 71_900, "2026年12月1日（火）に取り消し", "会館の都合")
                for one in TWELVE
            ),
            1_725_600, 862_800, 0, "みどり市会館条例第9条",
            ("受け取り方は、お電話でご案内します。",), TWELVE[:3],
            tuple(GivenBack("2026年12月1日（火）", "料金の減額", 100, NOTES, ()) for _ in range(9)),
            remarks=(NOTES,),
        ),
        ISSUED, "2026-123456",
    ),
    "till-long": Sheet(
        replace(
            TILL,
            entries=tuple(
                TillEntry("14時30分", NUMBER, LONG_NAME if n % 5 == 0 else NAME, "カード端末",
                          f"2026-{n:06d}", 1_234_567, "鈴木 一郎")
                for n in range(60)
            ),
            counted_yen=None, remark="", closed="", sums=(TillSum("現金", 60, 74_074_020),),
            total_yen=74_074_020,
        ),
        ISSUED,
    ),
}  # fmt: skip
