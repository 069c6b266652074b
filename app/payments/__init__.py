"""Money of a booking: an append-only ledger from which everything owed is derived.

models   the ledger
service  enter a charge, a payment, a cancellation
standing what was received and went back of a booking, and what is left
"""
