"""One search, exact, in a gallery of so many: ours and what others made over the same rows, in turns, in one run.

Every engine has a process of its own and the same processors. They take turns, so that what else the machine does meets all
alike; while one searches, the others wait.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from beholden.benching import identities, rivals
from beholden.benching.measuring import LeftOut
from beholden.benching.throwaway import own_folder
from beholden.errors import BadInput

OURS = "beholden"
ENGINES = (OURS, *rivals.ENGINES)
LIMIT = 50
PAUSE = 0.05  # seconds before an engine's turn
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured. `engines`: by name, ours among them or not. `at_once`, `adding`: 0 for not at all."""

    rows: int
    dimension: int
    probes: int = 100
    rounds: int = 5
    threads: int = 0  # 0: as many as there are processors
    seed: int = 1
    engines: tuple[str, ...] = ENGINES
    peers_python: Path | None = None
    at_once: int = 0
    adding: int = 0


@dataclass(frozen=True, slots=True)
class Speed:
    """How long one engine took for one search, and what it found.

    `mates`: of how many probes the same person's reference is among the `LIMIT` nearest by float64 over every row;
    `mates_found`: for how many of these the engine showed it. `recall`: the share of those nearest that it showed, over
    all probes. `processors`: how many were at work in its own process, on average. `bytes_per_row`: what its process
    holds in memory more than before it was given the rows.
    """

    min_ms: float
    median_ms: float
    mates: int
    mates_found: int
    bytes_per_row: float
    recall: float
    processors: float
    searches: int
    loaded_s: float
    version: str


@dataclass(frozen=True, slots=True)
class Found:
    engines: dict[str, Speed | LeftOut]
    bandwidth_gbps: float | None  # 10⁹ bytes a second, as our process reads memory with as many threads
    own: dict[str, Any]  # what ours says of itself, and what was asked of it alone


def check(asked: Asked) -> None:
    """Raises `BadInput` for what cannot be measured."""
    if unknown := sorted(set(asked.engines) - set(ENGINES)):
        raise BadInput(f"there is no engine {', '.join(unknown)}; name some of: {', '.join(ENGINES)}")
    if asked.rows < max(2, asked.probes) or asked.dimension < 2 or min(asked.probes, asked.rounds) < 1:
        raise BadInput(
            f"{asked.rows:,} rows of {asked.dimension} dimensions cannot be searched with {asked.probes} probes in "
            f"{asked.rounds} rounds: give at least as many rows as probes, 2 dimensions and one of the others"
        )
    if asked.adding % 1000 or min(asked.adding, asked.at_once, asked.threads) < 0:
        raise BadInput("faces are added by the thousand; threads and searches at once are counted from 1")


def measure(asked: Asked, tell: Tell) -> Found:
    """Raises `BadInput` as `check` does. Needs 4 bytes a row and dimension on disk, and in memory for most engines."""
    check(asked)
    where = places(asked.engines, asked.peers_python)
    with own_folder() as folder, ExitStack() as ours, ExitStack() as others:
        tell(f"{asked.rows:,} rows of {asked.dimension} dimensions are made")
        made = identities.make(folder, rows=asked.rows, dimension=asked.dimension, probes=asked.probes, seed=asked.seed)
        running: dict[str, _Running] = {}
        engines: dict[str, Speed | LeftOut] = {}
        for name in asked.engines:
            place = where[name]
            if isinstance(place, LeftOut):
                engines[name] = place
                continue
            (folder / name).mkdir()
            stack = ours if name == OURS else others
            running[name] = stack.enter_context(_Running(name, place, _order(asked, made, folder / name)))
        tell("what the nearest are, by float64 over every row")
        nearest = identities.best(made, LIMIT)
        for name, one in list(running.items()):
            tell(f"{name} takes its rows")
            if not one.ready():
                engines[name] = LeftOut("it did not begin; see what it wrote to standard error")
                del running[name]
        speeds: list[float] = []
        for turn in range(asked.rounds):
            tell(f"round {turn + 1} of {asked.rounds}")
            ended = _round(running, range(turn, asked.probes, asked.rounds), backwards=bool(turn % 2))
            engines |= {name: LeftOut("it ended by itself; see what it wrote to standard error") for name in ended}
            running = {name: one for name, one in running.items() if name not in ended}
            if OURS in running:
                speeds.append(running[OURS].ask("bandwidth", None))
        for name, one in running.items():
            engines[name] = one.speed(nearest, made.mates)
        others.close()
        return Found(
            {name: engines[name] for name in asked.engines},
            max(speeds) / 1e9 if speeds else None,
            _of_ours(asked, running[OURS], tell) if OURS in running else {},
        )


def _round(running: Mapping[str, _Running], probes: Iterable[int], *, backwards: bool) -> list[str]:
    """The names of those that ended meanwhile: what the others did is not lost with them."""
    numbers, turns, ended = list(probes), list(running.items()), []
    for name, one in reversed(turns) if backwards else turns:
        time.sleep(PAUSE)  # until the threads of the engine before stand still: they turn in circles for a moment
        try:
            if numbers:
                one.search(numbers)
        except BadInput:
            ended.append(name)
    return ended


def _of_ours(asked: Asked, ours: _Running, tell: Tell) -> dict[str, Any]:
    found: dict[str, Any] = dict(ours.ask("about", None))
    if asked.at_once:
        tell(f"{asked.at_once} searches at once")
        found["concurrent"] = ours.ask(
            "concurrent", {"at_once": asked.at_once, "searches": 10 * asked.at_once, "rounds": 3}
        )
    if asked.adding:
        tell(f"{asked.adding:,} faces are added while it is searched")
        given = {"count": asked.adding, "batch": 1000, "searches": 500, "seed": asked.seed + 1}
        found["adding"] = ours.ask("adding", given)
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """The command of an engine, and the version that it will run."""

    command: tuple[str, ...]
    version: str


def places(names: Sequence[str], peers_python: Path | None) -> dict[str, Place | LeftOut]:
    """Where each engine is installed: in the environment of the peers or, if not there, in our own."""
    from beholden import __version__

    found: dict[str, Place | LeftOut] = {}
    pythons = [python for python in (peers_python, Path(sys.executable)) if python is not None]
    commands = [[str(python), "-I", str(rivals.__file__)] for python in pythons]
    installed = [json.loads(_said([*command, "--installed"])) for command in commands]
    for name in names:
        if name == OURS:
            found[name] = Place((sys.executable, "-m", "beholden.benching.ours"), __version__)
            continue
        there = [place for place, versions in enumerate(installed) if versions[name] is not None]
        if there:
            found[name] = Place((*commands[there[0]], name), str(installed[there[0]][name]))
        else:
            package = rivals.PACKAGES[name][0]
            found[name] = LeftOut(f"{package} is not installed: name with --peers a Python that has it")
    return found


def _said(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise BadInput(f"{command[0]} is no Python that can be run; name one with --peers") from error


def threads(asked: Asked) -> int:
    """For every engine alike: as many as asked for, or as there are processors that this process may use."""
    return asked.threads or len(os.sched_getaffinity(0))


def _order(asked: Asked, made: identities.Identities, folder: Path) -> dict[str, Any]:
    return {
        "references": str(made.references),
        "probes": str(made.probes),
        "folder": str(folder),
        "limit": LIMIT,
        "threads": threads(asked),
    }


class _Running:
    """An engine in its process. It takes its rows as soon as it is made, beside the others; it ends with the block."""

    def __init__(self, name: str, place: Place, order: Mapping[str, Any]) -> None:
        self._name, self._version = name, place.version
        self._ms: list[float] = []
        self._cpu_s = 0.0
        self._found: dict[int, list[int]] = {}
        self._said: dict[str, float] = {}
        names = (
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
            "RAYON_NUM_THREADS",
            "TOKIO_WORKER_THREADS",
            "LANCE_CPU_THREADS",
        )
        self._process = subprocess.Popen(  # noqa: S603 - our own modules, by an interpreter that who measures has named
            place.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **dict.fromkeys(names, str(order["threads"]))},
        )
        self._say(json.dumps(order))

    def __enter__(self) -> _Running:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._process.terminate()
        self._say("")
        with suppress(BrokenPipeError):  # it had ended before it heard this
            self._process.__exit__(None, None, None)

    def ready(self) -> bool:
        heard = self._heard()
        if heard:
            self._said = json.loads(heard)
        return bool(heard)

    def search(self, numbers: Sequence[int]) -> None:
        answer = self.ask("probes", list(numbers))
        self._ms += answer["ms"]
        self._cpu_s += answer["cpu_s"]
        self._found.update(zip(numbers, answer["found"], strict=True))

    def ask(self, question: str, given: object) -> Any:
        """Raises `BadInput` if the engine has ended."""
        self._say(json.dumps({question: given}))
        heard = self._heard()
        if not heard:
            raise BadInput(
                f"{self._name} ended by itself; see what it wrote to standard error, or leave it out by --engines"
            )
        return json.loads(heard)

    def speed(self, nearest: Sequence[Sequence[int]], mates: Sequence[int]) -> Speed:
        asked_for = {number: set(nearest[number]) for number in self._found}
        mated = [number for number, best in asked_for.items() if mates[number] in best]
        return Speed(
            min_ms=min(self._ms),
            median_ms=statistics.median(self._ms),
            mates=len(mated),
            mates_found=sum(mates[number] in self._found[number] for number in mated),
            bytes_per_row=round(self._said["bytes_per_row"], 1),
            recall=sum(len(best & set(self._found[number])) for number, best in asked_for.items())
            / sum(len(best) for best in asked_for.values()),
            processors=round(1e3 * self._cpu_s / sum(self._ms), 2),
            searches=len(self._ms),
            loaded_s=self._said["loaded_s"],
            version=self._version,
        )

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return  # it has ended: what it does not say is seen

    def _heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def document(asked: Asked, found: Found) -> dict[str, Any]:
    """What is printed as JSON and drawn: `null` for an engine that did not run, with the reason under `left_out`."""
    own = found.own
    ours = found.engines.get(OURS)
    scanned = own.get("scanned_bytes_per_row")
    share = None
    if isinstance(ours, Speed) and found.bandwidth_gbps and scanned:
        share = round(asked.rows * scanned / (ours.min_ms / 1e3) / (found.bandwidth_gbps * 1e9), 3)
    engines = {name: found.engines.get(name, LeftOut("it was not asked for")) for name in ENGINES}
    told = {name: asdict(one) if isinstance(one, Speed) else None for name, one in engines.items()}
    if (of_ours := told[OURS]) is not None:
        of_ours["share_of_bandwidth"] = share
    return {
        "rows": asked.rows,
        "dim": asked.dimension,
        "limit": LIMIT,
        "threads": threads(asked),
        "bandwidth_gbps": None if found.bandwidth_gbps is None else round(found.bandwidth_gbps, 2),
        "engines": told,
        "left_out": {name: one.why for name, one in engines.items() if isinstance(one, LeftOut)},
        "beholden": {"share_of_bandwidth": share, **own},
        "times_as_fast": times(found.engines),
    }


def times(engines: Mapping[str, Speed | LeftOut]) -> dict[str, dict[str, float]]:
    """How many times as long each other engine takes, by the least and by the median."""
    ours = engines.get(OURS)
    if not isinstance(ours, Speed):
        return {}
    return {
        name: {"min": round(one.min_ms / ours.min_ms, 2), "median": round(one.median_ms / ours.median_ms, 2)}
        for name, one in engines.items()
        if name != OURS and isinstance(one, Speed)
    }
