"""Reading the documents: their tables, and the tests that they speak of."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SRC = ROOT / "src"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(text: str, columns: int) -> list[list[str]]:
    """The cells of every table row with so many columns, headings and rules apart; `\\|` stands for a bar in a cell."""
    found: list[list[str]] = []
    heading = True
    for line in text.splitlines():
        if not line.startswith("|"):
            heading = True
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if set(line) <= set("|-: "):
            heading = False
        elif not heading and len(cells) == columns:
            found.append(cells)
    return found


def section(text: str, title: str) -> str:
    """What stands under a `##` heading."""
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def bare(cell: str) -> str:
    return cell.strip("`* ")


@cache
def requirement_tests() -> dict[str, list[str]]:
    """Number of a requirement → the tests that are named after it, sorted."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in (ROOT / "tests", SRC / "beholden" / "testing"):
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and (named := re.match(r"test_req_(\d+)_", node.name)):
                    found[named[1]].add(node.name)
    return {number: sorted(names) for number, names in sorted(found.items())}


@cache
def our_files() -> tuple[Path, ...]:
    """Every file that is ours: those git knows, and those it would if they were added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())
