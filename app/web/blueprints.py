"""All blueprints, and under which paths they answer."""

from flask import Flask

from app.web import (
    account,
    api,
    apply,
    arrears,
    arrears_reminder,
    basket,
    booking_papers,
    bookings,
    calendars,
    change,
    check,
    choosing,
    desk,
    desk_approvals,
    desk_booking,
    desk_calendar,
    desk_cancellation,
    desk_change,
    desk_closures,
    desk_credit,
    desk_fee,
    desk_ledger,
    desk_notes,
    desk_papers,
    desk_payment,
    desk_phone,
    desk_receipts,
    desk_refunds,
    desk_screens,
    desk_till,
    desk_uses,
    entry,
    health,
    hooks,
    looking,
    making,
    months,
    months_entries,
    office,
    office_accounts,
    office_drafts,
    office_files,
    office_money,
    office_rules,
    office_staff,
    office_waivers,
    pay,
    permit_check,
    public,
    reasons,
    searching,
    signage,
    staff_account,
    staff_entry,
    staff_invitation,
    usage,
    usage_ready,
    usage_saved,
    waivers,
)

MUNICIPALITY = "/<slug:municipality>"


def register(app: Flask) -> None:
    """Register every blueprint."""
    app.register_blueprint(health.bp)
    app.register_blueprint(hooks.bp)
    app.register_blueprint(entry.bp)
    app.register_blueprint(signage.bp)
    api.register(app)
    app.register_blueprint(public.bp, url_prefix=MUNICIPALITY)
    for one in (searching, looking, choosing, basket, reasons, waivers):
        app.register_blueprint(one.bp, url_prefix=MUNICIPALITY)
    app.register_blueprint(apply.bp, url_prefix=MUNICIPALITY)
    app.register_blueprint(check.bp, url_prefix=MUNICIPALITY)
    app.register_blueprint(account.bp, url_prefix=MUNICIPALITY)
    app.register_blueprint(calendars.bp, url_prefix=MUNICIPALITY)
    app.register_blueprint(bookings.bp, url_prefix=MUNICIPALITY)
    app.register_blueprint(booking_papers.bp, url_prefix=MUNICIPALITY)
    app.register_blueprint(permit_check.bp, url_prefix=MUNICIPALITY)
    app.register_blueprint(change.bp, url_prefix=MUNICIPALITY)
    app.register_blueprint(pay.bp, url_prefix=MUNICIPALITY)
    for staff in (
        desk,
        desk_calendar,
        desk_booking,
        desk_approvals,
        desk_fee,
        desk_credit,
        desk_payment,
        desk_cancellation,
        desk_change,
        desk_phone,
        desk_uses,
        desk_closures,
        desk_notes,
        desk_ledger,
        desk_screens,
        desk_receipts,
        desk_refunds,
        desk_papers,
        desk_till,
    ):
        app.register_blueprint(staff.bp, url_prefix=f"{MUNICIPALITY}/desk")
    for staff in (
        office,
        office_files,
        making,
        office_rules,
        office_drafts,
        office_waivers,
        office_staff,
        office_money,
        office_accounts,
    ):
        app.register_blueprint(staff.bp, url_prefix=f"{MUNICIPALITY}/office")
    for staff in (usage, usage_saved, usage_ready):
        app.register_blueprint(staff.bp, url_prefix=f"{MUNICIPALITY}/desk/reports")
    for staff in (months, months_entries, arrears, arrears_reminder):
        app.register_blueprint(staff.bp, url_prefix=f"{MUNICIPALITY}/desk/money")
    for staff in (staff_entry, staff_invitation, staff_account):
        app.register_blueprint(staff.bp, url_prefix=f"{MUNICIPALITY}/staff")
