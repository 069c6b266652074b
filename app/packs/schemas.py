"""The shape of a pack's files as JSON Schema, for editors and for other programs."""

import json
from pathlib import Path

from pydantic import BaseModel

from app.packs.examples import CasesFile
from app.packs.format import FacilityFile, MunicipalityFile

FILES: dict[str, type[BaseModel]] = {
    "municipality": MunicipalityFile,
    "facility": FacilityFile,
    "cases": CasesFile,
}


def schemas() -> dict[str, str]:
    """Return the text of each schema by its file's name."""
    return {
        f"{name}.schema.json": json.dumps(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                **model.model_json_schema(by_alias=True),
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
        for name, model in FILES.items()
    }


def write(folder: Path) -> list[str]:
    """Write the schemas into a folder and return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(schemas())
