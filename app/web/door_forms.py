"""Forms of doors and of accounts at vendors of locks."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form, PasswordField, SelectMultipleField
from wtforms.validators import StopValidation

from app.facilities.catalogue import FacilityInfo
from app.kernel import text_ja
from app.locks.ports import BOX, DeviceInfo
from app.reports.doors import DoorView
from app.usecases.connecting_locks import NewAccount
from app.usecases.doors import DoorForm as Wanted
from app.web.forms import Line, Menu, Number, Pick, options
from app.web.words import _

SHARED, ROOM = "shared", "room"
MOST_MINUTES = 120
USUAL_MINUTES = "10"
SITES = {
    "jp": _l("RemoteLOCK（日本）"),
    "pf": _l("RemoteLOCK（日本・プラットフォーム版）"),
    "us": _l("RemoteLOCK（アメリカ）"),
    "demo": _l("RemoteLOCK（お試し）"),  # as app/local names the stand-in
}
ALONE, CONSENT = "alone", "consent"
ENTRIES = {
    ALONE: _l("アプリを作ったアカウントの鍵を使う"),
    CONSENT: _l("鍵を持っている人に、会社の画面でゆるしてもらう"),
}
MODES = {
    "bookings": _l("予約として作る"),
    "access_persons": _l("入室する人として作る"),
}
BOX_NUMBER = re.compile(r"[0-9]{3,10}")


class Secret(PasswordField):  # type: ignore[misc]
    """A secret of a vendor; it is never sent back to a page, so that after an error it is empty."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, **more)
        self.flags.required = True

    def _value(self) -> str:
        return ""

    def pre_validate(self, form: Form) -> None:
        """Refuse an empty one."""
        self.data = typed = str(self.raw_data[0] if self.raw_data else "").strip()
        if not typed or len(typed) > 500 or not typed.isprintable():
            raise StopValidation(_("秘密鍵を入力してください。"))


class BoxAccountForm(Form):  # type: ignore[misc]
    """Key boxes whose numbers staff set; there is nobody to reach."""

    name = Line(_l("名前"), missing=_l("名前を入力してください。"), most=60)

    def wanted(self) -> NewAccount:
        """Return what was typed."""
        return NewAccount(provider=BOX, name=self.name.data)


class RemoteAccountForm(BoxAccountForm):
    """An account at the vendor of network locks."""

    site = Pick(_l("使っている場所"), choices=(), missing=_l("使っている場所をえらんでください。"))
    mode = Pick(
        _l("番号の作り方"), choices=[(key, str(key)) for key in MODES],
        missing=_l("番号の作り方をえらんでください。"),
        description=_l("鍵の会社との契約で決まっています。わからないときは、鍵の会社に聞いてください。"),
    )  # fmt: skip
    entry = Pick(
        _l("つなぎ方"), choices=[(key, str(key)) for key in ENTRIES],
        missing=_l("つなぎ方をえらんでください。"),
    )  # fmt: skip
    client_ref = Line(
        _l("クライアントID"), missing=_l("クライアントIDを入力してください。"), most=200
    )
    secret = Secret(_l("秘密鍵（クライアントシークレット）"))

    def wanted(self) -> NewAccount:
        """Return what was typed."""
        return NewAccount(
            provider="remotelock", name=self.name.data, mode=self.mode.data, site=self.site.data,
            client_ref=self.client_ref.data, secret=self.secret.data,
            is_by_consent=self.entry.data == CONSENT,
        )  # fmt: skip


class SecretForm(Form):  # type: ignore[misc]
    """Another secret for an account."""

    secret = Secret(_l("新しい秘密鍵（クライアントシークレット）"))


class CodeForm(Form):  # type: ignore[misc]
    """The number that a key box was turned to."""

    code = Line(_l("キーボックスの番号"), missing=_l("番号を入力してください。"), most=40)

    def validate_code(self, field: Line) -> None:
        """Read the digits of any width; refuse what no box has."""
        field.data = text_ja.digits(field.data) if field.data else ""
        if not BOX_NUMBER.fullmatch(field.data):
            raise StopValidation(_("番号は、3けたから10けたの数字で入力してください。"))


EVERY_ROOM = "all"


class DoorForm(Form):  # type: ignore[misc]
    """A door: what it is called, where it is, what is behind it, how early it opens."""

    name = Line(
        _l("ドアの名前"), missing=_l("ドアの名前を入力してください。"), most=60,
        description=_l("住民の画面に出ます。例：正面入口、第1会議室のドア"),
    )  # fmt: skip
    place = Line(
        _l("どこにあるか"), missing=None, most=200,
        description=_l("住民の画面に出ます。例：建物の右がわ。番号を押す前に、画面に手をふれます。"),
    )  # fmt: skip
    kind = Pick(
        _l("ドアの種類"), choices=[(SHARED, ""), (ROOM, "")],
        missing=_l("ドアの種類をえらんでください。"),
    )  # fmt: skip
    rooms = SelectMultipleField(
        _l("このドアから入る部屋"), choices=[], validate_choice=False,
    )  # fmt: skip
    before = Number(
        _l("使う時刻の何分前からあくか"), missing=_l("分を数字で入力してください。"), least=0,
        greatest=MOST_MINUTES, unit="分", default=USUAL_MINUTES,
    )  # fmt: skip
    after = Number(
        _l("使う時刻の何分後まであくか"), missing=_l("分を数字で入力してください。"), least=0,
        greatest=MOST_MINUTES, unit="分", default=USUAL_MINUTES,
    )  # fmt: skip

    known: frozenset[str] = frozenset()
    minutes = (int(USUAL_MINUTES), int(USUAL_MINUTES))  # of a key box: nobody is asked

    def for_box(self, door: DoorView | None = None) -> None:
        """Ask nothing of when it opens: a key box opens whenever its number is set."""
        if door is not None:
            self.minutes = door.door.before_minutes, door.door.after_minutes
        del self.before, self.after

    def validate_rooms(self, field: SelectMultipleField) -> None:
        """Refuse a room that is none of the hall: fewer rooms than meant would be all rooms."""
        if not field.data:
            raise StopValidation(_("このドアから入る部屋をえらんでください。"))
        if set(field.data) - self.known - {EVERY_ROOM}:
            raise StopValidation(_("部屋をえらびなおしてください。"))
        if EVERY_ROOM in field.data and len(field.data) > 1:
            raise StopValidation(_("「すべての部屋」と、ほかの部屋は、いっしょにえらべません。"))

    def wanted(
        self, hall: FacilityInfo, account_id: int, device_ref: str, position: int = 0
    ) -> Wanted:
        """Return what was typed."""
        before, after = self.minutes
        if self.before is not None:
            before, after = self.before.number or 0, self.after.number or 0
        return Wanted(
            facility_id=hall.id, account_id=account_id, device_ref=device_ref, name=self.name.data,
            place=self.place.data, is_shared=self.kind.data == SHARED,
            before_minutes=before, after_minutes=after, position=position,
            rooms=frozenset(int(one) for one in self.rooms.data or () if one != EVERY_ROOM),
        )  # fmt: skip


class NewDoorForm(DoorForm):
    """A door that is added: with the lock that it has."""

    device = Menu(_l("鍵"), choices=(), missing=_l("鍵をえらんでください。"))


class NewBoxForm(DoorForm, CodeForm):
    """A key box that is added: with its number."""


def remote_form(sites: Mapping[str, Any], sent: Any = None) -> RemoteAccountForm:
    """Return the form of an account at a vendor with these places."""
    form = RemoteAccountForm(sent)
    _offer(form.site, [(key, site_name(key)) for key in sites])
    _offer(form.mode, [(key, str(word)) for key, word in MODES.items()])
    _offer(form.entry, [(key, str(word)) for key, word in ENTRIES.items()])
    return form


def site_name(site: str) -> str:
    """Return what one of the vendor's places is called; settings may name others."""
    return str(SITES.get(site) or _("RemoteLOCK（%(site)s）", site=site))


def door_form(hall: FacilityInfo, sent: Any = None, *, door: DoorView | None = None) -> DoorForm:
    """Return the form of a door of a hall, filled with what it is."""
    form = DoorForm(sent, **_filled(door)) if door else DoorForm(sent)
    if door is not None and door.is_box:
        form.for_box(door)
    return _of_hall(form, hall)


def new_door_form(
    hall: FacilityInfo, devices: Sequence[DeviceInfo] | None, sent: Any = None
) -> DoorForm:
    """Return the form of a new door: a lock is one of `devices`; None: it is a key box."""
    if devices is None:
        box = NewBoxForm(sent)
        box.for_box()
        return _of_hall(box, hall)
    form = NewDoorForm(sent)
    choices = [(one.ref, one.name or one.ref) for one in devices]
    form.device.choices = options([("", _("えらんでください")), *choices])
    form.device.allowed = {ref for ref, _name in choices}
    return _of_hall(form, hall)


def _of_hall(form: DoorForm, hall: FacilityInfo) -> DoorForm:
    form.rooms.choices = options(
        [(EVERY_ROOM, _("すべての部屋")), *((str(room.id), room.name) for room in hall.rooms)]
    )
    form.rooms.flags.required = True
    form.known = frozenset(str(room.id) for room in hall.rooms)
    _offer(form.kind, [(SHARED, _("みんなで使う入口")), (ROOM, _("部屋のドア"))])
    return form


def _filled(view: DoorView) -> dict[str, Any]:
    door = view.door
    return {
        "name": door.name, "place": door.place, "kind": SHARED if door.is_shared else ROOM,
        "rooms": [str(one) for one in view.room_ids] or [EVERY_ROOM],
        "before": str(door.before_minutes),
        "after": str(door.after_minutes),
    }  # fmt: skip


def _offer(field: Pick, choices: Sequence[tuple[str, str]]) -> None:
    field.choices = options(choices)
    field.allowed = {value for value, _name in choices}
