"""Roles and permissions in the words of a town hall."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import HELD_BY, Permission, Role, RoleKind
from app.web.words import _

ROLES = {
    RoleKind.RECEPTION: _l("予約受付"),
    RoleKind.REGISTRAR: _l("利用者登録"),
    RoleKind.CASHIER: _l("収納"),
    RoleKind.SETUP: _l("施設設定"),
    RoleKind.ATTENDANCE: _l("利用受付"),
    RoleKind.AUDITOR: _l("監査"),
    RoleKind.ADMINISTRATOR: _l("管理者"),
}
DOES = {
    RoleKind.RECEPTION: _l("予約を受け、変え、取り消す。部屋を閉める"),
    RoleKind.REGISTRAR: _l("利用者と団体を登録する"),
    RoleKind.CASHIER: _l("料金を受け取り、返し、日計表を締める"),
    RoleKind.SETUP: _l("料金や受付の決まりを作る"),
    RoleKind.ATTENDANCE: _l("入室・退室・不来場をつける"),
    RoleKind.AUDITOR: _l("操作の記録を読む"),
    RoleKind.ADMINISTRATOR: _l("職員を招き、役割を決める"),
}
PERMISSIONS = {
    Permission.DESK: _l("会館の予約を見る"),
    Permission.BOOK_FOR_OTHERS: _l("電話や窓口で予約を受ける"),
    Permission.CHANGE_FOR_OTHERS: _l("予約を変える"),
    Permission.CANCEL_FOR_OTHERS: _l("予約を取り消す"),
    Permission.CLOSE_ROOMS: _l("部屋を閉める・公用を入れる"),
    Permission.APPROVE: _l("申請を審査する"),
    Permission.ADMIT: _l("入室・退室・不来場をつける"),
    Permission.HAND_OVER: _l("引き継ぎを書く"),
    Permission.RECEIVE_PAYMENT: _l("料金を受け取る（収納）"),
    Permission.DECIDE_WAIVERS: _l("減免を決める"),
    Permission.SETTLE_FEE: _l("決まりのない料金を決める"),
    Permission.SEE_TO_MONEY: _l("止まった返金や異議の申し立てを確かめる"),
    Permission.SET_ACCOUNTS: _l("オンライン決済の設定（口座を出す・認める）"),
    Permission.KEYS: _l("ドアの番号を見る・新しくする"),
    Permission.SET_DOORS: _l("ドアと鍵の会社を設定する"),
    Permission.REGISTER_PEOPLE: _l("利用者を登録する"),
    Permission.REPORTS: _l("利用実績を見る"),
    Permission.SET_RULES: _l("決まりを作り、公開する"),
    Permission.OFFICE: _l("市全体の予約を見る・書き出す"),
    Permission.AUDIT: _l("操作の記録を読む"),
    Permission.MANAGE_STAFF: _l("職員を招き、役割を決める"),
}

# What else people look for by name: each is of the permission that its pages ask for.
ALSO = {
    Permission.RECEIVE_PAYMENT: (
        _l("領収書を出す・再発行する"),
        _l("日計表を締める"),
        _l("窓口・振込で返金する"),
        _l("未納の催促をする"),
    ),
    Permission.SETTLE_FEE: (_l("料金を減らす・返す額を決める"),),
    Permission.REPORTS: (_l("調定・収納の表を見る"), _l("未納の一覧を見る")),
}
RIGHTS = tuple(
    (name, permission)
    for permission in HELD_BY
    for name in (PERMISSIONS[permission], *ALSO.get(permission, ()))
)


def place_said(role: Role, halls: Sequence[FacilityInfo]) -> str:
    """Return where a role holds, in words."""
    if role.facility_id is None:
        return _("すべての施設")
    hall = next((one for one in halls if one.id == role.facility_id), None)
    if hall is None:
        return _("いまはない施設")
    if role.room_id is None:
        return hall.name
    room = next((one.name for one in hall.rooms if one.id == role.room_id), _("いまはない部屋"))
    return f"{hall.name} {room}"


def roles_said(roles: Sequence[Role], halls: Sequence[FacilityInfo]) -> list[tuple[str, str]]:
    """Return roles as (where, which), one line a place."""
    places: dict[str, list[str]] = {}
    for kind in RoleKind:
        for role in roles:
            if role.kind == kind:
                places.setdefault(place_said(role, halls), []).append(str(ROLES[kind]))
    return [(place, _("、").join(names)) for place, names in places.items()]
