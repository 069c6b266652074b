"""Doors: codes for bookings, against a vendor's stand-in whose locks judge by what they hold."""
