"""Papers that were issued: numbered without a gap, kept as they stood, issued again with a mark.

models   one row for each paper, and a counted row for each series of numbers
service  issue, issue again, find
keys     the secret address at which anybody may check a permit
"""
