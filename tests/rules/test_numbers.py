"""Booking numbers: eight digits, no two the same, none that tells how many came before."""

from math import gcd

from hypothesis import given
from hypothesis import strategies as st

from app.booking import numbers
from app.booking.numbers import booking_number, spoken

COUNTS = st.integers(1, 99_999_988)


def test_a_hundred_thousand_bookings_have_a_hundred_thousand_numbers():
    made = [booking_number(count) for count in range(1, 100_001)]

    assert len(set(made)) == 100_000
    assert all(len(number) == 8 and number.isdecimal() for number in made)


def test_they_repeat_only_after_all_were_given():
    prime, multiplier = numbers._PRIME, numbers._MULTIPLIER

    assert all(prime % divisor for divisor in range(2, 10_000))
    assert gcd(prime, multiplier) == 1
    assert booking_number(prime) not in {booking_number(count) for count in range(1, 1000)}
    assert booking_number(prime + 1) == booking_number(1)


@given(COUNTS, COUNTS)
def test_two_counts_never_share_a_number(one, other):
    assert (booking_number(one) == booking_number(other)) == (one == other)


@given(COUNTS)
def test_the_next_number_is_far_away(count):
    assert abs(int(booking_number(count)) - int(booking_number(count + 1))) > 1_000_000


@given(COUNTS)
def test_it_is_spoken_in_two_groups_of_four(count):
    number = booking_number(count)

    assert spoken(number).split("-") == [number[:4], number[4:]]
