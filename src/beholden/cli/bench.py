"""`beholden bench`: how fast this machine takes photographs in, whole and in parts; of the photographs nothing stays."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

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
