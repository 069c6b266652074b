"""What the API says about places and their free times, for the document and its tests."""

from marshmallow import RAISE, Schema, fields, validate

from app.booking.rules.availability import Kind


class Strict(Schema):
    """An object without members that nobody knows."""

    error_messages = {
        "unknown": "知らない項目です。",
        "type": "オブジェクト（{ }）ではありません。",
    }

    class Meta:
        unknown = RAISE


def text(ja: str, en: str, *, key: str | None = None, **more: object) -> fields.String:
    """Return a text that is always there, under another key where Python has taken the word."""
    shown = {"description": f"{ja} / {en}", **more}
    return fields.String(required=True, data_key=key, metadata=shown)


def optional_text(ja: str, en: str, **more: object) -> fields.String:
    """Return a text that may be null."""
    shown = {"description": f"{ja} / {en}", **more}
    return fields.String(required=True, allow_none=True, metadata=shown)


def whole_number(ja: str, en: str, *, may_be_null: bool = False) -> fields.Integer:
    """Return a whole number that is always there."""
    shown = {"description": f"{ja} / {en}"}
    return fields.Integer(required=True, strict=True, allow_none=may_be_null, metadata=shown)


def flag(ja: str, en: str) -> fields.Boolean:
    """Return a true or false that is always there."""
    return fields.Boolean(required=True, metadata={"description": f"{ja} / {en}"})


def moment(ja: str, en: str, *, may_be_null: bool = False) -> fields.String:
    """Return an instant with its offset."""
    shown = {"description": f"{ja} / {en}", "format": "date-time"}
    return fields.String(required=True, allow_none=may_be_null, metadata=shown)


def day(ja: str, en: str) -> fields.String:
    """Return a day of the calendar."""
    return text(ja, en, format="date")


def many(schema: type[Schema], ja: str, en: str) -> fields.List[object]:
    """Return a list of objects."""
    inner = fields.Nested(schema)
    return fields.List(inner, required=True, metadata={"description": f"{ja} / {en}"})


class RefusalSchema(Strict):
    """One reason to say no."""

    code = text("理由の符号（変わりません）", "Stable code of the reason")
    facts = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "文に入る値。時刻は ISO 8601 / Facts of the reason, for programs"},
    )
    sentence = text("人に見せる文", "The reason in words, for people")
    line = fields.Integer(
        metadata={"description": "lines の何番目か（0から） / Which of the request's lines, from 0"}
    )


class MistakeSchema(Strict):
    """One thing that is wrong with the shape of a request."""

    pointer = fields.String(
        metadata={"description": "本文の中の場所（JSON Pointer） / Where in the body"}
    )
    parameter = fields.String(metadata={"description": "クエリの名前 / Which query parameter"})
    detail = text("何がいけないか", "What is wrong")


class ProblemSchema(Strict):
    """A problem document (RFC 9457)."""

    type = text("問題の種類", "Kind of problem, the same everywhere; about:blank says only status")
    title = text("題", "Title")
    status = whole_number("HTTP ステータス", "HTTP status")
    detail = text("説明", "What to do about it")
    refusals = fields.List(
        fields.Nested(RefusalSchema),
        metadata={"description": "規則による理由のすべて / Every reason of the rules"},
    )
    errors = fields.List(
        fields.Nested(MistakeSchema),
        metadata={"description": "書き方の誤り / Mistakes in the shape of the request"},
    )


class ChoiceSchema(Strict):
    """Something that an application names by its id."""

    id = text("申込に書く id", "Id to send")
    name = text("名前", "Name")


class MunicipalitySchema(Strict):
    """The municipality and the words that its applications use."""

    slug = text("パスの名前", "Name in paths")
    code = text("全国地方公共団体コード", "Local government code, six digits")
    name = text("名前", "Name")
    time_zone = text("時刻の地域", "Time zone of days and times")
    applicant_classes = many(ChoiceSchema, "利用者区分", "Applicant classes")
    purposes = many(ChoiceSchema, "利用目的", "Purposes of use")


class QuestionSchema(Strict):
    """Something that a facility asks by itself."""

    id = text("answers に書く id", "Id to answer under")
    label = text("問い", "Question")
    help = text("説明", "Help")
    is_required = flag("答えが必要か", "Must it be answered?")
    choices = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "答えの選択肢。空は自由に書く / Answers; empty: any text"},
    )


class FacilitySchema(Strict):
    """A facility."""

    slug = text("パスの名前", "Name in paths")
    name = text("名前", "Name")
    kana = text("ふりがな", "Reading")
    kind = text("種類", "Kind of facility")
    address = text("住所", "Address")
    phone = text("電話", "Telephone")
    access = text("行き方", "How to get there")
    description = text("説明", "Description")
    is_demonstration = flag("試すための架空の料金か", "Are its figures made up to try the service?")
    rooms = fields.List(
        fields.String(), required=True, metadata={"description": "室場の名前 / Slugs of its rooms"}
    )
    questions = many(QuestionSchema, "この施設が申込できくこと", "What it asks in applications")


class FacilitiesSchema(Strict):
    """All facilities of a municipality."""

    municipality = fields.Nested(MunicipalitySchema, required=True)
    facilities = many(FacilitySchema, "施設", "Facilities")


class PeriodSchema(Strict):
    """A named part of a day that is booked as a whole."""

    id = text("id", "Id")
    name = text("名前", "Name")
    from_ = fields.String(required=True, data_key="from", metadata={"examples": ["9:00"]})
    to = fields.String(required=True, metadata={"examples": ["24:00"]})


class DivisionSchema(Strict):
    """How a day of a room is divided."""

    kind = fields.String(required=True, validate=validate.OneOf(["unit", "periods"]))
    minutes = fields.Integer(metadata={"description": "1枠の分 / Minutes of a unit"})
    at_least = fields.Integer(metadata={"description": "1回に何枠からか / Fewest units of a use"})
    at_most = fields.Integer(
        allow_none=True, metadata={"description": "1回に何枠までか / Most units of a use"}
    )
    periods = fields.List(fields.Nested(PeriodSchema))


class RoomSchema(Strict):
    """A room that can be booked."""

    slug = text("パスの名前", "Name in paths")
    name = text("名前", "Name")
    kana = text("ふりがな", "Reading")
    capacity = whole_number(
        "定員（null は定めなし）", "Most people, null: not limited", may_be_null=True
    )
    min_people = whole_number("最少人数", "Fewest people")
    purposes = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "使える目的。空はすべて / Ids of purposes; empty: any"},
    )
    description = text("説明", "Description")
    clean_up_minutes = whole_number("利用のあとの片づけの分", "Minutes kept free after a use")
    division = fields.Nested(DivisionSchema, required=True)


class RoomsSchema(Strict):
    """The rooms of a facility."""

    facility = text("施設", "Facility")
    rooms = many(RoomSchema, "室場", "Rooms")


class ReasonSchema(Strict):
    """Why a slot can't be had."""

    code = text("理由の符号（変わりません）", "Stable code of the reason")
    facts = fields.Dict(keys=fields.String(), required=True)


class SlotSchema(Strict):
    """The smallest time of a room that is booked."""

    slot = text("枠の id", "Id of the slot")
    name = text("枠の名前。時間貸しは空", "Name; empty for hours")
    starts_at = moment("始まり", "Begins")
    ends_at = moment("終わり", "Ends, this instant not included")
    from_ = fields.String(
        required=True, data_key="from", metadata={"description": "申込に書く時刻 / To send"}
    )
    to = text("申込に書く時刻（24:00 もある）", "To send; 24:00 is legal")
    from_minute = whole_number("0時からの分", "Minutes since midnight")
    to_minute = whole_number("0時からの分（24時は1440）", "Minutes since midnight; 1440 is its end")
    state = fields.String(
        required=True,
        validate=validate.OneOf([str(kind) for kind in Kind if kind is not Kind.MINE]),
        metadata={
            "description": "free 空き, taken 予約あり・手続き中, closed 休館・公用, "
            "maintenance 点検, outside 受付期間外, past 済 / State for this applicant class"
        },
    )
    fee_yen = whole_number("この枠だけの料金（null は会館へ）", "Fee; null: ask", may_be_null=True)
    reason = fields.Nested(
        ReasonSchema, required=True, allow_none=True, metadata={"description": "空きでない理由"}
    )
    possible_from = moment(
        "いつから申し込めるか、空くことがあるか（わかるとき）",
        "From when it may be had, where known",
        may_be_null=True,
    )


class DaySchema(Strict):
    """One day of a room."""

    date = day("日付", "Day")
    is_open = flag("開館日か", "Is the facility open?")
    closed_because = optional_text("休館の理由", "Why it is closed")
    slots = many(SlotSchema, "枠。休館日は空", "Slots; none on a closed day")


class RoomDaysSchema(Strict):
    """The days of a room."""

    room = text("室場", "Slug of the room")
    name = text("名前", "Name")
    days = many(DaySchema, "日ごと", "Day by day")


class AvailabilitySchema(Strict):
    """What is free in a facility between two days."""

    municipality = text("自治体", "Municipality")
    facility = text("施設", "Facility")
    time_zone = text("時刻の地域", "Time zone of days and times")
    applicant_class = text("どの利用者区分から見たか", "For which applicant class")
    from_ = fields.String(required=True, data_key="from", metadata={"format": "date"})
    to = fields.String(required=True, metadata={"format": "date"})
    rooms = many(RoomDaysSchema, "室場ごと", "Room by room")
