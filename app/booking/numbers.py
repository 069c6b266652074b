"""Booking numbers: eight digits for the telephone, from a counter, in no guessable order."""

# A prime just below 10^8 and a multiplier without pattern: n -> n * M mod P never repeats
# before P bookings were made, and says nothing of how many there were.
_PRIME = 99_999_989
_MULTIPLIER = 48_271_063


def booking_number(count: int) -> str:
    """Return the number of the `count`-th booking of a database, eight digits.

    >>> booking_number(1) != booking_number(2), len(booking_number(12345))
    (True, 8)
    """
    return f"{(count % _PRIME) * _MULTIPLIER % _PRIME:08d}"


def spoken(number: str) -> str:
    """Return a number in two groups, as it is printed and read aloud."""
    return f"{number[:4]}-{number[4:]}"
