"""`beholden demo`: the whole story, on people who do not exist, in a new folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console

from beholden.cli.printing import Told
from beholden.demo import story


def demo(
    folder: Annotated[Path, Parameter(help="A new folder for everything that it makes.")] = Path("beholden-demo"),
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", help="Print one JSON document.")] = False,
) -> Told:
    """Make a system of rendered people and do the main job, from a source to an erasure.

    Example: beholden demo ./beholden-demo
    """
    console = Console(stderr=as_json, highlight=False)
    summary = story.run(folder, console=console, json_out=as_json)
    return Told(summary.document(), ())
