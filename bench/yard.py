"""A served house with its readers and its residents, to be held against another."""

from datetime import timedelta

from bench import rows
from bench.load import request
from bench.residents import Resident, Shelf
from bench.serving import Served


class Yard:
    """A served house with its readers and its residents."""

    def __init__(self, web: Served) -> None:
        self.web = web
        # A browser that holds a session is given no kept page.
        self.page = request(
            "GET", web.house.week, cookie="kaikan=none", headers={"Accept-Encoding": "gzip"}
        )
        self.shelf = Shelf(rows.slots(web.house.monday + timedelta(days=1300)))
        self.residents = [Resident(one) for one in web.house.session_for_many(16, "yard")]
        rows.bookings(web.port, self.residents, self.shelf, seconds=4)  # until statements are kept
        self.reading()

    def reading(self) -> float:
        """Return how many week grids a second are made anew."""
        return rows.asking(self.web.port, self.page)(rows.SECONDS).rate

    def booking(self) -> float:
        """Return how many bookings a second are finished."""
        found = rows.bookings(self.web.port, self.residents, self.shelf, seconds=rows.SECONDS)
        if not all(found.numbers):
            raise SystemExit("a slot of the shelf was taken: refusals are no bookings")
        return found.result.rate
