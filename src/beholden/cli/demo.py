"""`beholden demo`: the whole story, on people who do not exist, in a new folder; on request it is then served."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from beholden.actions import desk, links, people
from beholden.cli.printing import Told, WrongUse, note
from beholden.demo import story
from beholden.demo.stage import ADA, INVITED, Places
from beholden.opening import open_folder
from beholden.ports.system import System


def demo(
    folder: Annotated[Path, Parameter(help="A new folder for everything that it makes.")] = Path("beholden-demo"),
    /,
    *,
    serve: Annotated[bool, Parameter(help="Then serve it, with a one-time link for each of its people.")] = False,
    port: Annotated[int, Parameter(help="With --serve: the port; 0 takes any that is free.")] = 8000,
    as_json: Annotated[bool, Parameter(name="--json", help="Print one JSON document.")] = False,
) -> Told:
    """Make a system of rendered people and do the main job, from a source to an erasure.

    Example: beholden demo ./beholden-demo --serve
    """
    if serve and as_json:
        raise WrongUse("a server runs until it is stopped, and prints no document: leave --json or --serve away")
    if serve:
        _try_port(port)
    console = Console(stderr=as_json, highlight=False)
    summary = story.run(folder, console=console, json_out=as_json)
    if serve:
        _serve(summary.folder, port)
    return Told(summary.document(), ())


def _try_port(port: int) -> None:
    """Before the story, which takes its time: a port that somebody else has would waste it."""
    from beholden.cli.serve import Reach
    from beholden.serving import process

    for one in process.listen(Reach().host, port):
        one.close()


def _serve(folder: Path, port: int) -> None:
    from beholden.cli.serve import Reach, serve_system
    from beholden.serving import holding

    data = Places(folder).data
    with holding.hold(data) as held:
        system = open_folder(data, client="server")
        try:
            serve_system(system, Reach(port=port), held, ready=lambda address: _welcome(system, address))
        finally:
            system.close()
    note("The server has ended. What was done in it is kept: `beholden serve` takes it up again.")


def _welcome(system: System, address: str) -> None:
    print(f"\nThe story's system is at {address}. Ctrl-C ends it.")
    print("A link for each of its people, good once and for an hour, in a system of rendered people only:\n")
    at_work = replace(system, client="demo")
    ada = people.sign_in_as(at_work, name=ADA.name)
    ids = {person.name: person.id for person in desk.people(at_work, ada)}
    for player in (ADA, *INVITED):
        _, token = links.make_link(at_work, ada, person_id=ids[player.name])
        print(f"  {player.name}, {player.office}\n      {address}/sign-in/link#{token}")
    people.sign_out(at_work, ada)
    print(flush=True)
