"""Payments over the network: accounts at a provider, attempts to pay, and its notices.

ways     which ways to pay are offered, and for how long (pure)
models   the tables
accounts where the money of a payee goes; two people decide it
attempts somebody went to pay: at most one attempt at once for a booking
notices  what the provider told, once each
"""
