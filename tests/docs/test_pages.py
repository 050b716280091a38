"""Events, errors, settings, ports and reasons: each stands in its document exactly as the code has it."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import tomllib

import pytest

import beholden
from beholden import errors, settings
from beholden.policy import packs
from beholden.records.audit import OPERATIONS
from beholden.records.rules import RETENTION_DAYS, Rules
from tests.docs.pages import DOCS, ROOT, SRC, bare, our_files, page, rows, section

WHY = sorted((DOCS / "why").glob("[0-9]*.md"))


def test_events_are_those_that_the_log_knows_with_their_operations() -> None:
    assert {bare(row[0]): row[1] for row in rows(page("events.md"), 3)} == OPERATIONS
    assert all(row[2] for row in rows(page("events.md"), 3))


def test_every_event_that_an_act_writes_is_known_and_every_known_one_is_written() -> None:
    nouns = {event.partition(".")[0] for event in OPERATIONS}
    written = {
        node.value
        for path in (SRC / "beholden" / "actions").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(r"[a-z_]+\.[a-z_]+", node.value) and node.value.partition(".")[0] in nouns
    }
    assert {event for event in written if not event.endswith((".json", ".note", ".pdf", ".png"))} == set(OPERATIONS)


def test_errors_are_those_of_the_tree_with_their_status_and_exit_code() -> None:
    classes = {
        name: [str(one.status), str(one.exit_code)]
        for name, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, errors.BeholdenError)
    }
    told = rows(section(page("errors.md"), "The tree"), 5)
    assert {bare(row[0]): row[1:3] for row in told} == classes
    assert all(row[3] and row[4] for row in told)


def test_every_variable_of_the_environment_is_documented_and_every_documented_one_is_used() -> None:
    used: set[str] = set()
    for path in our_files():
        if path.suffix in (".py", ""):
            used.update(re.findall(r"\bBEHOLDEN_[A-Z][A-Z_]*\b", path.read_text(encoding="utf-8", errors="replace")))
    assert {bare(row[0]) for row in rows(section(page("settings.md"), "Environment"), 3)} == used


def test_every_field_of_the_settings_file_is_documented() -> None:
    fields = {field.name for field in dataclasses.fields(settings.Settings)}
    assert {bare(row[0]) for row in rows(section(page("settings.md"), "beholden.toml"), 2)} == fields


def test_every_rule_is_documented_with_its_number_and_that_of_the_pack() -> None:
    pack = packs.read(packs.shipped("ca-2020"))
    told = {bare(row[0]): row[1:3] for row in rows(section(page("settings.md"), "Rules"), 4)}
    rules = Rules()
    wanted = {
        field.name: [str(getattr(rules, field.name)), str(pack.pack.numbers.get(field.name, "–"))]
        for field in dataclasses.fields(Rules)
        if field.name != "retention_days"
    }
    assert told == wanted


def test_every_term_is_documented() -> None:
    told = {bare(row[0]): (int(row[1]), int(row[2])) for row in rows(section(page("settings.md"), "Terms"), 4)}
    assert told == dict(RETENTION_DAYS)


def test_the_map_names_every_folder_and_file_of_the_top_floor_and_every_port() -> None:
    text = page("architecture.md")
    package = SRC / "beholden"
    top = [path for path in package.iterdir() if (path / "__init__.py").is_file() or path.suffix == ".py"]
    names = [path.name + ("/" if path.is_dir() else "") for path in top if path.name != "__init__.py"]
    assert [name for name in names if f"`{name}`" not in text] == []
    ports = [path.stem for path in (package / "ports").glob("*.py") if path.stem != "__init__"]
    assert [name for name in ports if f"`{name}`" not in text] == []
    acts = [path.stem for path in (package / "actions").glob("*.py") if path.stem != "__init__"]
    assert [name for name in acts if f"`{name}`" not in text] == []


def test_the_list_of_reasons_links_every_page_in_order() -> None:
    assert [path.name[:4] for path in WHY] == [f"{number:04}" for number in range(1, len(WHY) + 1)]
    assert re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", page("why/README.md")) == [path.name for path in WHY]


@pytest.mark.parametrize("path", WHY, ids=[path.stem for path in WHY])
def test_a_reason_says_what_was_chosen_what_else_was_tried_and_what_would_change_our_mind(path: object) -> None:
    text = page(f"why/{getattr(path, 'name', '')}")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["What", "Why", "What else was tried or weighed", "What would change our mind"]
    governed = re.findall(r"`([^`]+)`", text.split("Governs ", 1)[1].split("\n\n", 1)[0])
    assert governed
    assert [name for name in governed if not (SRC / "beholden" / name).exists()] == []
    assert len(text.split()) < 600, "one page"


def test_one_version_everywhere() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert beholden.__version__ == version
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
