"""What a use costs: (facts, tariff) -> lines that add up, or what the rule leaves open. Pure.

facts       what a fee may depend on
quotes      lines, totals, what is undetermined
conditions  when a rule holds, which goes before which
base        the price of the table: units, periods, shares, people   (units.py, periods.py)
charges     equipment, surcharges, overtime
reductions  waivers, rounding
readings    what can be read in several ways
quoting     all of it in order                                        ← start here
asked       what has to be known of a use before its fee can be told
"""

from app.fees.rules.asked import Needs, mentioned, needs
from app.fees.rules.facts import Use
from app.fees.rules.quotes import Quote, QuoteLine, Reading, Undetermined, cited, total
from app.fees.rules.quoting import pass_quote, quote

__all__ = [
    "Needs",
    "Quote",
    "QuoteLine",
    "Reading",
    "Undetermined",
    "Use",
    "cited",
    "mentioned",
    "needs",
    "pass_quote",
    "quote",
    "total",
]
