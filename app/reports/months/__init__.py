"""Statements of a month or a fiscal year (調定・収納): what was assessed, received, and is left.

asked    which days, whose money, where
figures  which figure an entry belongs to
counted  the figures by hall, day, year, payee and whoever received
entries  the entries or bookings that make a figure up
counters the sheets of the counters (日計表) beside the statement
"""
