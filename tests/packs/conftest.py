"""Packs to try: the shipped ones, and a small one that a test spoils."""

from pathlib import Path
from textwrap import dedent

import pytest

from app import packs
from app.packs.reader import Reading, read_pack

SHIPPED = Path(packs.__file__).parent / "shipped"

MUNICIPALITY = """\
municipality:
  slug: midori
  code: "132284"
  name: みどり市
  kana: ミドリシ
policy:
  - effective_from: 2026-04-01
    help: {name: 市民課, phone: 00-0000-0001, hours: 平日 8時30分から17時15分まで}
    applicant_classes:
      - {id: resident, name: 市内の方, is_default: true}
      - {id: group, name: 登録団体, self_declared: false}
    purposes:
      - {id: meeting, name: 会議・話し合い}
      - {id: music, name: 音楽}
"""
FACILITY = """\
facility:
  slug: chuo
  name: 中央会館
  kana: チュウオウカイカン
  kind: 会館
  phone: 00-0000-0002
rooms:
  - slug: hall
    name: ホール全面
    capacity: 100
    spaces: [east, west]
  - slug: east
    name: ホール東
    capacity: 50
    purposes: [meeting]
  - slug: west
    name: ホール西
    capacity: 50
calendar:
  - effective_from: 2026-04-01
    hours:
      - {from: 9:00, to: 22:00}
    closings:
      - {kind: weekly, weekdays: [tue]}
    divisions:
      - kind: periods
        periods:
          - {id: am, name: 午前, from: 9:00, to: 12:00}
          - {id: pm, name: 午後, from: 13:00, to: 17:00}
terms:
  - effective_from: 2026-04-01
    reception:
      - opens: {kind: month_day, months: 2, day: 1}
        closes: {kind: before, days: 3}
    payment: {days_before_use: 1, where: 会館の受付}
    cancellation:
      until: {kind: before, days: 1}
fees:
  - effective_from: 2026-04-01
    prices:
      - kind: per_period
        id: hall
        rooms: [hall, east, west]
        yen: {am: 1000, pm: 2000}
        citation: {source: みどり市会館条例, place: 別表}
"""
CLOSURES = """\
closures:
  - kind: maintenance
    name: 床の張り替え
    rooms: [east]
    from: 2027-03-10 09:00
    to: 2027-03-12 24:00
"""
CASES = """\
cases:
  - id: C1
    kind: fee
    uses:
      - {facility: chuo, room: hall, on: 2027-03-08, from: 9:00, to: 12:00}
    expect: 1000
"""


class Folder:
    """A small pack in a folder, in which nothing is wrong until a test changes something."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write("municipality.yaml", MUNICIPALITY)
        self.write("facilities/chuo.yaml", FACILITY + CLOSURES)
        self.write("cases.yaml", CASES)

    def write(self, name: str, text: str) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(dedent(text), encoding="utf-8")

    def text(self, name: str) -> str:
        return (self.path / name).read_text(encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        text = self.text(name)
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "midori")


@pytest.fixture(scope="session")
def shipped() -> dict[str, Reading]:
    """The shipped packs, read once."""
    return {path.name: read_pack(path) for path in sorted(SHIPPED.iterdir()) if path.is_dir()}
