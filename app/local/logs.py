"""What the children write: one file each in var/log, whose errors also reach the terminal."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

TAIL_LINES = 25
ERROR = re.compile(r"\b(ERROR|CRITICAL|FATAL)\b|\"level\": ?\"(error|critical)\"|^Traceback ")


def fresh_log(path: Path) -> Path:
    """Put the log of the last run aside and return the path of an empty one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_suffix(".last.log"))
    path.touch()
    return path


def tail(path: Path, *, lines: int = TAIL_LINES) -> str:
    """Return the last lines of a log, indented for the terminal."""
    text = path.read_text(errors="replace") if path.exists() else ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


class ErrorLines:
    """Reads on in a log from where it stood, and gives only what tells of errors."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._in_traceback = False

    def new(self) -> Iterator[str]:
        """Yield the complete lines since the last time that belong to an error."""
        with self._path.open("rb") as file:
            file.seek(self._read)
            yield from filter(self._tells_of_error, self._complete_lines(file))

    def _complete_lines(self, file: BinaryIO) -> Iterator[str]:
        for line in file:
            if not line.endswith(b"\n"):
                return  # the rest comes next time
            self._read += len(line)
            yield line.decode(errors="replace").rstrip()

    def _tells_of_error(self, line: str) -> bool:
        if self._in_traceback:
            self._in_traceback = line.startswith((" ", "\t"))
            return True
        self._in_traceback = line.startswith("Traceback ")
        return ERROR.search(line) is not None
