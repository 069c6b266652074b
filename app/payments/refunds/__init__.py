"""Money that goes back: what is owed to applicants, planned payment by payment, and paid out.

models   a refund with its state
planning what the ledger owes back, payment by payment; what is not owed any more is dropped
service  refunds looked up, and written as paid out
foreseen what would go back if something were not owed any more
shares   of which lines of a booking a refund is
"""
