"""The forms of the questions that every hall asks."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form

from app.web.forms import MORE_THAN_ANY, Line, Lines, Number, Pick

MOST_YEN = 1_000_000  # of a ticket
YES, NO = "yes", "no"


class PeopleForm(Form):  # type: ignore[misc]
    """How many people come."""

    people = Number(
        _l("何人で使いますか"),
        missing=_l("人数を入力してください。"),
        least=1,
        greatest=MORE_THAN_ANY,  # how many a room bears, the rules say
        unit=_l("人"),
    )


class NameForm(Form):  # type: ignore[misc]
    """What the board in the hall shows."""

    shown_name = Line(
        _l("何という名前をのせますか"),
        missing=None,
        most=40,
        description=_l("会館の案内板に出ます。のせないときは、何も書かずに進んでください。"),
    )


class NotesForm(Form):  # type: ignore[misc]
    """What the hall should know."""

    notes = Lines(
        _l("伝えたいことがありますか"),
        description=_l("なければ、何も書かずに進んでください。1,000文字まで書けます。"),
    )


class AdmissionForm(Form):  # type: ignore[misc]
    """Whether people pay to come in, and at most how much."""

    admission = Pick(
        _l("入場料をとりますか"),
        choices=[(NO, _l("とらない")), (YES, _l("とる"))],
        missing=_l("入場料をとるかどうかをえらんでください。"),
    )
    admission_yen = Number(
        _l("いちばん高い入場料（とるときだけ）"),
        missing=_l("入場料がいくらかを入力してください。"),
        least=1,
        greatest=MOST_YEN,
        unit=_l("円"),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.admission_yen.flags.required = False  # only of those who take one

    def validate(self, extra_validators: Any = None) -> bool:
        """Look at the sum only of those who take one."""
        valid = super().validate(extra_validators)
        if self.admission.data != YES:
            self.admission_yen.errors, self.admission_yen.number = [], 0
            return not self.errors
        return bool(valid)


class ForProfitForm(Form):  # type: ignore[misc]
    """Whether the use is a business."""

    is_for_profit = Pick(
        _l("商売や宣伝のために使いますか"),
        choices=[(NO, _l("いいえ")), (YES, _l("はい"))],
        missing=_l("商売や宣伝のためかどうかをえらんでください。"),
        description=_l("物を売る、会社の説明会をひらく、などのことです。"),
    )


class AdmissionAndForProfitForm(AdmissionForm, ForProfitForm):
    """Both."""
