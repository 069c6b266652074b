"""Facilities (施設・会館), their rooms and the pieces of floor under them, and their days.

policy   hours, closing days and time divisions as documents   ← start here
holidays national holidays, with what a municipality adds or removes
rules    a document and a day -> the slots of that day (pure)
models   the tables: facility, space, room, rule versions
queries  what pages and rules read
service  what a loaded pack changes
"""
