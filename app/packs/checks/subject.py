"""What a check looks at: one file of a pack, with the municipality's words beside it."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from app.packs.format import FacilityFile, PolicyEdition
from app.packs.problems import Path, Problem, dotted
from app.packs.reader import Reading


@dataclass(frozen=True, slots=True)
class About:
    """A pack under check; `file` is the one that problems are in."""

    reading: Reading
    file: str

    def facility(self, file: str, one: FacilityFile) -> "AboutFacility":
        """Return the same for one facility."""
        return AboutFacility(self.reading, file, one)

    @property
    def policies(self) -> Sequence[PolicyEdition]:
        """Return the municipality's policies; none when its file has errors."""
        return self.reading.municipality.policy if self.reading.municipality else ()

    def problem(self, path: Path, message: str) -> Problem:
        """Return an error at a place of the file."""
        return self.reading.trees[self.file].problem(path, message)

    def warning(self, path: Path, message: str) -> Problem:
        """Return something to look at again."""
        line = self.reading.trees[self.file].line(path)
        return Problem(self.file, line, dotted(path), message, "warning")

    def unknown(
        self, path: Path, named: Sequence[str], known: Collection[str], what: str
    ) -> Iterator[Problem]:
        """Yield a problem for each name that nothing is called by."""
        for place, name in enumerate(named):
            if name not in known:
                near = get_close_matches(name, known, n=1, cutoff=0.5)
                guess = f"もしかして: {near[0]}。" if near else ""
                have = f"使えるもの: {', '.join(known)}。" if known else ""
                message = f"「{name}」という{what}はありません。{guess}{have}"
                yield self.problem((*path, place), message)

    def repeated(self, path: Path, ids: Sequence[str], field: str = "id") -> Iterator[Problem]:
        """Yield a problem for each id that is there twice."""
        for name, times in Counter(ids).items():
            if times > 1:
                last = len(ids) - 1 - list(reversed(ids)).index(name)
                message = f"「{name}」が{times}回あります。別の名前にしてください。"
                yield self.problem((*path, last, field), message)

    def ordered(self, subject: str, days: Sequence[date]) -> Iterator[Problem]:
        """Yield a problem for each edition that does not begin after the one before it."""
        for place in range(1, len(days)):
            if days[place] <= days[place - 1]:
                message = (
                    f"{days[place]} は前の版（{days[place - 1]}）より後の日にします。"
                    "版は古い順に並べ、同じ日から始まる版は1つだけです。"
                )
                yield self.problem((subject, place, "effective_from"), message)


@dataclass(frozen=True, slots=True)
class AboutFacility(About):
    """One facility under check."""

    one: FacilityFile

    @property
    def rooms(self) -> list[str]:
        """Return the slugs of its rooms."""
        return [room.slug for room in self.one.rooms]

    @property
    def classes(self) -> list[str]:
        """Return the applicant classes of all the municipality's policies."""
        found = {one.id: None for policy in self.policies for one in policy.applicant_classes}
        return list(found)
