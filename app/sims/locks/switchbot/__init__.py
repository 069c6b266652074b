"""A second vendor, SwitchBot: keypads that are told by commands and answer later by webhook.

accounts   whose keypads there are, and the signature of a call
keys       what becomes of a command, and whom a keypad lets in
wire       the calls under /v1.1
"""
