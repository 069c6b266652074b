"""A vendor of smart locks on this machine: its calls, its locks at the doors, and no iron.

simulator  the whole as one object        ← start here
desk       the API's door: tokens, limits, faults; routes says what there is
persons, accesses, bookings, pins   what the cloud wants
memory, heartbeats, keypad, igloo   what the locks hold, when they hear of it, whom they let in
courier    brings events to whoever subscribed
consent, control, console   the token desk, orders for programs, the page with the doors
switchbot  a second vendor, small
CONTRACT.md      what is imitated, and what is left out
"""

from app.sims.locks.accounts import IGLOO, Account, Door
from app.sims.locks.errors import NotPossible
from app.sims.locks.simulator import LockSim
from app.sims.locks.switchbot.accounts import SwitchBot

__all__ = ["IGLOO", "Account", "Door", "LockSim", "NotPossible", "SwitchBot"]
