"""Links lead somewhere, code in the documents runs, and some words are never used."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, SRC, our_files

MARKDOWN = [path for path in our_files() if path.suffix == ".md"]
BLOCKS = [
    (path, number, code)
    for path in MARKDOWN
    for number, code in enumerate(
        re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S), 1
    )
]
# A score is a lead. A key of the age tool is an identity; what a packet does not say may be named as what it does not say.
SCORE_WORDS = re.compile(r"\b(match(es|ed|ing)?|hits?|identit(y|ies)|identifie[sd])\b", re.IGNORECASE)
ALLOWED = re.compile(
    r"\bif-(none-)?match\b|\bage identit(y|ies)\b|\bidentity file\b|\bno identity\b|--identity-checked", re.IGNORECASE
)
ALLOWED_WHOLE = ("identity",)  # the demo's line "identity: none: the packet has no field for one"
CLAIMS = re.compile(r"\b(compliant|compliance|lawful|lawfully|lawfulness)\b", re.IGNORECASE)
# In pieces, so that this file does not find itself.
PLACES = re.compile(
    r"(?<![\w.~])/(?:wo" + r"rk|ro" + r"ot|mnt/data|Us" + r"ers)/"
    r"|(?<![\w.~])/ho" + r"me/(?!me/|you/)"
    r"|https?://[^\s)\"']*(?:pyp" + r"i\.|pythonho" + r"sted|registry\.npm|artifact" + r"ory|nexus|jfrog|devp" + r"i)"
)


def strings(path: Path) -> list[tuple[int, str]]:
    """Every string of a Python file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def shown_texts() -> list[tuple[str, str]]:
    """What people may be shown: strings of the code, and the words of policy packs."""
    texts = [
        (f"{path.relative_to(ROOT)}:{line}", text) for path in sorted(SRC.rglob("*.py")) for line, text in strings(path)
    ]
    for pattern in ("*.cedar", "*.toml"):
        for path in sorted(SRC.rglob(pattern)):
            texts.append((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")))
    return texts


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"https?://|mailto:", target):
            place, _, anchor = target.partition("#")
            file = (path.parent / place).resolve() if place else path
            assert file.exists(), f"{target} is nowhere"
            if anchor:
                headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
                anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
                assert anchor in anchors, f"{target} is no heading"


@pytest.mark.parametrize(("path", "number", "code"), BLOCKS, ids=[f"{p.relative_to(ROOT)}-{n}" for p, n, _ in BLOCKS])
def test_every_piece_of_python_in_a_page_runs(path: Path, number: int, code: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SRC), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stderr


def test_req_30_no_word_of_a_score_says_more_than_a_score_can() -> None:
    said = [(place, ALLOWED.sub("", text)) for place, text in shown_texts() if text not in ALLOWED_WHOLE]
    assert [(place, text) for place, text in said if SCORE_WORDS.search(text)] == []


def test_no_page_and_no_string_claims_what_only_a_court_can_say() -> None:
    said = [(place, text) for place, text in shown_texts() if CLAIMS.search(text)]
    pages = [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in MARKDOWN]
    assert said == []
    assert [place for place, text in pages if CLAIMS.search(text)] == []


def test_no_file_names_a_package_index_or_a_place_on_somebodys_machine() -> None:
    wrong = []
    for path in our_files():
        for number, line in enumerate(path.read_bytes().decode("utf-8", errors="replace").splitlines(), 1):
            if path.suffix not in (".jpg", ".png") and (found := PLACES.search(line)):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {found[0]}")
    assert wrong == []
