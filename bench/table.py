"""The printed table: what was measured, its ratio, what was wanted, and whether it was reached."""

from dataclasses import dataclass

from bench.load import Result

LINE = "{:<50}{:>12}{:>8}{:>9}{:>9}   {}"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    measured: str
    ratio: float | None = None
    wanted: str = ""
    is_reached: bool | None = None
    note: str = ""

    def __str__(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.3f}"
        reached = {None: "", True: "yes", False: "no"}[self.is_reached]
        return LINE.format(self.name, self.measured, ratio, self.wanted, reached, self.note)


def heads() -> str:
    """Return the line above the table."""
    return LINE.format("", "measured", "ratio", "wanted", "reached", "")


def at_least(name: str, measured: str, ratio: float, least: float, note: str = "") -> Row:
    """Return a row whose ratio should not be below a figure."""
    return Row(name, measured, ratio, f">= {least:g}", ratio >= least, note)


def at_most(name: str, measured: str, ratio: float, most: float, note: str = "") -> Row:
    """Return a row whose ratio should not be above a figure."""
    return Row(name, measured, ratio, f"<= {most:g}", ratio <= most, note)


def exactly(name: str, measured: int, wanted: int, note: str = "") -> Row:
    """Return a row whose count should be just that."""
    return Row(name, str(measured), None, f"= {wanted}", measured == wanted, note)


def per_second(result: Result) -> str:
    """Return a rate in words."""
    return f"{result.rate:,.0f}/s" if result.rate >= 100 else f"{result.rate:.1f}/s"


def times(result: Result) -> str:
    """Return how long the middle one took and the slowest of a hundred."""
    return f"p50 {result.percentile(0.5):.1f} ms, p99 {result.percentile(0.99):.1f} ms"


def statuses(found: dict[int, int]) -> str:
    """Return how often each status was answered."""
    return ", ".join(f"{many} x {status}" for status, many in sorted(found.items()))
