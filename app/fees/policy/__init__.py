"""The tariff document: the prices of an ordinance's table from one effective date on.

conditions  when a rule holds
prices      base prices, gaps, passes
charges     surcharges, equipment, heating, overtime
waivers     waivers, rounding, tax
tariff      the whole, and what the ordinance leaves open
"""

from app.fees.policy.charges import Extra, Overtime, Stacking, Surcharge
from app.fees.policy.conditions import FOR_PROFIT, Admission, Citation, Conditional, DayKind, Part
from app.fees.policy.prices import (
    GapPrice,
    Membership,
    PeriodPrice,
    PersonPrice,
    Price,
    ShareOfPrice,
    SpanPrice,
    TogetherPrice,
    UnitPrice,
    UsePrice,
)
from app.fees.policy.tariff import OpenQuestion, ReadingOption, Settlement, Tariff, Unclear
from app.fees.policy.waivers import Rounding, Tax, Waiver

__all__ = [
    "FOR_PROFIT",
    "Admission",
    "Citation",
    "Conditional",
    "DayKind",
    "Extra",
    "GapPrice",
    "Membership",
    "OpenQuestion",
    "Overtime",
    "Part",
    "PeriodPrice",
    "PersonPrice",
    "Price",
    "ReadingOption",
    "Rounding",
    "Settlement",
    "ShareOfPrice",
    "SpanPrice",
    "Stacking",
    "Surcharge",
    "Tariff",
    "Tax",
    "TogetherPrice",
    "Unclear",
    "UnitPrice",
    "UsePrice",
    "Waiver",
]
