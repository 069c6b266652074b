"""What can be done with a booking; each function is part of a use case's transaction.

baskets     choose rooms and times, keep them a while, let them go
equipment   what is used beside the rooms, and that there is enough of it
application what an application says
judging     what the rules say to each line of it
waivers     which waivers a line has, and how often a month
counting    quotas
pricing     what it costs, by when it is due
submitting  turn what was chosen into a booking          ← start here
ending      cancel, lapse
"""
