"""check(): everything that can be said of a pack without a database, as one report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.packs.cases import CaseResult, run_cases
from app.packs.checks import problems_of
from app.packs.format import Pack
from app.packs.problems import Problem
from app.packs.reader import read_pack


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong with a pack, and how its cases came out."""

    pack: Pack | None  # None: it could not be read
    problems: Sequence[Problem]
    cases: Sequence[CaseResult]

    @property
    def errors(self) -> list[Problem]:
        """Return what must be put right before the pack can be published."""
        return [one for one in self.problems if one.level == "error"]

    @property
    def failed(self) -> list[CaseResult]:
        """Return the cases that come out otherwise than the ordinance says."""
        return [one for one in self.cases if not one.passed]

    @property
    def ok(self) -> bool:
        """Say whether the pack can be published."""
        return self.pack is not None and not self.errors and not self.failed

    @property
    def lines(self) -> list[str]:
        """Return one line for each problem and each case, and one that counts them."""
        passed = len(self.cases) - len(self.failed)
        warnings = len(self.problems) - len(self.errors)
        counted = f"誤り {len(self.errors)}、注意 {warnings}、例 {passed}/{len(self.cases)} 合格"
        if not self.cases and self.errors:
            counted += "（誤りを直すと例を計算します）"
        return [
            *(str(one) for one in self.problems),
            *(str(one) for one in self.cases),
            f"{'公開できます' if self.ok else '公開できません'}: {counted}",
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "ok": self.ok,
            "problems": [
                {
                    "level": one.level,
                    "file": one.file,
                    "line": one.line,
                    "field": one.field,
                    "message": one.message,
                }
                for one in self.problems
            ],
            "cases": [
                {
                    "id": one.id,
                    "name": one.name,
                    "passed": one.passed,
                    "expected": one.expected,
                    "got": one.got,
                }
                for one in self.cases
            ],
        }


def check(folder: Path) -> Report:
    """Read a pack, check what must agree, and work out its cases if nothing is wrong."""
    reading = read_pack(folder)
    problems = sorted([*reading.problems, *problems_of(reading)])
    has_errors = any(one.level == "error" for one in problems)
    cases = run_cases(reading.pack) if reading.pack and not has_errors else []
    return Report(reading.pack, problems, cases)
