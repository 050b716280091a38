"""Chapter 11: the log is exported and checked by a program that shares no code with the rest; a changed byte is named."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from beholden.actions import exporting
from beholden.demo.stage import AUDE, Stage
from beholden.errors import Fault, NotProven
from beholden.formats import tiles
from beholden.records.searches import Search

ALTERED_EVENT = b'"event":"search.started"'  # whoever hides a search would change this entry


@dataclass(frozen=True, slots=True)
class Checked:
    """What the verifier said of the bundle and of its altered copy."""

    entries: int
    proofs_left: int  # candidates of the first search whose entry can still be proved
    altered_entry: int
    named_entry: int
    problem: str


def check_log(stage: Stage, first: Search, erased: int) -> Checked:
    entries = exporting.export(stage.system, stage[AUDE], folder=stage.places.bundle)
    stage.act(
        AUDE, f"exports the log, {entries} entries, and checks it against the keys and the checkpoint that she kept:"
    )
    stage.must_hold("log", stage.places.bundle, "--old-checkpoint", str(stage.places.checkpoint_before))
    left = _candidates_opened(stage.places.bundle, first)
    stage.teller.say(
        f"The first search showed {first.people} people. For {left} of them the log still opens and proves it; for "
        f"{erased} erased person only a commitment is left that nobody can open."
    )
    if left != first.people - erased:
        raise NotProven(f"{left} candidates can be proved where {first.people - erased} should be; keep the folder")
    altered = _alter(stage.places.bundle, stage.places.altered)
    stage.act(AUDE, f"changes one byte in a copy, in entry {altered}, which tells of a search:")
    report = stage.verify("log", stage.places.altered)
    problems, named = report["problems"], report["first_bad_entry"]
    if named != altered or not isinstance(problems, list):
        raise NotProven(f"the verifier names entry {named}, not {altered}; keep the folder and report this")
    for problem in problems:
        stage.teller.say(f"  {problem}")
    return Checked(entries, left, altered, altered, str(problems[0]))


def _candidates_opened(bundle: Path, first: Search) -> int:
    """How many people the bundle still shows in the entry that tells of the end of this search."""
    by_entry: dict[int, list[tuple[str, object]]] = defaultdict(list)
    for line in (bundle / "opened.jsonl").read_text(encoding="utf-8").splitlines():
        opened = json.loads(line)
        by_entry[opened["n"]].append((opened["name"], opened["value"]))
    for told in by_entry.values():
        # `proven` stands in the entry `search.finished` alone
        if ("search", first.id) in told and any(name == "proven" for name, _ in told):
            return sum(name == "shown" for name, _ in told)
    raise NotProven("the exported log does not tell of the end of the first search; keep the folder and report this")


def _alter(bundle: Path, copy: Path) -> int:
    """Flip one bit in a copy of the bundle, in the entry of the first search; the number of that entry."""
    shutil.copytree(bundle, copy)
    for path in sorted(file for file in (copy / "tile" / tiles.ENTRIES).rglob("*") if file.is_file()):
        content, at = bytearray(path.read_bytes()), 0
        for leaf in tiles.unpack_leaves(bytes(content)):
            at += 2  # the leaf's length
            place = leaf.find(ALTERED_EVENT)
            if place >= 0:
                content[at + place + len(ALTERED_EVENT) - 2] ^= 1
                path.write_bytes(content)
                return int(json.loads(leaf)["n"])
            at += len(leaf)
    raise Fault("the exported log tells of no search")
