"""Stripe on this machine: the calls and events that the service uses, and no money.

simulator  the whole as one object        ← start here
desk       the API's door: keys, idempotency, faults; routes says what there is
sessions, intents, cards, konbini, refunds, disputes   what happens to a payment
courier    brings signed events to the service
pages, console   what customers see, and the buttons of fate
CONTRACT.md      what is imitated, and what is left out
"""

from app.sims.stripe.errors import NotPossible
from app.sims.stripe.simulator import StripeSim

__all__ = ["NotPossible", "StripeSim"]
