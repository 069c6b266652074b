"""A folder -> a pack and everything that is wrong with how it is written; never only the first."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from app.packs.examples import CasesFile
from app.packs.format import FacilityFile, MunicipalityFile, Pack, in_order
from app.packs.problems import Problem
from app.packs.tree import Tree, read_tree
from app.packs.wording import found_path, sentence
from app.tenants.policy import WRITTEN_BY_HAND

Model = TypeVar("Model", bound=BaseModel)

MUNICIPALITY, FACILITIES, CASES = "municipality.yaml", "facilities", "cases.yaml"
DEMONSTRATION = "demonstration.yaml"  # staff of the demonstration; no rule of the municipality
PEOPLE = "demonstration.yaml"  # who may try the service; `flask demo` reads it, no rule does


@dataclass(slots=True)
class Reading:
    """What could be read of a folder; `pack` is there only when every file was well-formed."""

    pack: Pack | None = None
    municipality: MunicipalityFile | None = None
    facilities: dict[str, FacilityFile] = field(default_factory=dict)  # by file
    cases: CasesFile | None = None
    trees: dict[str, Tree] = field(default_factory=dict)  # by file
    problems: list[Problem] = field(default_factory=list)


def read_pack(folder: Path) -> Reading:
    """Read every file of a pack, and collect what is wrong in all of them."""
    reading = Reading()
    reading.municipality = _read(folder, MUNICIPALITY, MunicipalityFile, reading)
    files = sorted((folder / FACILITIES).glob("*.yaml"))
    if not files:
        message = "施設のファイルがありません。facilities/<slug>.yaml を置いてください。"
        reading.problems.append(Problem(FACILITIES, 0, "", message))
    for path in files:
        name = f"{FACILITIES}/{path.name}"
        found = _read(folder, name, FacilityFile, reading)
        if found:
            reading.facilities[name] = found
    reading.cases = _read(folder, CASES, CasesFile, reading)
    reading.problems += _strangers(folder)
    if reading.municipality and reading.cases and not reading.problems:
        facilities = in_order(reading.municipality.order, list(reading.facilities.values()))
        reading.pack = Pack(reading.municipality, facilities, reading.cases)
    return reading


def _read(folder: Path, name: str, model: type[Model], reading: Reading) -> Model | None:
    if not (folder / name).is_file():
        reading.problems.append(Problem(name, 0, "", "ファイルがありません。"))
        return None
    tree = reading.trees[name] = read_tree(folder / name, name)
    reading.problems += tree.problems
    if tree.value is None:
        return None
    try:
        return model.model_validate(tree.value, context=WRITTEN_BY_HAND)
    except ValidationError as error:
        reading.problems += _worded(error, tree, model)
        return None


def _worded(error: ValidationError, tree: Tree, model: type[BaseModel]) -> Iterator[Problem]:
    for found in error.errors(include_url=False):
        if found["type"] == "too_short" and len(found["input"]) >= found["ctx"]["min_length"]:
            continue  # said besides because an entry is wrong, which is told by itself
        path = found_path(tree.value, found)
        yield tree.problem(path, sentence(found, model))


def _strangers(folder: Path) -> Iterator[Problem]:
    """Yield a problem for each file that would be passed over: most often a wrong ending."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        known = name in (MUNICIPALITY, CASES, PEOPLE) or (
            path.parent == folder / FACILITIES and path.suffix == ".yaml"
        )
        if path.is_file() and not known and path.suffix in (".yaml", ".yml"):
            message = "読まれないファイルです。名前と置き場所を確かめてください。"
            yield Problem(name, 0, "", message)
