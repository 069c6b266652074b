"""What must agree between the parts of a pack.

places     facilities, rooms and the floor they share
references what is named must exist
coverage   every room has hours, a division, reception and a price
ambiguity  and no use has two
tariffs    names in every rule, readings, legal bases
"""

from collections.abc import Iterator

from app.packs.checks import ambiguity, coverage, places, references, tariffs
from app.packs.checks.subject import About
from app.packs.problems import Problem
from app.packs.reader import MUNICIPALITY, Reading


def problems_of(reading: Reading) -> Iterator[Problem]:
    """Yield what does not agree in everything that could be read."""
    about = About(reading, MUNICIPALITY)
    yield from places.municipality(about)
    yield from references.policy(about)
    for name, facility in reading.facilities.items():
        one = about.facility(name, facility)
        yield from places.facility(one)
        yield from references.facility(one)
        yield from coverage.facility(one)
        yield from ambiguity.facility(one)
        yield from tariffs.facility(one)
