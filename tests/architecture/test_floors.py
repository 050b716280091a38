"""Imports point down and in no circle, files are short and named for what they hold, and one door leads to the index."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
PACKAGE = SRC / "beholden"
FILES = sorted(SRC.rglob("*.py"))
MOST_LINES = 400
NO_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "service",
    "services",
    "models",
    "base",
    "common",
}
HEAVY = ("sqlalchemy", "alembic", "openvino", "onnx", "numpy", "PIL", "cedarpy", "cryptography", "pysqlite3", "argon2")
DOORS = [
    *(PACKAGE / name for name in ("cli", "api", "web", "client", "serving", "demo", "formats", "witness", "documents")),
    *(PACKAGE / name for name in ("worker.py", "server.py")),
]
# What makes a template, opens one, or carries one: the acts that name it, wherever it is defined. No one else may.
GIVING = {
    "with_template_of": {"use", "compare"},
    "fused_template": {"use", "search", "replay"},
    "embed_seen": {"templates", "use", "preparing", "embed", "beside"},
    "weighted_mean": {"templates"},
    "open_templates": {"follow", "erase", "compare"},
    "prepare": {"preparing", "pipeline", "enrol"},
    "prepare_by": {"preparing", "pipeline"},
    "Prepared": {"preparing", "pipeline", "enrol"},
}
CARRYING = {"embed", "embedded", "template", "templates"}  # attributes by which a door would come to one
TEMPLATE_WORDS = {"Template", "TEMPLATE", "Embedded", "open_templates", "seal_template", "embed_seen", "weighted_mean"}


def named(path: Path) -> str:
    return path.relative_to(SRC).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")


def imports() -> dict[str, set[str]]:
    """Module → the modules of ours that it names anywhere: at its top, in a function, for types, or as an address in a string."""
    modules = {module_of(path) for path in FILES}
    graph: dict[str, set[str]] = {}
    for path in FILES:
        found: set[str] = set()
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{named(path)} imports by a relative name"
                for alias in node.names:
                    inner = f"{node.module}.{alias.name}"
                    found.add(inner if inner in modules else str(node.module))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("beholden."):
                found.add(node.value.partition(":")[0])
        graph[module_of(path)] = (found & modules) - {module_of(path)}
    return graph


def loaded_by(code: str) -> set[str]:
    """The heavy libraries that a fresh interpreter has loaded after `code`."""
    report = (
        "\nimport sys\nprint('\\n'.join(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code + report], cwd=SRC, capture_output=True, text=True, timeout=60, check=True
    )
    return set(ran.stderr.split()) & set(HEAVY)


def test_the_contracts_of_the_floor_plan_hold() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " kept, 0 broken" in ran.stdout


def test_no_circle_of_imports_not_even_one_hidden_in_a_function_or_an_address() -> None:
    graph = imports()
    assert "beholden.database.sql" in graph["beholden.adapters"]
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as circle:
        pytest.fail(" → ".join(circle.args[1]))
    assert order.index("beholden.errors") < order.index("beholden.opening")


def test_the_verifier_and_the_rest_do_not_know_each_other() -> None:
    graph = imports()
    assert graph["beholden_verify"] == set()
    assert [module for module, used in graph.items() if "beholden_verify" in used] == []
    outside = {
        (alias.name if isinstance(node, ast.Import) else str(node.module)).partition(".")[0]
        for node in ast.walk(tree(SRC / "beholden_verify.py"))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert outside <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    "code",
    [
        "import beholden",
        "import beholden.cli",
        "import sys; sys.argv = ['beholden', '--help']\n"
        "from beholden.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code",
    ],
    ids=["import", "import of the command line", "help"],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code: str) -> None:
    assert loaded_by(code) == set()


def test_files_are_short() -> None:
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_files_are_named_for_what_they_hold() -> None:
    names = {part for path in FILES for part in (*path.relative_to(SRC).parts[:-1], path.stem)}
    assert names & NO_NAMES == set()


def test_every_file_opens_with_a_sentence_of_what_it_is() -> None:
    for path in FILES:
        words = ast.get_docstring(tree(path)) or ""
        assert re.match(r"\S.*?[.:](\s|$)", words, re.DOTALL), f"{named(path)} does not say what it is"


def test_a_silenced_type_checker_is_told_why() -> None:
    silenced = re.compile(r"#\s*type:\s*ignore(?!\[[a-z-]+(, ?[a-z-]+)*\]\s+# \S)")
    wrong = [
        f"{named(path)}:{number}"
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if silenced.search(line)
    ]
    assert wrong == [], "write `# type: ignore[code]  # why`"


def test_req_11_one_door_leads_to_the_index() -> None:
    """The search compares, and the lane of who asks for their own records; the erasure looks for what must no longer be found."""
    near, touching = set(), set()
    for path in FILES:
        inside = path.relative_to(PACKAGE).parts[0] if PACKAGE in path.parents else ""
        if inside in ("index", "testing", "ports"):
            continue
        called = {node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr == "nearest":
                near.add(named(path))
            if isinstance(node, ast.Attribute) and node.attr == "index" and node not in called:
                touching.add(named(path))
    near.discard("beholden/benching/ours.py")  # it measures an index of its own, of rows that are of nobody
    touching.discard("beholden/benching/starting.py")  # and this one asks its own system how much is held
    assert near == {f"beholden/actions/{name}.py" for name in ("search", "compare_given", "erase", "replay")}
    # `account` reads how often the engine was asked, `recover` what it keeps on disk, `upgrade` whether there is room for
    # second templates; they ask it nothing.
    keeping = ("follow", "check", "account", "index", "recover", "expunge", "upgrade")
    assert touching <= near | {f"beholden/actions/{name}.py" for name in keeping}


def test_req_111_no_door_and_no_format_knows_what_a_template_is() -> None:
    found = []
    for path in behind_doors():
        for node in ast.walk(tree(path)):
            names = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom | ast.Import) else set()
            if isinstance(node, ast.Name):
                names = {node.id}
            if isinstance(node, ast.Attribute):
                names = {node.attr} if node.attr != "template" else {"Template"}
            found += [f"{named(path)}: {name}" for name in sorted(names & TEMPLATE_WORDS)]
    assert found == []


def behind_doors() -> list[Path]:
    return [path for door in DOORS for path in (sorted(door.rglob("*.py")) if door.is_dir() else [door])]


def names_in(path: Path) -> set[str]:
    """Every name that a file imports, uses, defines, reaches for in something else, or writes as a string by itself."""
    names = set()
    for node in ast.walk(tree(path)):
        match node:
            case ast.ImportFrom(names=aliases) | ast.Import(names=aliases):
                names.update(alias.name for alias in aliases)
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Constant(value=str(name)):
                names.add(name)
    return names


def test_req_111_only_these_acts_name_what_makes_opens_or_carries_a_template() -> None:
    naming: dict[str, set[str]] = {name: set() for name in GIVING}
    for path in FILES:
        for name in names_in(path) & GIVING.keys():
            naming[name].add(named(path))
    assert naming == {name: {f"beholden/actions/{act}.py" for act in acts} for name, acts in GIVING.items()}


def test_req_111_no_door_reaches_for_an_embedding() -> None:
    reached = {
        f"{named(path)}: {ast.unparse(node)}"
        for path in behind_doors()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in CARRYING
    }
    assert reached == set()


def test_req_111_no_act_gives_a_template_to_who_calls_it() -> None:
    giving = {
        f"{path.stem}.{node.name}"
        for path in sorted((PACKAGE / "actions").glob("*.py"))
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and node.returns and not node.name.startswith("_")
        if re.search(r"\b(Template|NDArray|ndarray|Embedded)\b", ast.unparse(node.returns))
    }
    embedding = {
        "templates.embed_seen",
        "templates.weighted_mean",
        "use.fused_template",
    }  # for acts, out of pixels: no door knows them, see above
    assert giving <= {"follow.open_templates"} | embedding, "only the index and the erasure may have templates"
