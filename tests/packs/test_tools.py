"""What whoever writes a pack works with: a price on the command line, differences, a start."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.db import db
from app.db.session import tenant_scope
from app.packs import repricing, schemas, starting
from app.packs.checker import check
from app.packs.memory import catalogue_of
from tests import builders
from tests.packs.test_library import LIBRARY, folder
from tests.web.situations import has_booked

ROOT = Path(__file__).parents[2]
WHOSE = ["--slug", "sakura", "--code", "132284", "--name", "さくら市", "--kana", "サクラシ"]
FIRST = [
    "--facility-slug", "chuo", "--facility-name", "中央館", "--facility-kana", "チュウオウカン",
    "--phone", "00-0000-0000", "--yen", "500", "--ordinance", "さくら市条例",
]  # fmt: skip
USE = ["--facility", "kominkan", "--room", "kaigi-2", "--on", "2027-01-16", "--from", "9:00"]


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["pack", *words])


class TestQuote:
    def test_explains_each_line_with_its_article(self, bare_app):
        told = run(bare_app, "quote", str(folder("daito")), *USE, "--to", "12:00")

        assert told.exit_code == 0
        assert told.output.splitlines() == [
            "基本（午前） 1,400円 = 1,400円 [kaigi-2] 大東市立公民館 使用料 使用料の表",
            "冷暖房（6月から9月、12月から3月） 1,400円 × 40% = 560円 [season] "
            "大東市立公民館 使用料 備考（冷暖房）",
            "合計 1,960円（税込）",
        ]

    def test_says_what_each_reading_would_cost(self, bare_app):
        words = [*USE, "--to", "12:00", "--applicant", "outside"]
        told = run(bare_app, "quote", str(folder("daito")), *words)

        assert told.exit_code == 2
        assert told.output.splitlines()[1:] == [
            "読み方: 元の料金に足す → 3,360円",
            "読み方: 市外の料金に掛ける → 3,920円",
        ]

    @pytest.mark.parametrize("wrong", [["--to", "25:00"], ["--to", "12:30"], ["--extra", "x"]])
    def test_a_use_that_can_not_be_is_told_in_a_sentence(self, bare_app, wrong):
        told = run(bare_app, "quote", str(folder("daito")), *USE, "--to", "12:00", *wrong)

        assert told.exit_code == 1
        assert "Traceback" not in told.output


class TestDifferences:
    def test_are_told_in_sentences_with_whom_and_from_when(self, bare_app, tmp_path):
        starting.copy(folder("daito"), tmp_path / "new", starting.Municipality(
            "daito", "272183", "大東市", "ダイトウシ"))  # fmt: skip
        file = tmp_path / "new" / "facilities" / "kominkan.yaml"
        text = file.read_text().replace("percent: 40", "percent: 30").replace("am: 400", "am: 500")
        file.write_text(text)

        told = run(bare_app, "diff", str(folder("daito")), str(tmp_path / "new"))

        assert told.output.splitlines() == [
            "大東市立公民館 料金（2026-04-01から）: 「kogi-1・金額・am」が、400 から 500 になります"
            "（部屋: kogi-1、利用者区分: すべての区分）。",
            "大東市立公民館 料金（2026-04-01から）: 「season・割合（%）」が、40 から 30 になります"
            "（部屋: すべての部屋、利用者区分: すべての区分）。",
        ]

    def test_between_a_pack_and_itself_are_none(self, bare_app):
        told = run(bare_app, "diff", str(folder("masuda")), str(folder("masuda")))

        assert told.output == "違いはありません。\n"


class TestAStart:
    @pytest.mark.parametrize("kind", starting.KINDS)
    def test_of_every_kind_can_be_published_at_once(self, bare_app, tmp_path, kind):
        told = run(bare_app, "new", str(tmp_path / "p"), *WHOSE, "--kind", kind, *FIRST)

        assert told.exit_code == 0, told.output
        assert check(tmp_path / "p").ok
        assert "例 1/1 合格" in told.output

    def test_from_another_municipality_keeps_its_cases(self, bare_app, tmp_path):
        told = run(bare_app, "copy", str(LIBRARY / "minoh"), str(tmp_path / "p"), *WHOSE)

        assert told.exit_code == 0, told.output
        pack = check(tmp_path / "p").pack
        assert pack is not None
        assert pack.municipality.municipality.name == "さくら市"
        assert "例 9/9 合格" in told.output

    def test_never_overwrites_what_is_there(self, bare_app, tmp_path):
        (tmp_path / "mine.txt").write_text("x")

        told = run(bare_app, "copy", str(LIBRARY / "minoh"), str(tmp_path), *WHOSE)

        assert told.exit_code == 1
        assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_the_schemas_beside_the_guide_are_those_of_the_format():
    written = {one.name: one.read_text() for one in (ROOT / "docs" / "schemas").glob("*.json")}

    assert written == schemas.schemas(), "run: flask --app wsgi pack schema docs/schemas"


class TestRepricing:
    @pytest.fixture
    def draft(self, app: Flask):
        """みどり市's catalogue as it stands, and one whose room costs 100円 more an hour."""
        with app.app_context():
            found = builders.catalogue_of("midori")
            with tenant_scope(found.tenant_id):
                yield found

    def test_of_rules_that_did_not_change_finds_nothing(self, app, draft):
        with app.app_context():
            person = builders.a_resident("midori")
        has_booked(app, person)

        found = repricing.reprice(
            db.session(), draft, first=date(2027, 3, 1), last=date(2027, 3, 31)
        )

        assert (found.uses, found.differences, found.unknown) == (1, [], 0)
        assert found.old_yen == found.new_yen == 800

    def test_of_a_pack_without_that_hall_says_so(self, app, draft):
        with app.app_context():
            person = builders.a_resident("midori")
        has_booked(app, person)
        other = check(folder("daito")).pack
        assert other is not None

        found = repricing.reprice(
            db.session(), catalogue_of(other), first=date(2027, 3, 1), last=date(2027, 3, 31)
        )

        assert found.unknown == 1
        assert "部屋や区分がないもの 1件" in found.lines[-2]
