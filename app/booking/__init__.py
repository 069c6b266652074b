"""Bookings (予約): from a slot that is held to a room that is used.

policy  terms of use as a versioned document: reception, quotas, payment, cancellation
states  what a booking can be, and what may follow
rules   availability, reception windows, quotas, consequences (pure)   ← start here
models  the tables; no piece of floor is ever taken twice
occupancy the one module that writes who takes which floor when
queries what pages and reports read
service what can be done: hold, let go, submit, cancel, lapse
"""
