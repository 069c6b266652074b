"""A YAML 1.2 file as plain values, with the line on which each was written.

Days and times stay text here (9:00 is no number of base 60); the models read them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from app.packs.problems import Path, Problem, dotted

LARGEST = 30_000  # values in one file; aliases of aliases could otherwise fill the memory
MOST_BYTES = 1_000_000  # the largest pack that was met has files of 20 KB
_CORE = "tag:yaml.org,2002:"
_TRUE = {"true", "yes", "on"}


@dataclass(slots=True)
class Tree:
    """What a file says and where; `problems` are what YAML itself has against it."""

    file: str
    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0

    def line(self, path: Path) -> int:
        """Return the line of a value, or of the nearest thing around it."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 0

    def problem(self, path: Path, message: str) -> Problem:
        """Return a problem with the value at `path`."""
        return Problem(self.file, self.line(path), dotted(path), message)


class _Composer(Composer):
    """Refuses a name that is given twice: YAML would let the second take over unseen."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader=loader)
        self.warn_double_anchors = False

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        anchor = None if isinstance(event, AliasEvent) else getattr(event, "anchor", None)
        if anchor is not None and anchor in self.anchors:
            problem = f"&{anchor} という名前が2回つけられています"
            raise MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        return super().compose_node(parent, index)


def read_tree(path: FilePath, name: str) -> Tree:
    """Read a file; what is wrong with it as YAML is among the tree's problems."""
    tree = Tree(name)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise OverflowError
        yaml = YAML(typ="safe", pure=True)
        yaml.Composer = _Composer
        node = yaml.compose(path.read_text(encoding="utf-8"))
        if node is None:
            tree.problems.append(Problem(name, 1, "", "ファイルが空です。"))
        else:
            tree.value = _value(node, (), tree)
    except (YAMLError, UnicodeDecodeError, OSError) as error:
        tree.problems.append(_unreadable(name, error))
    except (OverflowError, RecursionError):
        tree.problems.append(Problem(name, 1, "", "ファイルが大きすぎるか、深すぎます。"))
    return tree


def _unreadable(name: str, error: Exception) -> Problem:
    line, what = 1, str(error).splitlines()[0]
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        what = str(error.problem or error.context or what)
    if isinstance(error, UnicodeDecodeError):
        what = "文字コードを UTF-8 にしてください"
    hint = "字下げ・コロンの後の空白・引用符を確かめてください"
    return Problem(name, line, "", f"YAML として読めません（{what}）。{hint}。")


def _value(node: Node, path: Path, tree: Tree) -> Any:
    tree.count += 1
    if tree.count > LARGEST:
        raise OverflowError
    tree.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return dict(_entries(node, path, tree))
    if isinstance(node, SequenceNode):
        return [_value(one, (*path, place), tree) for place, one in enumerate(node.value)]
    return _scalar(str(node.value), str(node.tag).removeprefix(_CORE))


def _entries(node: MappingNode, path: Path, tree: Tree) -> Iterator[tuple[str, Any]]:
    seen: dict[str, int] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        here = (*path, key)
        if key in seen:
            message = f"同じ項目が2回あります（{seen[key]}行目と{line}行目）。片方にしてください。"
            tree.problems.append(Problem(tree.file, line, dotted(here), message))
            continue
        seen[key] = line
        tree.lines[here] = line
        yield key, _value(value_node, here, tree)


def _scalar(text: str, tag: str) -> Any:
    if tag == "null":
        return None
    if tag == "bool":
        return text.casefold() in _TRUE
    try:
        if tag == "int" and not (text.startswith("0") and len(text) > 1):  # 011002 is a code
            return int(text.replace("_", ""))
        if tag == "float":
            return float(text.replace("_", ""))
    except ValueError:
        return text  # no number of ours; the models say what they expected
    return text
