"""How long `beholden-verify` takes over a large log: every entry, the root, a checkpoint an hour.

    python benches/verify.py [--entries 1000000] [--days 40] [--folder FOLDER]

Leaves are made up, as long as those of a search with five values; nothing is opened. One process, one core.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import beholden_verify
from beholden.formats import bundle, tiles
from beholden.records import audit, tree
from beholden.testing.sealed_log import START, Signer
from beholden.witness.memory import MemoryWitness

ITEMS = ("person", "search", "authority", "case", "client")
KINDS = (("search.started", "done", ()), ("lead.shown", "done", ()), ("search.started", "refused", ("case-is-live",)))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=40, help="over how long: there is a checkpoint for each hour")
    parser.add_argument("--folder", type=Path, help="where the bundle is made; else a folder that is gone afterwards")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary) / "bundle"
        if not folder.exists():
            _make(folder, asked.entries, asked.days * 24)
        keys = folder.parent / "keys.txt"
        keys.write_text(f"{Signer('example.org/log').vkey}\n")
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        command = [sys.executable, "-I", beholden_verify.__file__, "log", str(folder), "--keys", str(keys)]
        begun = time.perf_counter()
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("\n")[0]  # noqa: S603
        taken, used = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"{asked.entries:,} entries, {asked.days * 24:,} checkpoints, {size / 1e6:,.0f} MB: {said}")
        spent = used.ru_utime + used.ru_stime
        print(f"{spent:.1f} s of the processor, {taken:.1f} s by the clock, {used.ru_maxrss / 1024:.0f} MiB")


def _make(folder: Path, entries: int, hours: int) -> None:
    signer, witness = Signer("example.org/log"), MemoryWitness()
    root, checkpoints, size = tree.EMPTY, {}, 0
    for hour in range(1, hours + 1):
        last = entries * hour // hours
        leaves = [_leaf(n, timedelta(hours=hours) * n / entries) for n in range(size, last)]
        grown = tiles.grow(witness.read, size, leaves, root=root)
        root, size = grown.root, grown.size
        note = signer.note(tiles.head_text(tiles.TreeHead(signer.name, size, root)))
        checkpoints[size] = note
        witness.publish({**grown.files, tiles.CHECKPOINT: note})
    bundle.write_bundle(folder, witness.read, witness.paths(), [], [signer.vkey], checkpoints)


def _leaf(n: int, after: timedelta) -> bytes:
    event, outcome, rules = KINDS[n % len(KINDS)]
    items = [audit.Commitment(name, hashlib.sha256(f"{n} {name}".encode()).hexdigest()) for name in ITEMS]
    return audit.leaf(
        n=n,
        at=START + after,
        event=event,
        operation="combination",
        role="investigator",
        purpose="victim-id-cse",
        outcome=outcome,
        rules=rules,
        items=items,
    )


if __name__ == "__main__":
    main()
