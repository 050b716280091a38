"""`beholden examine`: compare one pair, blind to the score and to the other examiner, and lock an opinion."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import examine
from beholden.cli import chips, documents, folders, naming, printing
from beholden.cli.door import HERE, Door
from beholden.cli.folders import content_of
from beholden.cli.printing import Told
from beholden.errors import BadInput
from beholden.records.examination import COMPONENTS, Examination, ExaminationState, Observation, Opinion

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


@app.command(name="open")
def open_examination(
    search: Annotated[str, Parameter(help="A search's id.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="A new folder for the photographs, named by handle.")],
    door: Door = HERE,
) -> Told:
    """Take the next pair of a search that waits for you.

    Example: beholden examine open 3fa9c1 --out ./pair
    """
    with folders.new_folder(out), door.enter() as (system, officer):
        search_id = naming.search(system, officer, search)
        shown = examine.open_examination(system, officer, search_id=search_id)
        written = chips.write(out, [shown])[0]
    del written["position"]
    lines = (
        f"The pair {shown.handle} is yours; the reference was taken on {shown.reference_captured_at or 'an unknown day'}.",
        shown.cautions,
        f"The photographs are in {out}. Remove that folder when you have locked your opinion.",
        f"Look at each of: {', '.join(COMPONENTS)}.",
        f"Say of each one of: {', '.join(Observation)}.",
        f"Then: beholden examine lock {printing.short(shown.handle)} --opinion … --component nose=similar …",
    )
    return Told(written | {"search": search_id, "components": list(COMPONENTS)}, lines)


@app.command
def lock(
    handle: Handle,
    /,
    *,
    opinion: OpinionGiven,
    component: Components = None,
    components_file: ComponentsFile = None,
    limitations: Limitations = "",
    door: Door = HERE,
) -> Told:
    """Lock your opinion of a pair, for good.

    Example: beholden examine lock 3fa9c1 --opinion 1 --components-file seen.json --limitations "low light"
    """
    observed, step = components_given(component, components_file), opinion_given(opinion)
    with door.enter() as (system, officer):
        locked = examine.lock_examination(
            system,
            officer,
            handle=naming.examination(system, officer, handle),
            components=observed,
            limitations=limitations,
            opinion=step,
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
