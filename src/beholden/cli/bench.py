"""`beholden bench`: how fast this machine takes photographs in, whole and in parts; of the photographs nothing stays."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from beholden.cli import printing
from beholden.cli.printing import Rows, Told, WrongUse

DEFAULT_MODEL = "pack:yunet-sface"
app = App(name="bench", help="How fast this machine does it, whole and in parts.")

AsJson = Annotated[bool, Parameter(name="--json", help="Print one JSON document.")]
ModelPack = Annotated[str, Parameter(help="The model pack. Default: the one that ships, pack:yunet-sface.")]


@app.command
def enrol(
    folder: Annotated[Path, Parameter(help="A folder with photographs.")],
    /,
    *,
    photographs: Annotated[
        int, Parameter(help="How many of them, at most; the first 16 for each process only warm it up. Default: 500.")
    ] = 500,
    peers: Annotated[
        Path | None,
        Parameter(
            help="A Python in whose environment face_recognition or deepface are, to run beside. Default: only ours run."
        ),
    ] = None,
    peer_processes: Annotated[
        int, Parameter(help="Processes for each of these; one alone has its own threads. Default: one.")
    ] = 1,
    processes: Annotated[int | None, Parameter(help="Processes for ours. Default: one for each core.")] = None,
    rounds: Annotated[int, Parameter(help="How often all is measured; the best is told. Default: once.")] = 1,
    model: ModelPack = DEFAULT_MODEL,
    as_json: AsJson = False,  # noqa: ARG001 - read by the door of the whole program
) -> Told:
    """Take the photographs into a system that is made for it and gone at the end, beside the bare models and others.

    Example: beholden bench enrol ./photographs --json
    """
    from beholden.benching import measuring
    from beholden.benching.throwaway import ended_in_order

    if min(photographs, rounds, peer_processes, 1 if processes is None else processes) < 1:
        raise WrongUse("--photographs, --rounds, --processes and --peer-processes must be 1 or more")
    count = processes or os.cpu_count() or 1
    paths = measuring.photographs(folder, photographs)
    with ended_in_order():
        engines = measuring.measure(
            paths,
            model=model,
            processes=count,
            peers_python=peers,
            peer_processes=peer_processes,
            rounds=rounds,
            tell=printing.note,
        )
    shares = measuring.shares(engines)
    document = {
        "machine": measuring.machine(),
        "photographs": len(paths),
        "warm_up_per_process": measuring.WARM,
        "engines": {name: asdict(found) for name, found in engines.items()},
        "beholden_times": shares,
    }
    lines = [
        (
            name,
            *(
                (f"{found.images:,}", f"{found.faces:,}", f"{found.images_per_s:.1f}", f"{found.cpu_s_per_image:.4f}")
                if isinstance(found, measuring.Pace)
                else ("", "", "", "")
            ),
            f"{found.peak_mb:,.0f}" if isinstance(found, measuring.Pace) else "",
            f"{shares[name]:.2f}" if name in shares else "",
        )
        for name, found in engines.items()
    ]
    columns = ("engine", "images", "faces", "images/s", "CPU s an image", "peak MB", "Beholden is … times as fast")
    warm = f"{len(paths):,} photographs; the first {measuring.WARM} for each process only warmed it up and are not counted."
    left_out = [f"{name}: {found.why}." for name, found in engines.items() if isinstance(found, measuring.LeftOut)]
    return Told(document, (warm, Rows(columns, tuple(lines)), *left_out))


@app.command
def search(
    *,
    rows: Annotated[int, Parameter(help="How many references. Default: 100,000.")] = 100_000,
    dim: Annotated[int, Parameter(help="Of how many dimensions. Default: 128.")] = 128,
    probes: Annotated[int, Parameter(help="How many people are sought, each by every engine. Default: 100.")] = 100,
    rounds: Annotated[int, Parameter(help="In how many turns of all engines. Default: 5.")] = 5,
    threads: Annotated[int, Parameter(help="For each engine. Default: as many as there are processors.")] = 0,
    seed: Annotated[int, Parameter(help="Of the synthetic people. Default: 1.")] = 1,
    engines: Annotated[
        str | None, Parameter(help="Names of engines, with commas between. Default: all that are installed.")
    ] = None,
    peers: Annotated[
        Path | None,
        Parameter(help="A Python in whose environment other engines are. Default: only those of our own environment."),
    ] = None,
    concurrent: Annotated[bool, Parameter(help="Also 16 searches at once.")] = False,
    adding: Annotated[bool, Parameter(help="Also searches while 100,000 faces are added.")] = False,
    start: Annotated[
        bool, Parameter(help="Also how long a system with so many references takes until it can search.")
    ] = False,
    plot: Annotated[
        Path | None, Parameter(help="Draw time against rows into this SVG. Needs the extra `evaluate`. Default: no.")
    ] = None,
    beside: Annotated[
        tuple[Path, ...], Parameter(help="JSON of earlier runs, drawn with this one. May be given again.")
    ] = (),
    as_json: AsJson = False,  # noqa: ARG001 - read by the door of the whole program
) -> Told:
    """One search among synthetic people, exact, beside what others made: the same rows, in turns, in one run.

    Example: beholden bench search --rows 1000000 --dim 128 --json
    """
    from beholden.benching import drawing, measuring, searching, starting
    from beholden.benching.throwaway import ended_in_order

    asked = searching.Asked(
        rows=rows,
        dimension=dim,
        probes=probes,
        rounds=rounds,
        threads=threads,
        seed=seed,
        engines=tuple(engines.split(",")) if engines else searching.ENGINES,
        peers_python=peers,
        at_once=16 if concurrent else 0,
        adding=100_000 if adding else 0,
    )
    earlier = drawing.read(beside)
    if plot is not None:
        drawing.check(plot, earlier, dim)
    with ended_in_order():
        found = searching.measure(asked, printing.note)
        started = asdict(starting.measure(rows, printing.note)) if start else None
    document = searching.document(asked, found) | {"start": started, "machine": measuring.machine()}
    if plot is not None:
        drawing.draw([*earlier, document], plot)
    return Told(document, _of_search(document))


def _of_search(document: Mapping[str, Any]) -> tuple[str | Rows, ...]:
    """The same document for people."""
    own, times = document["beholden"], document["times_as_fast"]
    lines = [
        (
            name,
            f"{one['min_ms']:.2f}",
            f"{one['median_ms']:.2f}",
            f"{one['mates_found']} of {one['mates']}",
            f"{100 * one['recall']:.2f} %",
            f"{one['bytes_per_row']:,.0f}",
            f"{times[name]['min']:.1f} / {times[name]['median']:.1f}" if name in times else "",
            one["version"],
        )
        for name, one in document["engines"].items()
        if one is not None
    ]
    columns = (
        *("engine", "min ms", "median ms", "mates found", f"of the nearest {document['limit']}", "bytes a row"),
        *("Beholden is … times as fast", "version"),
    )
    told: list[str | Rows] = [
        f"{document['rows']:,} references of {document['dim']} dimensions, {document['threads']} threads each.",
        Rows(columns, tuple(lines)),
    ]
    if document["bandwidth_gbps"] is not None:
        told.append(f"This machine reads {document['bandwidth_gbps']:.1f} GB of memory a second.")
    if own["share_of_bandwidth"] is not None:
        told.append(f"Ours ({own['scanner']}) reads at {own['share_of_bandwidth']:.2f} times that.")
    if "concurrent" in own:
        both = own["concurrent"]
        told.append(
            f"{both['at_once']} searches at once: {both['at_once_per_s']:,.0f} a second; "
            f"one at a time: {both['one_per_s']:,.0f}."
        )
    if "adding" in own:
        both = own["adding"]
        told.append(
            f"99 % of searches within {both['quiet_p99_ms']:.1f} ms; while {both['added']:,} faces are added, in "
            f"{both['seconds']:.1f} s: {both['adding_p99_ms']:.1f} ms."
        )
    if (start := document["start"]) is not None:
        told += [
            f"{start['rows']:,} references {words}: open after {start[name]['opened']:.1f} s, whole and verified in the "
            f"index {start[name]['held']:.1f} s later."
            for name, words in (("from_segments", "from the sealed copy"), ("from_records", "from the records alone"))
        ]
    return (*told, *(f"{name}: {why}." for name, why in document["left_out"].items()))


@app.command
def decode(
    *,
    times: Annotated[
        int, Parameter(help="How often each picture is read; the fastest is told. Default: 25 times.")
    ] = 25,
    as_json: AsJson = False,  # noqa: ARG001 - read by the door of the whole program
) -> Told:
    """Drawn pictures of three sizes, read in the process itself and behind walls.

    Example: beholden bench decode
    """
    from beholden.benching import decoding

    found = decoding.measure(times)
    columns = ("picture", "KiB", "plain ms", "behind walls ms", "more ms")
    lines = [
        (one.picture, f"{one.kib:.0f}", f"{one.plain_ms:.1f}", f"{one.walled_ms:.1f}", f"{one.more_ms:.1f}")
        for one in found
    ]
    missing = decoding.missing_walls()
    told = f"Missing walls: {', '.join(missing) or 'none'}. The fastest of {times} each."
    return Told(
        {"missing_walls": missing, "pictures": [asdict(one) for one in found]}, (told, Rows(columns, tuple(lines)))
    )


@app.command
def detect(
    folder: Annotated[Path, Parameter(help="A folder with photographs.")],
    /,
    *,
    photographs: Annotated[int, Parameter(help="How many of them, at most. Default: 200.")] = 200,
    model: ModelPack = DEFAULT_MODEL,
    as_json: AsJson = False,  # noqa: ARG001 - read by the door of the whole program
) -> Told:
    """Find the faces of photographs that lie decoded in memory, in one process.

    Example: beholden bench detect ./photographs
    """
    return _of_model(folder, photographs, model, "detect")


@app.command
def embed(
    folder: Annotated[Path, Parameter(help="A folder with photographs.")],
    /,
    *,
    photographs: Annotated[int, Parameter(help="How many of them, at most. Default: 200.")] = 200,
    model: ModelPack = DEFAULT_MODEL,
    as_json: AsJson = False,  # noqa: ARG001 - read by the door of the whole program
) -> Told:
    """Make templates of the faces found in photographs, in one process. They are forgotten with it.

    Example: beholden bench embed ./photographs
    """
    return _of_model(folder, photographs, model, "embed")


def _of_model(folder: Path, most: int, model: str, part: str) -> Told:
    from beholden.benching import measuring, parts

    if most < 1:
        raise WrongUse("--photographs must be 1 or more")
    found = parts.measure(measuring.photographs(folder, most), model)[part]
    line = (
        f"{found.images:,} photographs, {found.faces:,} faces: {found.ms_per_image:.2f} ms of the processor a photograph, "
        f"{found.images_per_s:.1f} photographs/s in one process"
    )
    return Told({"machine": measuring.machine(), part: asdict(found)}, (line,))
