"""What applications and bookings look like to a program."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from app.booking.service.baskets import MOST_LINES
from app.booking.service.equipment import MOST_OF_A_KIND
from app.booking.states import SUBMITTED, LineState
from app.web.api.fields import Clock, Day, Email, Flag, Pairs, Phone, Slug, Some, Whole, Words
from app.web.api.schemas import (
    RefusalSchema,
    Strict,
    day,
    flag,
    many,
    moment,
    optional_text,
    text,
    whole_number,
)

# What an application holds at most, as on the pages.
MOST_IN_A_LINE, MOST_IN_A_TEXT, MOST_SHOWN = 100, 1_000, 40  # characters
MOST_IN_AN_ANSWER = 200  # to what a hall asks by itself
MOST_PEOPLE, MOST_YEN = 9_999, 1_000_000
MOST_ID = 2**63 - 1


class ApplicantSchema(Strict):
    """For whom a program applies."""

    name = Words(most=MOST_IN_A_LINE, required=True, metadata={"description": "名前 / Name"})
    kana = Words(most=MOST_IN_A_LINE, required=True, metadata={"description": "ふりがな / Reading"})
    phone = Phone(most=40, required=True, metadata={"description": "電話 / Telephone"})
    email = Email(
        most=254,
        required=True,
        metadata={"description": "確認のメールが届く宛先 / Where the confirmation goes"},
    )
    applicant_class = Slug(
        required=True, metadata={"description": "利用者区分の id / Id of the applicant class"}
    )


class WishSchema(Strict):
    """A room and a time that is applied for."""

    facility = Slug(required=True)
    room = Slug(required=True)
    date = Day(required=True)
    from_ = Clock(required=True, data_key="from", metadata={"examples": ["10:00"]})
    to = Clock(
        required=True,
        metadata={"examples": ["24:00"], "description": "24:00 まで / 24:00 is legal"},
    )

    equipment = Pairs(
        keys=Slug(),
        values=Whole(least=0, most=MOST_OF_A_KIND),
        load_default=dict,
        metadata={"description": "使う備品の id と数 / Equipment by id, how many"},
    )
    items = Whole(
        least=1,
        most=MOST_OF_A_KIND,
        load_default=1,
        metadata={"description": "台・面などの数 / Tables, lanes or courts"},
    )

    @validates_schema
    def _in_order(self, line: Mapping[str, Any], **_: Any) -> None:
        if line["from_"] >= line["to"]:
            raise ValidationError("to は from より後の時刻にしてください。", field_name="to")


class ApplicationSchema(Strict):
    """An application: all of its lines or none."""

    applicant = fields.Nested(
        ApplicantSchema, required=True, error_messages={"required": "必要な項目です。"}
    )
    purpose = Slug(required=True, metadata={"description": "利用目的の id / Id of the purpose"})
    people = Whole(
        least=1, most=MOST_PEOPLE, required=True, metadata={"description": "人数 / How many people"}
    )
    people_by = Pairs(
        keys=Slug(),
        values=Whole(least=0, most=MOST_PEOPLE),
        load_default=dict,
        metadata={
            "description": "料金が年齢などで変わる部屋での、区分ごとの人数 / "
            "People by category, where the fee depends on it"
        },
    )
    shown_name = Words(
        most=MOST_SHOWN,
        least=0,
        load_default="",
        metadata={"description": "案内板にのせる名前。空はのせない / Name on the board"},
    )
    notes = Words(
        most=MOST_IN_A_TEXT,
        least=0,
        lines=True,
        load_default="",
        metadata={"description": "会館に伝えること / Notes to the hall"},
    )
    admission_yen = Whole(
        least=0,
        most=MOST_YEN,
        load_default=0,
        metadata={"description": "いちばん高い入場料。0 はとらない / Highest admission fee"},
    )
    is_for_profit = Flag(
        load_default=False, metadata={"description": "商売や宣伝のためか / A business use?"}
    )
    answers = Pairs(
        keys=Slug(),
        values=Words(most=MOST_IN_AN_ANSWER, least=0),
        load_default=dict,
        metadata={"description": "施設の questions への答え / Answers to what facilities ask"},
    )
    lines = Some(
        fields.Nested(WishSchema),
        most=MOST_LINES,
        required=True,
        metadata={"description": "続いた時間は1件になる / Adjacent times become one line"},
    )


class CancellationSchema(Strict):
    """Which lines are cancelled; without them all that stand."""

    lines = Some(
        Whole(least=1, most=MOST_ID),
        most=MOST_LINES,
        metadata={"description": "取り消す明細の id。省くとすべて / Ids of lines; all if left out"},
    )


class FeeLineSchema(Strict):
    """A line of a fee."""

    rule = text("規則", "Id of the rule")
    label = text("名前", "What for")
    arithmetic = text("計算", "How it was worked out")
    yen = whole_number("円", "Yen")
    citation = text("根拠", "Where it is written")


class LineSchema(Strict):
    """One room and time of a booking."""

    id = whole_number("明細の id", "Id of the line")
    facility = optional_text("施設", "Facility; null when it is no longer listed")
    room = optional_text("室場", "Room; null when it is no longer listed")
    date = day("日付", "Day")
    from_ = text("始まり", "From", key="from", examples=["10:00"])
    to = text("終わり（24:00 もある）", "To; 24:00 is its end", examples=["12:00"])
    starts_at = moment("始まり", "Begins")
    ends_at = moment("終わり", "Ends, this instant not included")
    state = fields.String(
        required=True,
        validate=validate.OneOf([str(one) for one in LineState if one is not LineState.HELD]),
    )
    equipment = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "使う備品の id と数 / Equipment by id, how many"},
    )
    items = whole_number("台・面などの数", "Tables, lanes or courts")
    fee_yen = whole_number("料金", "Fee")
    fee_lines = many(FeeLineSchema, "料金の内訳", "How the fee adds up")


class BookingSchema(Strict):
    """How a booking stands; nothing about the person."""

    number = text("予約番号（8けた）", "Booking number, eight digits", pattern="^[0-9]{8}$")
    state = fields.String(
        required=True,
        validate=validate.OneOf(sorted(SUBMITTED)),
        metadata={
            "description": "requested 審査中（料金を職員が決める）, "
            "provisional 仮予約（支払い待ち）, confirmed 予約確定, "
            "cancelled 取り消し, lapsed 期限切れ, used 利用ずみ / State"
        },
    )
    submitted_at = moment("申込の時刻", "When it was applied for")
    due_at = moment("支払期限（この時刻より前）", "Pay before this instant", may_be_null=True)
    ended_at = moment("終わった時刻", "When it was cancelled or lapsed", may_be_null=True)
    fee_yen = whole_number("料金の合計", "Fee as it was made")
    owed_yen = whole_number(
        "これから払う額（負は還付）", "Still to be paid; negative: to be refunded"
    )
    paid_yen = whole_number("受け取った額", "Received")
    lines = many(LineSchema, "明細", "Lines")


class ApplicantWordsSchema(Strict):
    """The person as written on the booking."""

    name = optional_text("名前", "Name")
    kana = optional_text("ふりがな", "Reading")
    phone = optional_text("電話", "Telephone")
    applicant_class = optional_text("利用者区分", "Applicant class")


class LineEndSchema(Strict):
    """What cancelling a line brings."""

    line = whole_number("明細の id", "Id of the line")
    refund_yen = whole_number("還付する額", "To be paid back")
    released_yen = whole_number("払わなくてよくなる額", "No longer owed")
    citation = text("根拠", "Where it is written")


class CancellingSchema(LineEndSchema):
    """What cancelling a line now would bring, or why it can't be cancelled by the applicant."""

    is_possible = flag("いま取り消せるか", "Can it be cancelled now?")
    reason = fields.Nested(RefusalSchema, required=True, allow_none=True)


class FullBookingSchema(BookingSchema):
    """A booking with what was said in the application."""

    applicant = fields.Nested(ApplicantWordsSchema, required=True)
    purpose = optional_text("利用目的の id", "Purpose")
    people = whole_number("人数", "How many people", may_be_null=True)
    people_by = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "区分ごとの人数 / People by category"},
    )
    shown_name = optional_text("案内板の名前", "Name on the board")
    notes = optional_text("会館に伝えること", "Notes to the hall")
    admission_yen = whole_number("入場料", "Admission fee")
    is_for_profit = flag("商売や宣伝のためか", "A business use?")
    answers = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "施設がきいたことへの答え / Answers to what the facilities asked"},
    )
    cancelling = many(CancellingSchema, "いま取り消すとどうなるか", "What cancelling now would do")


class CancelledSchema(BookingSchema):
    """A booking after lines of it were cancelled."""

    cancelled = many(LineEndSchema, "いま取り消した明細", "The lines that this request cancelled")
