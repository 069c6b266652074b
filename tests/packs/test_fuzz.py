"""Whatever is in the files, check() answers with sentences and never with a traceback."""

import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.packs.checker import Report, check
from tests.packs.test_library import LIBRARY, folder

FILES = ("municipality.yaml", "facilities/kominkan.yaml", "cases.yaml")
TEXTS = {name: (folder("daito") / name).read_text() for name in FILES}
ODD = st.sampled_from(
    ["", "null", "~", "[]", "{}", "- - -", "*x", "&a [*a]", "2026-02-30", "9", "-1", "1e999", "yes",
     "!!python/object:os.system {}", "\t", "\u0000", "𠮷", '"', "'", ": :", "{a: {b: [}}", "0x1F",
     "99999999999999999999", "2026-04-01T00:00:00Z", "*table", "<<: *table", "kind: pans", "24:01"]
)  # fmt: skip


def written(tmp_path: Path, name: str, text: str) -> Report:
    target = tmp_path / "pack"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder("daito"), target)
    (target / name).write_text(text, encoding="utf-8", errors="surrogatepass")
    return check(target)


def told(report: Report) -> None:
    assert report.lines
    assert all(isinstance(line, str) and line for line in report.lines)
    assert "Traceback" not in "".join(report.lines)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(FILES), data=st.data(), odd=ODD)
def test_a_line_replaced_by_something_odd(tmp_path_factory, name, data, odd):
    lines = TEXTS[name].split("\n")
    place = data.draw(st.integers(0, len(lines) - 1))
    key, colon, _value = lines[place].partition(":")
    lines[place] = data.draw(st.sampled_from([odd, f"{key}{colon} {odd}", lines[place] + odd]))

    told(written(tmp_path_factory.mktemp("fuzz"), name, "\n".join(lines)))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(FILES), data=st.data())
def test_lines_that_were_lost_or_doubled(tmp_path_factory, name, data):
    lines = TEXTS[name].split("\n")
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first, min(first + 20, len(lines))))
    kept = lines[:first] + lines[first:last] * data.draw(st.integers(0, 2)) + lines[last:]

    told(written(tmp_path_factory.mktemp("fuzz"), name, "\n".join(kept)))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="a list"),
        pytest.param("42", id="a number"),
        pytest.param("a: &a [*a]", id="a cycle"),
        pytest.param("a: &a {b: *a}", id="a cycle of maps"),
        pytest.param("\ufeffmunicipality: {}", id="a mark"),
        pytest.param("- " * 3000, id="dashes"),
        pytest.param("[" * 5000, id="brackets"),
    ],
)
def test_a_file_that_is_something_else(tmp_path, name, text):
    report = written(tmp_path, name, text)

    told(report)
    assert not report.ok


def test_a_name_given_to_two_things_is_told_with_its_line(tmp_path):
    twice = "a: &table {x: 1}\nb: &table {x: 2}\nc: *table\n"

    report = written(tmp_path, "facilities/kominkan.yaml", twice)

    assert any("kominkan.yaml:2" in x and "&table" in x for x in report.lines), report.lines


def test_bytes_that_are_no_text(tmp_path):
    shutil.copytree(folder("daito"), tmp_path / "pack")
    (tmp_path / "pack" / "cases.yaml").write_bytes(b"\xff\xfe\x00cases: \x80\x81")

    told(check(tmp_path / "pack"))


def test_a_file_of_ten_megabytes_is_refused_at_once(tmp_path):
    began = time.monotonic()

    report = written(tmp_path, "cases.yaml", "# あ\n" * 2_000_000)

    told(report)
    assert not report.ok
    assert time.monotonic() - began < 20  # not a speed: it must not hang


def test_an_entry_that_doubles_itself_ten_times_does_not_fill_the_memory(tmp_path):
    bomb = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 30)]

    report = written(tmp_path, "municipality.yaml", "\n".join(bomb))

    told(report)
    assert not report.ok


def test_every_pack_of_the_library_stays_as_it_is():
    assert all(check(one).ok for one in LIBRARY.iterdir())
