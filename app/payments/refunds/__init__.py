"""Money that goes back: what is owed to applicants, planned payment by payment, and paid out.

models  a refund with its state
service plan from the ledger; drop what is not owed any more; write that it was paid out
"""
