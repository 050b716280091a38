"""Every figure of the search, one after the other, for a machine with nothing else to do; about a quarter of an hour on two cores.

    python benches/all_search.py FOLDER --peers PYTHON         all of them, as JSON into FOLDER, and the table at the end
    python benches/all_search.py FOLDER --only 100k many       some of them; the table is of what lies in FOLDER

PYTHON is one of an environment that has the peers: `pip install faiss-cpu usearch qdrant-edge-py lancedb milvus-lite pymilvus`.
Needs 16 GB of memory and 20 GB of disk for temporary files ($TMPDIR).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FAISS = "beholden,numpy,faiss-fp16,faiss-fp16-parts,faiss-f32"
FIGURE, PAGE = "docs/search.svg", "docs/performance.md"
FROM, TO = "<!-- written by benches/all_search.py -->", "<!-- to here -->"
PARTS: dict[str, Sequence[str]] = {
    "10k": ("--rows", "10000"),
    "100k": ("--rows", "100000"),
    "many": ("--rows", "10000000", "--engines", "beholden", "--probes", "24", "--rounds", "4"),
    "long": ("--rows", "1000000", "--dim", "512", "--engines", FAISS, "--probes", "30"),
    "alone": ("--rows", "1000000", "--threads", "1", "--engines", FAISS, "--probes", "30"),
    "1m": ("--rows", "1000000", "--concurrent", "--adding", "--probes", "40"),
    "start": ("--rows", "1000000", "--engines", "beholden", "--probes", "10", "--rounds", "1", "--start"),
    "pace": ("--rows", "100000", "--rates", "50", "100", "125", "150", "--seconds", "12"),
}
DRAWN = ("10k", "100k", "many", "1m")
PEERS = ("usearch", "qdrant-edge", "lancedb", "milvus-lite")
Document = dict[str, Any]
Line = tuple[str, str, str]


def measure(name: str, folder: Path, peers: Path | None) -> None:
    program = str(Path(sys.executable).with_name("beholden"))
    command = [program, "bench", "search", *(["--peers", str(peers)] if peers else [])]
    if name == "pace":
        command = [sys.executable, str(Path(__file__).with_name("pace.py"))]
    start = time.monotonic()
    done = subprocess.run([*command, *PARTS[name], "--json"], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    if done.returncode:
        print(f"{name}: failed", file=sys.stderr)
        return
    (folder / f"{name}.json").write_text(done.stdout)
    print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr)


def read(folder: Path) -> dict[str, Document]:
    return {
        name: json.loads((folder / f"{name}.json").read_text()) for name in PARTS if (folder / f"{name}.json").is_file()
    }


def both(document: Document, name: str) -> str:
    """How many times as long the other takes, by the least and by the median."""
    times = document["times_as_fast"].get(name)
    return f"{times['min']:.1f}× / {times['median']:.1f}×" if times else "not installed"


def recalls(document: Document) -> str:
    ran = {name: one for name in PEERS if (one := document["engines"][name])}
    return ", ".join(f"{name} {100 * one['recall']:.1f} %" for name, one in ran.items())


def mates(documents: Sequence[Document]) -> str:
    own = [document["engines"]["beholden"] for document in documents]
    return f"{sum(one['mates_found'] for one in own)} of {sum(one['mates'] for one in own)}"


def of_1m(one: Document) -> list[Line]:
    at_once, adding = one["beholden"]["concurrent"], one["beholden"]["adding"]
    slower = adding["adding_p99_ms"] / adding["quiet_p99_ms"]
    return [
        ("1 M × 128: numpy float32", both(one, "numpy"), "≥ 4×"),
        ("1 M × 128: faiss flat fp16", both(one, "faiss-fp16"), "≥ 2×"),
        ("1 M × 128: faiss fp16 in parts, a thread each", both(one, "faiss-fp16-parts"), ""),
        ("share of memory bandwidth", f"{100 * one['beholden']['share_of_bandwidth']:.0f} %", "≥ 70 %"),
        ("16 at once", f"{at_once['at_once_per_s'] / at_once['one_per_s']:.1f}×", "≥ 4×"),
        *((f"1 M × 128: {name}", both(one, name), "≥ 5×") for name in PEERS),
        ("recall of the peers at 1 M", recalls(one), ""),
        ("p99 while 100,000 are added", f"{slower:.1f}× ({adding['adding_p99_ms']:.1f} ms)", "≤ 2×"),
    ]


def of_many(many: Document, one: Document | None) -> list[Line]:
    own = many["engines"]["beholden"]
    lines = [("10 M × 128: bytes a row resident", f"{own['bytes_per_row']:.0f}", "≤ 200")]
    if one is not None:
        ratio = own["min_ms"] / one["engines"]["beholden"]["min_ms"]
        median = own["median_ms"] / one["engines"]["beholden"]["median_ms"]
        lines.insert(0, ("10 M against 1 M", f"{ratio:.1f}× / {median:.1f}×", "≤ 11×"))
    return lines


def of_start(document: Document) -> list[Line]:
    start = document["start"]
    return [
        (f"start {words}", f"{sum(start[name].values()):.1f} s (opened in {start[name]['opened']:.1f})", goal)
        for name, words, goal in (
            ("from_segments", "with 1 M from sealed segments", "≤ 5 s"),
            ("from_records", "with 1 M from the records alone", "≤ 60 s"),
        )
    ]


def of_pace(pace: Document) -> list[Line]:
    return [
        *(
            (
                f"audited searches over HTTP, {pace['rows']:,} faces, {one['rate']:g} a second",
                f"p50 {one['p50_ms']:.0f} ms, p99 {one['p99_ms']:.0f} ms, {one['errors']} errors",
                "p99 ≤ 150 ms, 0 errors" if one["rate"] == 100 else "",
            )
            for one in pace["rates"]
        ),
        ("the highest rate tried that holds it", f"{pace['highest_rate_held'] or 0:g} a second", ""),
    ]


def table(found: dict[str, Document]) -> list[Line]:
    searched = [document for name, document in found.items() if name != "pace"]
    of: dict[str, Callable[[Document], list[Line]]] = {
        "1m": of_1m,
        "long": lambda one: [
            ("1 M × 512: faiss flat fp16", both(one, "faiss-fp16"), "≥ 1.7×"),
            ("1 M × 512: faiss fp16 in parts, a thread each", both(one, "faiss-fp16-parts"), ""),
        ],
        "alone": lambda one: [("1 M × 128, one thread: faiss flat fp16", both(one, "faiss-fp16"), "")],
        "100k": lambda one: [
            *((f"100 k × 128: {name}", both(one, name), "≥ 5×") for name in PEERS),
            ("recall of the peers at 100 k", recalls(one), ""),
        ],
        "many": lambda many: of_many(many, found.get("1m")),
        "start": of_start,
        "pace": of_pace,
    }
    lines = [("mates found by Beholden, all runs", mates(searched), "100 %")] if searched else []
    return lines + [line for name, lined in of.items() if name in found for line in lined(found[name])]


def short(ms: float) -> str:
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.3g}"


def by_engine(found: dict[str, Document]) -> list[str]:
    """A table of every engine's least and median ms; and the bytes a row that it holds at 1 M × 128."""
    shown = [name for name in ("10k", "100k", "1m", "many", "long", "alone") if name in found]
    heads = [f"{found[name]['rows']:,} × {found[name]['dim']}, {found[name]['threads']} threads" for name in shown]
    lines = [f"| ms: least / median | {' | '.join(heads)} | bytes a row |", f"|{'---|' * (len(shown) + 2)}"]
    for engine in {engine: None for name in shown for engine in found[name]["engines"]}:
        ones = [found[name]["engines"][engine] for name in shown]
        told = [f"{short(one['min_ms'])} / {short(one['median_ms'])}" if one else "" for one in ones]
        held = found["1m"]["engines"][engine] if "1m" in found else None
        told.append(f"{held['bytes_per_row']:,.0f}" if held else "")
        lines.append(f"| {engine} | {' | '.join(told)} |")
    return lines


def loads(found: dict[str, Document]) -> list[str]:
    """What the machine was, and how much it had to do: the engines that wait for their turn have nothing to do."""
    machines = {name: one["machine"] for name, one in found.items() if "machine" in one}
    told = ", ".join(f"{name} {machine['load'][0]:.1f}" for name, machine in machines.items())
    last = [*machines.values()][-1:]
    return [f"{one['processor']}, {one['cores']} cores; load in the last minute of each run: {told}." for one in last]


def publish(found: dict[str, Document], tables: str) -> None:
    from beholden.benching import drawing

    drawing.draw([found[name] for name in DRAWN if name in found], Path(FIGURE))
    before, _, rest = Path(PAGE).read_text().partition(FROM)
    _, _, after = rest.partition(TO)
    Path(PAGE).write_text(f"{before}{FROM}\n{tables}\n{TO}{after}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("folder", type=Path, help="where the JSON goes")
    asked.add_argument("--peers", type=Path, help="a Python in whose environment the peers are")
    asked.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS), help="some of the figures")
    asked.add_argument("--publish", action="store_true", help=f"draw {FIGURE} anew, and put the tables into {PAGE}")
    given = asked.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in given.only:
        measure(name, given.folder, given.peers)
    found = read(given.folder)
    goals = [f"| {what} | {figure} | {goal} |" for what, figure, goal in table(found)]
    tables = "\n".join(
        [
            "| figure | measured (least / median) | wanted |",
            "|---|---|---|",
            *goals,
            "",
            *by_engine(found),
            "",
            *loads(found),
        ]
    )
    print(tables)
    if given.publish:
        publish(found, tables)


if __name__ == "__main__":
    main()
