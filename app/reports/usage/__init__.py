"""How much was used of what was open, by every grouping that statistics ask for (R150-R154).

asked     which days, rooms and uses are counted
figures   what is counted of them, and the parts of the whole that follow
counted   one statement over bookings, ledger and what was noted of uses
opened    opening time of every room and day, closures taken off
heat      hours x weekdays
report    all of it put together, beside the same days a year before
"""
