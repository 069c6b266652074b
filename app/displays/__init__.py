"""What is shown outside the service by a secret address: screens in halls, calendars, notices.

models   the tables
links    addresses that are made, looked up, revoked
notices  words that staff put on all screens of a hall at once (避難所開設など)
"""
