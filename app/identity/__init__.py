"""People: one account for every municipality, and what each person is in one of them.

permissions who may do what, as a map of pure predicates
rights      what a program's token may do, as words
models      account, sign-in, resident, staff
codes       six-digit sign-in codes that are stored nowhere
queries     who is behind a session
service     sign in, sign out, say who one is
"""
