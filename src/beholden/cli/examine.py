"""`beholden examine`: describe each side of a pair alone, compare them blind, and lock an opinion."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import describe, examine
from beholden.cli import chips, documents, folders, naming, printing
from beholden.cli.door import HERE, Door
from beholden.cli.folders import content_of
from beholden.cli.printing import Told
from beholden.errors import BadInput
from beholden.records.examination import (
    COMPONENTS,
    Examination,
    ExaminationState,
    Mark,
    Observation,
    Opinion,
    Side,
    Stage,
    stage_of,
)

app = App(name="examine")
Handle = Annotated[str, Parameter(help="The handle of your pair.")]
OpinionGiven = Annotated[
    str,
    Parameter(
        name="--opinion",
        allow_leading_hyphen=True,
        help='-3 to 3, 9 (cannot be compared), or the words, such as "limited support for the same person".',
    ),
]
Components = Annotated[
    list[str] | None,
    Parameter(name="--component", help="NAME=OBSERVATION, such as nose=similar; once for each."),
]
ComponentsFile = Annotated[Path | None, Parameter(help="The components as a JSON object, name to observation.")]
Limitations = Annotated[str, Parameter(help="What limits the comparison.")]
Marks = Annotated[
    list[str] | None,
    Parameter(
        name="--mark",
        help="COMPONENT@SIDE:X,Y, fractions of the photograph, such as nose@reference:0.5,0.62; probe-2 is the second probe.",
    ),
]

_PLACE = re.compile(r"([^@]+)@(probe|reference)(?:-([0-9]{1,3}))?:([0-9.]{1,20}),([0-9.]{1,20})")


@app.command(name="open")
def open_examination(
    search: Annotated[str, Parameter(help="A search's id.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="A new folder for the photographs, named by handle.")],
    door: Door = HERE,
) -> Told:
    """Take the next pair of a search that waits for you; again after each description, until both sides lie before you.

    Example: beholden examine open 3fa9c1 --out ./pair
    """
    with folders.new_folder(out), door.enter() as (system, officer):
        search_id = naming.search(system, officer, search)
        laid = examine.open_examination(system, officer, search_id=search_id)
        written = chips.lay(out, laid)
    handle = printing.short(laid.handle)
    if laid.stage is Stage.PAIR:
        lines: tuple[str, ...] = (
            f"The pair {laid.handle} is yours; the reference was taken on {laid.reference_captured_at or 'an unknown day'}.",
            laid.cautions,
            f"The photographs are in {out}. Remove that folder when you have locked your opinion.",
            f"Look at each of: {', '.join(COMPONENTS)}.",
            f"Say of each one of: {', '.join(Observation)}.",
            f"Then: beholden examine lock {handle} --opinion … --component nose=similar …",
        )
    else:
        lines = (
            f"The pair {laid.handle} is yours. Now its {laid.stage} alone: it is in {out}. Remove that folder afterwards.",
            f"Which of these can be judged in it: {', '.join(COMPONENTS)}?",
            f"Then: beholden examine describe {handle} --of {laid.stage} --suitable --seen nose …",
            f'or: beholden examine describe {handle} --of {laid.stage} --not-suitable --words "…"',
        )
    return Told(written | {"search": search_id, "components": list(COMPONENTS)}, lines)


@app.command(name="describe")
def describe_side(
    handle: Handle,
    /,
    *,
    of: Annotated[Side, Parameter(help="Which side; the probe is described first.")],
    suitable: Annotated[
        bool, Parameter(negative="--not-suitable", help="Whether it can be compared at all, which must be said.")
    ],
    seen: Annotated[
        list[str] | None, Parameter(help="A component that can be judged in it; once for each. “all” for every one.")
    ] = None,
    words: Annotated[str, Parameter(help="Why it is not suitable, else what there is to say of it.")] = "",
    door: Door = HERE,
) -> Told:
    """Describe one side of your pair while you see it alone. What was said stays as it is.

    Example: beholden examine describe 3fa9c1 --of probe --suitable --seen nose --seen ears --words "low light"
    """
    with door.enter() as (system, officer):
        described = describe.describe_side(
            system,
            officer,
            handle=naming.examination(system, officer, handle),
            of=of,
            suitable=suitable,
            seen=COMPONENTS if seen == ["all"] else seen or (),
            words=words,
        )
    line = f"The {of} is described. Next: beholden examine open {printing.short(described.search_id)} --out …"
    return Told(documents.examination(described) | {"stage": str(stage_of(described))}, (line,))


@app.command
def lock(
    handle: Handle,
    /,
    *,
    opinion: OpinionGiven,
    component: Components = None,
    components_file: ComponentsFile = None,
    limitations: Limitations = "",
    mark: Marks = None,
    door: Door = HERE,
) -> Told:
    """Lock your opinion of a pair, for good, once you have described both sides.

    Example: beholden examine lock 3fa9c1 --opinion 1 --components-file seen.json --limitations "low light"
    """
    observed, step = components_given(component, components_file), opinion_given(opinion)
    marks = [_mark(one) for one in mark or []]
    with door.enter() as (system, officer):
        locked = examine.lock_examination(
            system,
            officer,
            handle=naming.examination(system, officer, handle),
            components=observed,
            limitations=limitations,
            opinion=step,
            marks=marks,
        )
    if locked.state is ExaminationState.VOID:
        words = "The reference was erased meanwhile: your examination has ended, and no opinion is kept."
        return Told(documents.examination(locked), (words,))
    return _told(locked, "is locked")


@app.command
def revise(
    handle: Handle,
    /,
    *,
    opinion: OpinionGiven,
    component: Components = None,
    components_file: ComponentsFile = None,
    limitations: Limitations = "",
    door: Door = HERE,
) -> Told:
    """Add a new version of your locked opinion; it says that the score was known.

    Example: beholden examine revise 3fa9c1 --opinion 0 --components-file seen.json
    """
    observed, step = components_given(component, components_file), opinion_given(opinion)
    with door.enter() as (system, officer):
        revised = examine.revise_examination(
            system,
            officer,
            handle=naming.examination(system, officer, handle),
            components=observed,
            limitations=limitations,
            opinion=step,
        )
    return _told(revised, "is revised; the old one stays on record")


def components_given(given: list[str] | None, file: Path | None) -> list[tuple[str, str]]:
    """Those of the file first, then those given one by one. Whether all are there, the act itself says."""
    found: list[tuple[str, str]] = []
    if file is not None:
        try:
            told = json.loads(content_of(file))
        except ValueError as error:
            raise BadInput(f'{file} is no JSON ({error}); write an object such as {{"nose": "similar"}}') from error
        if not isinstance(told, dict):
            raise BadInput(f'{file} holds no object; write it as {{"nose": "similar"}}')
        found += [(str(name), str(observation)) for name, observation in told.items()]
    for one in given or []:
        name, equals, observation = one.partition("=")
        if not equals:
            raise BadInput(f"{one!r} is no component; write it as nose=similar")
        found.append((name.strip(), observation.strip()))
    return found


def _mark(given: str) -> Mark:
    """Raises `BadInput` for what names no place; whether it lies in a photograph that was shown, the act itself says."""
    read = _PLACE.fullmatch("".join(given.split()))
    try:
        if read is None:
            raise ValueError("it names no component, side and place")
        component, side, number, x, y = read.groups()
        return Mark(Side(side), int(number or 1) - 1, component, float(x), float(y))
    except ValueError as wrong:
        raise BadInput(f"{given!r} is no mark ({wrong}); write it as nose@reference:0.5,0.62") from wrong


def opinion_given(given: str) -> int:
    told = " ".join(given.lower().split())
    for opinion in Opinion:
        if told in (str(int(opinion)), f"+{int(opinion)}", opinion.words, opinion.name.lower().replace("_", "-")):
            return int(opinion)
    steps = "; ".join(f"{int(opinion)} {opinion.words}" for opinion in Opinion)
    raise BadInput(f"{given!r} is no opinion; it must be one of: {steps}")


def _told(examination: Examination, what: str) -> Told:
    words = Opinion(examination.opinion or 0).words
    return Told(documents.examination(examination), (f"Your opinion, “{words}”, {what}.",))
