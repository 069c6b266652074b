"""Doors (鍵): which code opens which door when, and how a lock is brought to know it.

ports     what is asked of a vendor of locks
states    what a grant can be
visits    pure: from uses and doors to windows (buffers, neighbours, one code for several doors)
pins      numbers that are hard to guess, sealed at rest
models    accounts at vendors, doors, grants, what vendors told
plans     writes what is wanted; calls nobody
leases    one worker at a time for a grant, and what came of it
tasks     what a person has to see to
"""
