"""What can be done with a booking; each function is part of a use case's transaction.

baskets    choose rooms and times, keep them a while, let them go
submitting turn what was chosen into a booking
ending     cancel, lapse
"""
