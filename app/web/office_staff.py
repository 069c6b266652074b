"""Who works here (職員): invited, given roles, ended; the table of what each role may."""

from flask import Blueprint, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.identity.permissions import Permission, RoleKind, gives
from app.identity.staff import invitations, members
from app.identity.staff.members import Member, read
from app.kernel.refusals import Refused
from app.usecases import inviting, staffing
from app.web import context, staff_words
from app.web.access import access
from app.web.rendering import page
from app.web.role_forms import (
    ONLY_EVERYWHERE,
    MemberForm,
    filled,
    invitation_form,
    member_form,
    places,
)
from app.web.role_words import DOES, RIGHTS, ROLES, roles_said
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("office_staff", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/staff")
@access(Permission.MANAGE_STAFF)
def everybody() -> ResponseReturnValue:
    """Show who works here, and who was invited."""
    session, halls = db.session(), context.catalogue().facilities
    found = members.members(session)
    return page(
        "office/staff.html",
        members=[(one, roles_said(one.roles, halls)) for one in found if not one.ended_at],
        ended=[one for one in found if one.ended_at],
        invited=[
            (one, roles_said([read(role) for role in one.roles], halls))
            for one in invitations.open_invitations(session, now=context.now())
        ],
    )


@bp.get("/staff/roles")
@access(Permission.MANAGE_STAFF)
def roles() -> ResponseReturnValue:
    """Show what each role may, as a table."""
    return page(
        "office/staff_roles.html",
        roles=[(kind, ROLES[kind], DOES[kind]) for kind in RoleKind],
        rows=[(name, [_mark(kind, one) for kind in RoleKind]) for name, one in RIGHTS],
    )


@bp.get("/staff/new")
@access(Permission.MANAGE_STAFF, recent=True)
def ask_invitation() -> ResponseReturnValue:
    """Ask whom to invite, and with which roles."""
    return _form_page(invitation_form(), None)


@bp.post("/staff/new")
@access(Permission.MANAGE_STAFF, recent=True)
def invite() -> ResponseReturnValue:
    """Invite somebody by letter."""
    form = invitation_form(request.form)
    if not form.validate():
        return _form_page(form, None, status=422)
    try:
        made = inviting.invite(
            email=form.email.data,
            name=form.name.data,
            roles=form.roles_given(),
            actor=context.actor("staff"),
            now=context.now(),
        )
    except Refused as no:
        form.email.errors = sentences(no.refusals)
        return _form_page(form, None, status=409)
    flash(_("%(email)s に招待を送りました。7日のあいだ使えます。", email=made.email))
    return redirect(url_for(".everybody"), code=303)


@bp.post("/staff/invitations/<int:invitation_id>/withdraw")
@access(Permission.MANAGE_STAFF)
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """Let an invitation work no longer."""
    if invitation_id < 2**63:
        inviting.withdraw(invitation_id, actor=context.actor("staff"), now=context.now())
        flash(_("招待を取り消しました。"))
    return redirect(url_for(".everybody"), code=303)


@bp.get("/staff/<int:staff_id>")
@access(Permission.MANAGE_STAFF, recent=True)
def show(staff_id: int) -> ResponseReturnValue:
    """Show somebody who works here, with roles to change."""
    who = _member(staff_id)
    return _form_page(filled(member_form(), who), who)


@bp.post("/staff/<int:staff_id>")
@access(Permission.MANAGE_STAFF, recent=True)
def set_roles(staff_id: int) -> ResponseReturnValue:
    """Let them have exactly the roles that were chosen."""
    who = _member(staff_id)
    form = member_form(request.form)
    if not form.validate():
        return _form_page(form, who, status=422)
    try:
        staffing.set_roles(
            staff_id,
            name=form.name.data,
            roles=form.roles_given(),
            actor=context.actor("staff"),
            now=context.now(),
        )
    except Refused as no:
        return _form_page(form, who, status=409, problems=sentences(no.refusals))
    flash(_("%(name)sさんの役割を変えました。", name=form.name.data))
    return redirect(url_for(".everybody"), code=303)


@bp.post("/staff/<int:staff_id>/anew")
@access(Permission.MANAGE_STAFF, recent=True)
def invite_anew(staff_id: int) -> ResponseReturnValue:
    """Send a letter with which somebody sets their proofs anew."""
    who = _member(staff_id)
    try:
        inviting.invite_anew(staff_id, actor=context.actor("staff"), now=context.now())
    except Refused as no:
        form = filled(member_form(), who)
        return _form_page(form, who, status=409, problems=sentences(no.refusals))
    flash(_("%(email)s に、ログインを作りなおす手紙を送りました。", email=who.email))
    return redirect(url_for(".everybody"), code=303)


@bp.get("/staff/<int:staff_id>/end")
@access(Permission.MANAGE_STAFF, recent=True)
def ask_end(staff_id: int) -> ResponseReturnValue:
    """Say what ending means, before it is done."""
    return page("office/staff_end.html", who=_member(staff_id), problems=[])


@bp.post("/staff/<int:staff_id>/end")
@access(Permission.MANAGE_STAFF, recent=True)
def end(staff_id: int) -> ResponseReturnValue:
    """Let somebody work here no longer; they are signed out at once."""
    who = _member(staff_id)
    try:
        staffing.end(staff_id, actor=context.actor("staff"), now=context.now())
    except Refused as no:
        problems = sentences(no.refusals)
        return page("office/staff_end.html", status=409, who=who, problems=problems)
    flash(_("%(name)sさんは、もうログインできません。", name=who.name))
    return redirect(url_for(".everybody"), code=303)


def _member(staff_id: int) -> Member:
    found = members.member(db.session(), staff_id) if staff_id < 2**63 else None
    return found if found is not None and not found.ended_at else abort(404)


def _mark(kind: RoleKind, permission: Permission) -> str:
    if not gives(kind, permission, of_a_hall=False):
        return ""
    return "yes" if gives(kind, permission, of_a_hall=True) else "everywhere"


def _form_page(
    form: MemberForm, who: Member | None, *, status: int = 200, problems: list[str] | None = None
) -> ResponseReturnValue:
    return page(
        "office/staff_member.html",
        status=status,
        form=form,
        who=who,
        is_oneself=who is not None and who.account_id == g.viewer.account_id,
        problems=problems or [],
        places=places(),
        does=DOES,
        only_everywhere=ONLY_EVERYWHERE,
    )
