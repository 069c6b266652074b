"""The repository as text: programs, templates, and what stands in them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP, TEMPLATES = ROOT / "app", ROOT / "templates"
JAPANESE = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff]")  # letters, not signs


@dataclass(frozen=True)
class Program:
    """One Python file of the service."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))


@cache
def programs() -> list[Program]:
    """Return every Python file of app/."""
    found = []
    for path in sorted(APP.rglob("*.py")):
        text = path.read_text("utf-8")
        found.append(Program(path, text, ast.parse(text)))
    return found


@cache
def templates() -> dict[str, str]:
    """Return every template by the name under which it is rendered."""
    return {
        str(path.relative_to(TEMPLATES)): path.read_text("utf-8")
        for path in sorted(TEMPLATES.rglob("*"))
        if path.is_file()
    }


def calls(name: str) -> Iterator[tuple[Program, ast.Call]]:
    """Yield every call of a function or class, by the last part of its name."""
    for program in programs():
        for node in ast.walk(program.tree):
            if isinstance(node, ast.Call) and called(node) == name:
                yield program, node


def called(node: ast.Call) -> str:
    """Return the last part of what is called."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def strings(tree: ast.AST) -> set[str]:
    """Return every string in a piece of a program."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def without_docstrings(program: Program) -> Iterator[ast.Constant]:
    """Yield the strings of a program that are not its docstrings."""
    said = {
        id(node.body[0].value)
        for node in ast.walk(program.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(program.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node
