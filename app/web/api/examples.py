"""Examples of the document: one small municipality that does not exist, the same throughout."""

from typing import Any

ROOM = {
    "slug": "room-1",
    "name": "第1会議室",
    "kana": "ダイイチカイギシツ",
    "capacity": 30,
    "min_people": 1,
    "purposes": [],
    "description": "",
    "clean_up_minutes": 0,
    "division": {"kind": "unit", "minutes": 60, "at_least": 1, "at_most": None},
}
FACILITY = {
    "slug": "chuo",
    "name": "中央会館",
    "kana": "チュウオウカイカン",
    "kind": "会館",
    "address": "中央1-1",
    "phone": "00-0000-0002",
    "access": "駅から歩いて5分",
    "description": "",
    "is_demonstration": True,
    "rooms": ["room-1"],
    "questions": [
        {
            "id": "piano",
            "label": "ピアノを使いますか",
            "help": "",
            "is_required": False,
            "choices": ["はい", "いいえ"],
        }
    ],
}
FACILITIES = {
    "municipality": {
        "slug": "midori",
        "code": "132284",
        "name": "みどり市",
        "time_zone": "Asia/Tokyo",
        "applicant_classes": [{"id": "resident", "name": "市内の方"}],
        "purposes": [{"id": "meeting", "name": "会議・話し合い"}],
    },
    "facilities": [FACILITY],
}
ROOMS = {"facility": "chuo", "rooms": [ROOM]}
AVAILABILITY: dict[str, Any] = {
    "municipality": "midori",
    "facility": "chuo",
    "time_zone": "Asia/Tokyo",
    "applicant_class": "resident",
    "from": "2027-03-08",
    "to": "2027-03-08",
    "rooms": [
        {
            "room": "room-1",
            "name": "第1会議室",
            "days": [
                {
                    "date": "2027-03-08",
                    "is_open": True,
                    "closed_because": None,
                    "slots": [
                        {
                            "slot": "10:00",
                            "name": "",
                            "starts_at": "2027-03-08T10:00:00+09:00",
                            "ends_at": "2027-03-08T11:00:00+09:00",
                            "from": "10:00",
                            "to": "11:00",
                            "from_minute": 600,
                            "to_minute": 660,
                            "state": "taken",
                            "fee_yen": 400,
                            "reason": {
                                "code": "slot.held",
                                "facts": {"until": "2027-03-01T09:15:00+09:00"},
                            },
                            "possible_from": "2027-03-01T09:15:00+09:00",
                        }
                    ],
                }
            ],
        }
    ],
}
APPLICATION = {
    "applicant": {
        "name": "山田 花子",
        "kana": "ヤマダ ハナコ",
        "phone": "090-0000-0000",
        "email": "hanako@example.jp",
        "applicant_class": "resident",
    },
    "purpose": "meeting",
    "people": 10,
    "shown_name": "みどりの会",
    "notes": "",
    "admission_yen": 0,
    "is_for_profit": False,
    "answers": {},
    "lines": [
        {"facility": "chuo", "room": "room-1", "date": "2027-03-08", "from": "10:00", "to": "12:00"}
    ],
}
LINE = {
    "id": 17,
    "facility": "chuo",
    "room": "room-1",
    "date": "2027-03-08",
    "from": "10:00",
    "to": "12:00",
    "starts_at": "2027-03-08T10:00:00+09:00",
    "ends_at": "2027-03-08T12:00:00+09:00",
    "state": "active",
    "fee_yen": 800,
    "equipment": {},
    "items": 1,
    "fee_lines": [
        {
            "rule": "room-1",
            "label": "基本",
            "arithmetic": "400円 × 2時間",
            "yen": 800,
            "citation": "みどり市会館条例 別表",
        }
    ],
}
BOOKING: dict[str, Any] = {
    "number": "48271063",
    "state": "provisional",
    "submitted_at": "2027-03-01T09:00:00+09:00",
    "due_at": "2027-03-08T00:00:00+09:00",
    "ended_at": None,
    "fee_yen": 800,
    "owed_yen": 800,
    "paid_yen": 0,
    "lines": [LINE],
}
FULL_BOOKING = {
    **BOOKING,
    "applicant": {
        "name": "山田 花子",
        "kana": "ヤマダ ハナコ",
        "phone": "090-0000-0000",
        "applicant_class": "resident",
    },
    "purpose": "meeting",
    "people": 10,
    "people_by": {},
    "shown_name": "みどりの会",
    "notes": "",
    "admission_yen": 0,
    "is_for_profit": False,
    "answers": {},
    "cancelling": [
        {
            "line": 17,
            "is_possible": True,
            "reason": None,
            "refund_yen": 0,
            "released_yen": 800,
            "citation": "みどり市会館条例施行規則 第8条",
        }
    ],
}
CANCELLED = {
    **BOOKING,
    "state": "cancelled",
    "ended_at": "2027-03-02T09:00:00+09:00",
    "owed_yen": 0,
    "lines": [{**LINE, "state": "cancelled"}],
    "cancelled": [
        {
            "line": 17,
            "refund_yen": 0,
            "released_yen": 800,
            "citation": "みどり市会館条例施行規則 第8条",
        }
    ],
}
