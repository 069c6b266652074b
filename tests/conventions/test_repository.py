"""What a reviewer would say twice: names, time, money, who writes what, what is pinned."""

import ast
import re

import pytest
from ruamel.yaml import YAML

from tests.conventions.reading import APP, ROOT, calls, programs, without_docstrings

NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "core", "manager", "lib"}


def lines_with(pattern: str) -> list[str]:
    return [
        f"{program.name}:{number}: {line.strip()}"
        for program in programs()
        for number, line in enumerate(program.text.splitlines(), start=1)
        if re.search(pattern, line)
    ]


def outside(lines: list[str], *allowed: str) -> list[str]:
    return [line for line in lines if not line.startswith(allowed)]


class TestNames:
    def test_no_module_is_named_after_nothing(self):
        for path in [*APP.rglob("*"), *(ROOT / "tests").rglob("*")]:
            assert path.stem not in NAMELESS, f"name {path} after what it is about"

    def test_every_package_says_what_it_is(self):
        for path in APP.rglob("__init__.py"):
            assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path

    def test_every_folder_of_tests_is_a_package(self):
        folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}

        assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []

    def test_every_test_file_can_be_found_by_pytest(self):
        for path in (ROOT / "tests").rglob("*.py"):
            has_tests = re.search(r"^(    )?def test_", path.read_text("utf-8"), re.MULTILINE)
            assert not has_tests or path.name.startswith("test_"), path

    def test_no_program_names_a_municipality(self):
        """What differs between municipalities stands in packs."""
        shipped = APP / "packs" / "shipped"
        names = set()
        for path in shipped.glob("*/municipality.yaml"):
            told = YAML(typ="safe").load(path)["municipality"]
            names |= {path.parent.name, told["name"], told["name"].rstrip("市区町村")}
        assert len(names) >= 2

        met = [
            f"{program.name}: {name}"
            for program in programs()
            if shipped not in program.path.parents
            for name in names
            if name in program.text
        ]
        assert met == []


class TestTime:
    def test_only_the_clock_asks_the_time(self):
        asked = lines_with(r"datetime\.(now|utcnow|today)|date\.today|\btime\.time\(|func\.now\(")

        assert outside(asked, "app/kernel/clock.py") == []

    def test_no_statement_asks_the_database_for_the_time(self):
        asking = re.compile(r"current_timestamp|localtimestamp|clock_timestamp|\bnow\(\)")
        asked = [
            f"{program.name}:{node.lineno}"
            for program in programs()
            for node in without_docstrings(program)
            if asking.search(node.value)
        ]

        assert asked == []

    def test_rules_and_services_are_told_the_time(self):
        asked = lines_with(r"\bclock\.now\b|clock import .*\bnow\b")

        domains = ("app/booking", "app/facilities", "app/fees", "app/identity", "app/notify",
                   "app/payments", "app/reports", "app/tenants", "app/usecases")  # fmt: skip
        assert [line for line in asked if line.startswith(domains)] == []

    def test_no_default_of_a_column_asks_the_time(self):
        assert lines_with(r"server_default|onupdate") == []


class TestWriting:
    def test_only_a_use_case_s_transaction_commits(self):
        committed = lines_with(r"\.commit\(\)")

        assert outside(committed, "app/db/session.py", "app/local/") == []

    def test_one_module_writes_floor(self):
        written = lines_with(
            r"(insert|update|delete)\(Occupancy\b|\bOccupancy\(\s*[a-z_]+=|"
            r"(insert into|update|delete from) occupancy\b"
        )
        # The demonstration moves all days at once; no reader and no rival is there then.
        allowed = ("app/booking/occupancy.py", "app/cli/demonstration/shifting.py")

        assert outside(written, *allowed) == []

    def test_one_module_writes_the_ledger_and_one_the_audit(self):
        written = lines_with(
            r"(insert|update|delete)\((LedgerEntry|AuditEntry)\b|insert into (ledger|audit)_entry"
        )

        assert outside(written, "app/payments/service.py", "app/db/audit.py") == []

    def test_jobs_carry_ids_only(self):
        """The queue's tables belong to no municipality: no name and no address may get there."""
        for program, call in calls("enqueue"):
            names = {keyword.arg for keyword in call.keywords}
            carried = names - {"lock", "schedule_at"}
            assert all(name and name.endswith("_id") for name in carried), (
                f"{program.name}:{call.lineno}"
            )

    def test_tasks_take_ids_only(self):
        for program in programs():
            for node in ast.walk(program.tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
                    "queue.task" in ast.unparse(one) for one in node.decorator_list
                ):
                    taken = {a.arg for a in [*node.args.args, *node.args.kwonlyargs]}
                    taken -= {"context", "timestamp"}
                    assert all(name.endswith("_id") for name in taken), node.name

    def test_audit_keeps_facts_and_no_free_text(self):
        for program, call in calls("note"):
            for keyword in call.keywords:
                if keyword.arg == "facts" and isinstance(keyword.value, ast.Dict):
                    kept = {
                        key.value for key in keyword.value.keys if isinstance(key, ast.Constant)
                    }
                    told = {"name", "email", "phone", "kana", "notes", "purpose", "shown_name"}
                    assert not kept & told, f"{program.name}:{call.lineno}"

    def test_nothing_outside_is_called_while_a_session_is_open(self):
        """Domains and use cases know ports only; the wire is spoken in adapters and sims."""
        wires = lines_with(
            r"^\s*(import|from) (smtplib|http\.client|urllib\.request|requests|socket)\b"
        )

        assert outside(wires, "app/adapters/", "app/sims/", "app/local/") == []


class TestMigrations:
    VERSIONS = sorted((ROOT / "migrations" / "versions").glob("[0-9]*.py"))

    def test_are_numbered_without_a_gap_and_each_builds_on_the_one_before(self):
        before = None
        for number, path in enumerate(self.VERSIONS, start=1):
            said = {
                node.targets[0].id: ast.literal_eval(node.value)
                for node in ast.parse(path.read_text("utf-8")).body
                if isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and node.targets[0].id in ("revision", "down_revision")
            }
            assert path.name.startswith(f"{number:04d}_"), path.name
            assert said == {"revision": f"{number:04d}", "down_revision": before}, path.name
            before = said["revision"]

    def test_say_what_they_do_and_how_to_undo_it(self):
        for path in self.VERSIONS:
            tree = ast.parse(path.read_text("utf-8"))
            defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert ast.get_docstring(tree), path.name
            assert {"upgrade", "downgrade"} <= defined, path.name


class TestRequirements:
    @pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
    def test_are_pinned_and_each_direct_one_says_why(self, name: str):
        direct, _, brought = (ROOT / name).read_text("utf-8").partition("# What the above bring")
        for line in direct.splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert re.fullmatch(r"[\w\[\],.-]+==[\w.]+\s+# \S.+", line), line
        for line in brought.splitlines()[1:]:
            if line and not line.startswith("#"):
                assert re.fullmatch(r"[\w.-]+==[\w.]+(; .+)?", line), line

    def test_are_needed(self):
        """Each direct dependency is imported, or is a program or a plug-in that is run."""
        run = {"gunicorn", "psycopg[binary,pool]"}
        imported = {
            (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else one.name
            for program in programs()
            for node in ast.walk(program.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for one in node.names
        }
        roots = {name.split(".")[0].lower() for name in imported}
        direct = (ROOT / "requirements.txt").read_text("utf-8").partition("# What the above")[0]
        for line in direct.splitlines():
            if line and not line.startswith("#") and line.split("==")[0] not in run:
                name = line.split("==")[0].lower().replace("-", "_")
                said = {
                    "argon2_cffi": "argon2",
                    "ruamel.yaml": "ruamel",
                    "pillow": "pil",
                    "email_validator": "wtforms",
                    "alembic": "alembic",
                }
                if name in ("alembic", "email_validator"):
                    continue  # `flask db` and WTForms' Email ask for them
                assert said.get(name, name) in roots, f"nothing imports {name}"


def test_the_licence_and_the_change_log_are_there():
    for name in ("LICENSE", "CHANGELOG.md", "README.md", "Makefile"):
        assert (ROOT / name).read_text("utf-8").strip(), name


def test_no_string_of_a_program_is_a_secret():
    secret = re.compile(r"(?i)(api[_-]?key|password|secret)\s*=\s*['\"][^'\"{}%]{8,}['\"]")

    assert lines_with(secret.pattern) == []
