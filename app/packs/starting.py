"""A starting pack: a few answers put into files that are usual for a kind of facility."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

STARTERS = Path(__file__).parent / "starters"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of facility to start from: its file, its first room, hours that cost the fee once."""

    file: str
    room: str
    hours: int


KINDS = {
    "公民館": Kind("kominkan", "room-1", 3),
    "コミュニティ会館": Kind("community", "room-1", 1),
    "体育館": Kind("gym", "whole", 1),
    "ホール": Kind("hall", "hall", 3),
    "学校開放": Kind("school", "whole", 1),
}


@dataclass(frozen=True, slots=True)
class Municipality:
    """Whose pack it is."""

    slug: str
    code: str
    name: str
    kana: str


@dataclass(frozen=True, slots=True)
class FirstFacility:
    """What is asked of the first facility."""

    kind: str  # one of KINDS
    facility_slug: str
    facility_name: str
    facility_kana: str
    phone: str
    yen: int
    ordinance: str


def write(folder: Path, whose: Municipality, first: FirstFacility) -> list[str]:
    """Write the pack and return its files; raises FileExistsError when the folder has any."""
    _must_be_empty(folder)
    kind = KINDS[first.kind]
    words = {**asdict(whose), **asdict(first), "room": kind.room}
    words["expected"] = str(first.yen * (3 // kind.hours))
    files = {
        "municipality.yaml": "municipality.yaml",
        f"facilities/{first.facility_slug}.yaml": f"{kind.file}.yaml",
        "cases.yaml": "cases.yaml",
    }
    for name, starter in files.items():
        text = Template((STARTERS / starter).read_text(encoding="utf-8")).substitute(words)
        _put(folder / name, text)
    return list(files)


def copy(source: Path, folder: Path, whose: Municipality) -> list[str]:
    """Write another municipality's pack under a new name; its figures are still the other's."""
    _must_be_empty(folder)
    files = ["municipality.yaml", "cases.yaml"]
    files += [f"facilities/{one.name}" for one in sorted((source / "facilities").glob("*.yaml"))]
    for name in files:
        text = (source / name).read_text(encoding="utf-8")
        if name == "municipality.yaml":
            for field, value in asdict(whose).items():
                text = re.sub(rf"(?m)^  {field}: .*$", f'  {field}: "{value}"', text, count=1)
        note = f"# {source.name} の写し。数字と根拠を、1つずつ自分の条例に直してください。\n"
        _put(folder / name, note + text)
    return files


def _must_be_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(folder)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
