"""What a newcomer finds: two municipalities, people in their roles, a few weeks of bookings.

people   who can sign in, as what
doors    doors with locks of a vendor's stand-in
bookings what they booked, made through the same use cases as everybody's
shifting the same, moved to today
"""
