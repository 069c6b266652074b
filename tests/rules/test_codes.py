"""Sign-in codes: six digits worked out from the attempt, compared in constant time."""

from hypothesis import given
from hypothesis import strategies as st

from app.identity.codes import code_for, is_right, keyed_hash, new_salt

SECRET = "a secret that only tests know, long enough"
ATTEMPTS = st.integers(1, 2**40)


@given(ATTEMPTS, st.text(max_size=40))
def test_a_code_is_six_digits_and_the_same_each_time(attempt, salt):
    code = code_for(SECRET, attempt, salt)

    assert len(code) == 6
    assert code.isascii()
    assert code.isdecimal()
    assert is_right(code, SECRET, attempt, salt)
    assert code_for(SECRET, attempt, salt) == code


@given(ATTEMPTS, st.text(max_size=12))
def test_nothing_else_is_right(attempt, typed):
    salt = new_salt()

    assert is_right(typed, SECRET, attempt, salt) == (typed == code_for(SECRET, attempt, salt))


def test_attempts_salts_and_secrets_each_make_another_code():
    salt = new_salt()
    codes = {code_for(SECRET, attempt, salt) for attempt in range(2000)}
    codes |= {code_for(SECRET, 1, new_salt()) for _ in range(2000)}
    codes |= {code_for(f"{SECRET}{n}", 1, salt) for n in range(2000)}

    assert len(codes) > 5900  # a few of six thousand meet by chance


def test_codes_fall_evenly():
    first_digits = [code_for(SECRET, attempt, "salt")[0] for attempt in range(10_000)]

    assert all(850 < first_digits.count(str(digit)) < 1150 for digit in range(10))


def test_no_two_salts_are_the_same():
    assert len({new_salt() for _ in range(1000)}) == 1000


@given(st.text(), st.text())
def test_a_hash_is_of_one_purpose(one, other):
    assert keyed_hash(SECRET, "session", one) != keyed_hash(SECRET, "api", one)
    assert (keyed_hash(SECRET, "p", one) == keyed_hash(SECRET, "p", other)) == (one == other)
    assert len(keyed_hash(SECRET, "p", one)) == 64
