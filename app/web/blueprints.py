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
    desk_doors,
    desk_fee,
    desk_keys,
    desk_ledger,
    desk_notes,
    desk_papers,
    desk_payment,
    desk_permits,
    desk_phone,
    desk_receipts,
    desk_refunds,
    desk_screens,
    desk_till,
    desk_uses,
    entry,
    health,
    hooks,
    installing,
    keys,
    looking,
    making,
    months,
    months_entries,
    office,
    office_accounts,
    office_door_photo,
    office_doors,
    office_drafts,
    office_files,
    office_locks,
    office_money,
    office_new_door,
    office_rules,
    office_staff,
    office_waivers,
    pay,
    permit_check,
    proof_by_mail,
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

RESIDENTS = (
    public, searching, looking, choosing, basket, reasons, waivers, apply, check, account,
    proof_by_mail, calendars, bookings, keys, booking_papers, permit_check, change, pay, installing,
)  # fmt: skip
STAFF = {
    "/desk": (
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
        desk_permits,
        desk_till,
        desk_doors,
        desk_keys,
    ),
    "/office": (
        office,
        office_files,
        making,
        office_rules,
        office_drafts,
        office_waivers,
        office_staff,
        office_money,
        office_accounts,
        office_locks,
        office_doors,
        office_door_photo,
        office_new_door,
    ),
    "/desk/reports": (usage, usage_saved, usage_ready),
    "/desk/money": (months, months_entries, arrears, arrears_reminder),
    "/staff": (staff_entry, staff_invitation, staff_account),
}


def register(app: Flask) -> None:
    """Register every blueprint."""
    for machine in (health, hooks, entry, signage):
        app.register_blueprint(machine.bp)
    api.register(app)
    for one in RESIDENTS:
        app.register_blueprint(one.bp, url_prefix=MUNICIPALITY)
    for path, pages in STAFF.items():
        for staff in pages:
            app.register_blueprint(staff.bp, url_prefix=f"{MUNICIPALITY}{path}")
