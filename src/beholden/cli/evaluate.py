"""`beholden evaluate`: how often the model errs, measured on a folder of labelled photographs; in a system, a logged act."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from beholden import __version__
from beholden.actions import evaluate as acts
from beholden.actions.beside import model_beside
from beholden.actions.model_in_force import upgrade_under_way
from beholden.cli import folders, sessions
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told, WrongUse
from beholden.errors import BadInput, Fault, NoRoom, Reason, Refused
from beholden.opening import open_measuring
from beholden.settings import read_settings, with_packs

if TYPE_CHECKING:
    from beholden.evaluation.cache import TemplateCache
    from beholden.evaluation.images import LabelledImages
    from beholden.ports.model import ModelCard
    from beholden.ports.system import System

DEFAULT_MODEL = "pack:yunet-sface"
EXTRA = ("lir", "matplotlib", "scipy", "sklearn", "jinja2")
WITHIN_THE_SYSTEM = Reason(
    rule_id="evaluation.within-the-system",
    why="you work with an operational system on this machine; there, measuring is an act with a reason, and logged",
    source="REQ 11; REQ 51",
    how_to_proceed="give --data FOLDER (or set BEHOLDEN_DATA) and --reason, signed in as a steward or a privacy officer",
)

Steps = Callable[[str], Callable[[int, int], None]]  # name of a step → what is told how far it has come


@dataclass(frozen=True, slots=True)
class Run:
    """What is measured, and with what."""

    images: LabelledImages
    model: str
    card: ModelCard
    workers: int
    named: bool  # whether pairs of single photographs may be named as suspected errors of the labels


def evaluate(
    folder: Annotated[Path, Parameter(help="Photographs by person: FOLDER/WHO/*.jpg, with pairs*.csv and so on.")],
    /,
    *,
    out: Annotated[Path | None, Parameter(help="A new folder for the report, its pages and figures.")] = None,
    reason: Annotated[str, Parameter(help="In a system: what is measured, and by which right you hold these.")] = "",
    model: Annotated[str, Parameter(help="Outside a system: the model pack.")] = DEFAULT_MODEL,
    beside: Annotated[
        bool, Parameter(help="In a system: measure the model that lies beside, before a switch.")
    ] = False,
    cache: Annotated[Path | None, Parameter(help="Where templates are kept, so that a broken run goes on.")] = None,
    no_cache: Annotated[bool, Parameter(help="Keep no template on disk.")] = False,
    forget: Annotated[bool, Parameter(help="Remove the kept templates at the end.")] = False,
    processes: Annotated[int | None, Parameter(help="Processes that embed. Default: one for each core.")] = None,
    door: Door = HERE,
) -> Told:
    """Measure on labelled photographs of your own: error rates, each with its people, errors and interval.

    Example: beholden evaluate ./photographs --out ./report
    """
    if processes is not None and processes < 1:
        raise WrongUse("--processes must be 1 or more")
    if no_cache and (cache or forget):
        raise WrongUse("--no-cache excludes --cache and --forget")
    if door.data is None and beside:
        raise WrongUse("--beside is for measuring in a system; outside one, name the pack with --model")
    if door.data is not None and model != DEFAULT_MODEL:
        raise WrongUse("a system measures the model that it uses; --model is for measuring outside one")
    _check_extra()
    from beholden.evaluation.cache import TemplateCache, remove_folder
    from beholden.evaluation.embedding import space_of
    from beholden.evaluation.images import read_images

    place = None if no_cache else cache or _cache_place()
    count = processes or os.cpu_count() or 1
    if out and out.resolve().is_relative_to(folder.resolve()):
        raise BadInput(
            f"{out} lies in the folder that is measured, where its figures would be photographs; name another"
        )
    if door.data is None:
        if sessions.remembered():
            raise Refused(WITHIN_THE_SYSTEM)
        with folders.new_folder(out) if out else nullcontext() as into:
            run = Run(read_images(folder), model, open_measuring(model)[0].card, count, named=True)
            with TemplateCache(place, space_of(run.card)) if place else nullcontext() as kept:
                report = _measured(run, kept)
                if kept is not None and forget:
                    kept.forget()
            return _given(report, into)
    with folders.new_folder(out) if out else nullcontext() as into, door.enter() as (system, officer):
        images = read_images(folder)
        in_use = read_settings(door.where.folder).model
        if beside:
            system, in_use = _with_model_beside(system, door.where.folder)
        evaluation = acts.start_evaluation(
            system, officer, reason=reason, files=_listed(images), people=len(images.identities)
        )
        _sweep(place or _cache_place(), system)
        # What a run in a system keeps on disk can be opened until the run's end only.
        seal, open_ = (partial(do, system, evaluation) for do in (acts.seal_for_later, acts.open_again))
        run = Run(images, in_use, system.model.card, count, named=system.profile != "operational")
        own = place / evaluation.id if place else None
        with TemplateCache(own, space_of(run.card), seal, open_) if own else nullcontext() as sealed:
            report = _measured(run, sealed)
            told = _given(
                report,
                into,
                lambda content: acts.finish_evaluation(system, officer, evaluation_id=evaluation.id, report=content),
            )
            if sealed is not None:
                sealed.forget()
        if own:
            remove_folder(own)
        return told


def _with_model_beside(system: System, folder: Path) -> tuple[System, str]:
    """The system as it is when the other model is in force, and that model's address."""
    with system.database.look() as look:
        under_way = upgrade_under_way(look)
    if under_way is None:
        raise BadInput("no other model lies beside the one in use; begin with `beholden model begin`")
    return replace(system, model=model_beside(system, under_way)), with_packs(under_way.model_beside, folder)


def _measured(run: Run, cache: TemplateCache | None) -> dict[str, Any]:
    from beholden.evaluation.embedding import make_faces
    from beholden.evaluation.report import report_of

    started = time.monotonic()
    with _progress() as step:
        faces, unreadable = make_faces(
            run.images,
            partial(open_measuring, run.model),
            cache=cache,
            workers=run.workers,
            tell=step("finding and embedding faces"),
        )
        report = report_of(
            run.images,
            faces,
            unreadable,
            card=run.card,
            version=__version__,
            made_at=datetime.now(UTC),
            named=run.named,
            tell=step("comparing"),
        )
    return report | {"seconds": round(time.monotonic() - started, 1)}


def _given(report: dict[str, Any], into: Path | None, finish: Callable[[bytes], object] = lambda _: None) -> Told:
    """The report as written: its bytes are those that an evaluation's record names by their digest."""
    content = (json.dumps(report, indent=1, ensure_ascii=False) + "\n").encode(errors="backslashreplace")
    if into is None:
        finish(content)
        return Told(report, _summary(report))
    from beholden.evaluation import figures, pages

    drawn = figures.draw(report)
    files = {
        "report.json": content,
        "report.html": pages.html(report, drawn),
        "report.md": pages.markdown(report),
        **{f"figures/{name}": picture for name, picture in drawn.items()},
    }
    _write_all({into / name: told for name, told in files.items()}, into, lambda: finish(content))
    return Told(report, (*_summary(report), f"The report is in {into}: open report.html in a browser."))


def _write_all(files: Mapping[Path, bytes], into: Path, finish: Callable[[], object]) -> None:
    """Room for all of it first, then `finish`, then what is in them: a full disk costs no evaluation, and a run that is
    broken off before its end is on record leaves nothing to read. Raises `NoRoom`."""
    (into / "figures").mkdir(mode=0o700)
    handles: dict[Path, int] = {}
    try:
        try:
            for path, content in files.items():
                handles[path] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
                os.posix_fallocate(handles[path], 0, len(content))
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise NoRoom(f"the disk of {into} is full: make room and run the same again, which goes on") from error
        finish()
    except BaseException:
        for path, handle in handles.items():
            os.close(handle)
            path.unlink()
        (into / "figures").rmdir()
        raise
    for path, content in files.items():
        with os.fdopen(handles[path], "wb") as file:
            file.write(content)


def _summary(report: dict[str, Any]) -> tuple[str, ...]:
    from beholden.evaluation import pages

    return tuple(" ".join(line.split()) for line in pages.summary(report))  # a terminal has no narrow spaces


def _listed(images: LabelledImages) -> list[str]:
    """The photographs with their sizes: by this a run that was broken off is known again."""
    return [f"{name} {(images.root / name).stat().st_size}" for name in images.names]


def _cache_place() -> Path:
    """A folder of the person's own (XDG), never beside the photographs."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".cache") / "beholden" / "evaluate"


def _sweep(place: Path, system: System) -> None:
    """Remove what runs of this system left that were abandoned, or killed after their end: their keys are destroyed."""
    from beholden.evaluation.cache import remove_folder

    if place.is_dir():
        for name in acts.ended(system, [path.name for path in place.iterdir()]):
            remove_folder(place / name)


def _check_extra() -> None:
    absent = [name for name in EXTRA if find_spec(name) is None]
    if absent:
        raise Fault(
            f"measuring needs packages that are not installed ({', '.join(absent)}): install Beholden with its extra "
            "`evaluate` (pip install 'beholden[evaluate]')"
        )


@contextmanager
def _progress() -> Iterator[Steps]:
    """A bar for each step, on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:

        def step(name: str) -> Callable[[int, int], None]:
            task = progress.add_task(name, total=None)
            return lambda done, total: progress.update(task, completed=done, total=total)

        yield step
