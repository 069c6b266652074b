"""Letters: one mail for one request, promised with the change and sent after it.

ports    what a mail carrier must be able to do
models   every letter and what became of it
service  promise a letter, deliver it once
"""
