"""The form of somebody's roles: which, and where each holds."""

from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Form
from wtforms.validators import StopValidation

from app.identity.permissions import Role, RoleKind
from app.identity.staff.members import Member
from app.web import context
from app.web.forms import Email, Line
from app.web.words import _

EVERYWHERE = "all"
ONLY_EVERYWHERE = (RoleKind.ADMINISTRATOR, RoleKind.AUDITOR)  # never of one hall


class MemberForm(Form):  # type: ignore[misc]
    """Who it is; roles are read from boxes named role.kind with places as values."""

    name = Line(_l("お名前"), missing=_l("お名前を入力してください。"), most=60)
    sent: Any = None
    known: frozenset[tuple[str, str]] = frozenset()  # what a member has, before it was sent

    def chosen(self) -> Collection[tuple[str, str]]:
        """Return (kind, place) of every box that is ticked."""
        if self.sent is None:
            return self.known
        return {
            (kind, place)
            for kind in RoleKind
            for place in self.sent.getlist(f"role.{kind}")
            if place in {value for value, _name in places()}
        }

    def validate_name(self, _field: Line) -> None:
        """Refuse somebody without any role."""
        if not self.chosen():
            raise StopValidation(_("役割を1つ以上えらんでください。"))
        if any(kind in ONLY_EVERYWHERE and place != EVERYWHERE for kind, place in self.chosen()):
            raise StopValidation(_("管理者と監査は、「すべての施設」でだけ付けられます。"))

    def has_rooms(self) -> bool:
        """Say whether a role of a single room is chosen."""
        return any("." in place for _kind, place in self.chosen())

    def roles_given(self) -> list[Role]:
        """Return the roles that were chosen; where one holds everywhere, that is all of it."""
        chosen, found = self.chosen(), []
        for kind in RoleKind:
            where = sorted(place for one, place in chosen if one == kind)
            if EVERYWHERE in where:
                found.append(Role(kind))
                continue
            halls = {place for place in where if "." not in place}
            found += [
                _role(kind, place) for place in where if place.split(".")[0] not in halls - {place}
            ]
        return found


class InvitationForm(MemberForm):
    """Whom to invite."""

    email = Email(_l("メールアドレス"), description=_l("市から渡しているアドレスにしてください。"))


def member_form(sent: Any = None) -> MemberForm:
    """Return the form of a member's roles."""
    form = MemberForm(sent)
    form.sent = sent
    return form


def invitation_form(sent: Any = None) -> InvitationForm:
    """Return the form of an invitation."""
    form = InvitationForm(sent)
    form.sent = sent
    return form


def filled(form: MemberForm, who: Member) -> MemberForm:
    """Return the form with what a member is."""
    form.name.data = who.name
    form.known = frozenset((RoleKind(one.kind), _place(one)) for one in who.roles)
    return form


def places() -> list[tuple[str, str]]:
    """Return where a role may hold: everywhere, each hall, each room of it."""
    found = [(EVERYWHERE, _("すべての施設"))]
    for hall in context.catalogue().facilities:
        found.append((str(hall.id), hall.name))
        found += [(f"{hall.id}.{room.id}", f"{hall.name} {room.name}") for room in hall.rooms]
    return found


def _place(role: Role) -> str:
    if role.facility_id is None:
        return EVERYWHERE
    return f"{role.facility_id}" + (f".{role.room_id}" if role.room_id else "")


def _role(kind: RoleKind, place: str) -> Role:
    hall, _dot, room = place.partition(".")
    return Role(kind, int(hall), int(room) if room else None)
