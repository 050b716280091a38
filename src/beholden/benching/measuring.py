"""Engines run one after the other over the same photographs on the same cores, each looked at from outside."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from beholden.benching import peers
from beholden.benching.watching import Watched
from beholden.errors import BadInput

OURS = ("beholden", "models-only")
PEERS = tuple(peers.ENGINES)
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".avif", ".jp2"}
WARM = 16  # photographs for each process that every engine sees before it is timed: models are read, memory is taken
LEAST = 32  # photographs that are left to be timed


@dataclass(frozen=True, slots=True)
class Pace:
    """What an engine did, without its beginning."""

    processes: int
    images: int
    faces: int
    images_per_s: float
    cpu_s_per_image: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An engine that did not run, and why."""

    why: str


def photographs(folder: Path, most: int) -> list[Path]:
    """The first so many pictures of a folder and those in it. Raises `BadInput` where there is none."""
    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder; give one with photographs")
    found = sorted(path.resolve() for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise BadInput(f"{folder} holds no photographs; give a folder with some")
    return found[:most]


def check_count(count: int, processes: int) -> None:
    """Raises `BadInput` where too few of so many photographs are left once so many processes are warm."""
    warm = WARM * processes
    if count - warm < LEAST:
        raise BadInput(
            f"there are {count:,} photographs, and the first {warm:,} only warm up ({WARM} for each of {processes} "
            f"processes); for {LEAST} to be timed give at least {warm + LEAST:,}, or fewer processes"
        )


def measure(
    paths: Sequence[Path],
    *,
    model: str,
    processes: int,
    peers_python: Path | None,
    peer_processes: int,
    rounds: int,
    tell: Callable[[str], None],
) -> dict[str, Pace | LeftOut]:
    """The best of so many rounds for each engine: on a machine that others use, the least disturbed one.

    Ours has `processes`, each with one thread. A peer that runs in one process has the threads that it takes by itself.
    """
    check_count(len(paths), max(processes, peer_processes if peers_python else 1))
    names = [*OURS, *(PEERS if peers_python else ())]
    best: dict[str, Pace | LeftOut] = {name: LeftOut("not run: --peers was not given") for name in PEERS}
    for turn in range(rounds):
        for name in names:
            tell(f"{name} ({turn + 1} of {rounds})")
            made = _run(name, paths, model, processes if name in OURS else peer_processes, peers_python)
            before = best.get(name)
            if not isinstance(before, Pace) or (isinstance(made, Pace) and made.images_per_s > before.images_per_s):
                best[name] = made
    return {name: best[name] for name in ("beholden", *PEERS, "models-only")}


def _run(name: str, paths: Sequence[Path], model: str, processes: int, peers_python: Path | None) -> Pace | LeftOut:
    """Ours takes all photographs and has helpers; of every other engine so many processes run, each with its share."""
    alone = name == "beholden"
    count = 1 if alone else processes
    warm = WARM * processes if alone else WARM
    with ExitStack() as open_ones:
        began = []
        for place in range(count):
            process = open_ones.enter_context(_begun(_command(name, peers_python), name in OURS or count > 1))
            watched = Watched(process.pid)
            open_ones.callback(watched.close)
            open_ones.push(partial(_stop_broken_off, process))
            order = {
                "photographs": [str(path) for path in paths[place::count]],
                "warm": warm,
                "processes": processes,
                "model": model,
            }
            _say(process, json.dumps(order))
            began.append((process, watched))
        if any(_heard(process) != "ready" for process, _ in began):
            return LeftOut("it did not begin; see what it wrote to standard error")
        cpu, start = sum(watched.cpu_s() for _, watched in began), time.monotonic()
        for process, _ in began:
            _say(process, "go")
        said = [_heard(process) for process, _ in began]
        seconds, cpu = time.monotonic() - start, sum(watched.cpu_s() for _, watched in began) - cpu
        if not all(said):
            return LeftOut("it ended by itself; see what it wrote to standard error")
        done = [json.loads(one) for one in said]
        for process, _ in began:
            _say(process, "end")
        images = sum(one["images"] for one in done)
        return Pace(
            processes=processes,
            images=images,
            faces=sum(one["faces"] for one in done),
            images_per_s=round(images / seconds, 2),
            cpu_s_per_image=round(cpu / images, 5),
            peak_mb=round(sum(watched.peak_mb for _, watched in began), 1),
        )


def _stop_broken_off(process: subprocess.Popen[str], kind: type[BaseException] | None, *_: object) -> None:
    """Ours then cleans up after itself; to be waited for comes next."""
    if kind is not None:
        process.terminate()


def _command(name: str, peers_python: Path | None) -> list[str]:
    if name in OURS:
        return [sys.executable, "-m", "beholden.benching.engines", name]
    return [str(peers_python), "-I", str(peers.__file__), name]


def _begun(command: list[str], one_thread: bool) -> subprocess.Popen[str]:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS") if one_thread else ()
    one_each = dict.fromkeys(names, "1")
    return subprocess.Popen(  # noqa: S603 - our own modules, by an interpreter that who measures has named
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **one_each}
    )


def _say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(line + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        return  # it has ended: what it does not say is seen


def _heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def shares(engines: Mapping[str, Pace | LeftOut]) -> dict[str, float]:
    """How many times as fast Beholden takes images in as each other engine."""
    own = engines["beholden"]
    others = {name: found for name, found in engines.items() if name != "beholden" and isinstance(found, Pace)}
    if not isinstance(own, Pace):
        return {}
    return {name: round(own.images_per_s / found.images_per_s, 3) for name, found in others.items()}


def machine() -> dict[str, object]:
    """What figures are of no use without."""
    names = [line.partition(":")[2].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
        "load": [round(one, 2) for one in os.getloadavg()],
        "python": platform.python_version(),
    }


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.is_file() else []
