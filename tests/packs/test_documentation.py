"""docs/packs.md: its first example is a pack, and it names all that can be written."""

import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from app.booking import policy as booking
from app.facilities import policy as facilities
from app.fees import policy as fees
from app.packs import examples
from app.packs import format as places
from app.packs.checker import check
from app.packs.tree import read_tree
from app.tenants import policy as tenants
from app.tenants.policy import WRITTEN_BY_HAND, Document

TEXT = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)
MODELS = sorted(
    {
        model
        for module in (tenants, facilities, booking, fees, places, examples)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, Document) and model is not Document
    },
    key=lambda model: model.__name__,
)
SECTIONS = {
    name: info.annotation
    for model in (places.MunicipalityFile, places.FacilityFile, examples.CasesFile, booking.Terms)
    for name, info in model.model_fields.items()
}


def test_the_smallest_pack_of_the_page_can_be_published(tmp_path):
    for block in BLOCKS:
        named = re.match(r"# (\S+\.yaml)\n", block)
        if named:
            (tmp_path / named[1]).parent.mkdir(exist_ok=True)
            (tmp_path / named[1]).write_text(block, encoding="utf-8")

    report = check(tmp_path)

    assert report.lines == [
        "合格 C1（会議室 2時間）: 800円",
        "公開できます: 誤り 0、注意 0、例 1/1 合格",
    ]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.strip().split("\n")[0])
def test_every_example_of_the_page_can_be_read(block, tmp_path):
    (tmp_path / "example.yaml").write_text(block, encoding="utf-8")

    tree = read_tree(tmp_path / "example.yaml", "example.yaml")

    assert tree.problems == []
    for name, value in tree.value.items():
        TypeAdapter(SECTIONS[name]).validate_python(value, context=WRITTEN_BY_HAND)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_is_explained(model):
    names = [info.alias or name for name, info in model.model_fields.items()]

    missing = [name for name in names if not re.search(rf"\b{name}\b", TEXT)]
    assert missing == [], f"{model.__name__}: write about {missing} in docs/packs.md"
