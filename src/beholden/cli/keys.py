"""`beholden keys`: a custodian's part in opening the keys of a system."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.cli.printing import Told
from beholden.durable import write_whole
from beholden.errors import BadInput
from beholden.keys.vault import open_share

app = App(name="keys", help="For a custodian: one's share of what opens the keys.")


@app.command
def share(
    *,
    kek: Annotated[Path, Parameter(help="The kek.json of the key folder, or a copy of it.")],
    age_key: Annotated[Path, Parameter(help="Your age identity file (of `age-keygen`).")],
    out: Annotated[Path, Parameter(help="A new file for your share, NAME.share; it is as secret as a key.")],
    as_json: Annotated[bool, Parameter(name="--json", help="Print one JSON document.")] = False,  # noqa: ARG001 - read by `main`
) -> Told:
    """Open your share with your age identity, on a machine of your own: no system, no sign-in and no network is needed.

    Example: beholden keys share --kek /media/copy/kek.json --age-key ~/age-key.txt --out /media/stick/rosa.share
    """
    if out.suffix != ".share":
        raise BadInput(f"{out} is not named as a share is: name it NAME.share, or it will not be found")
    if out.exists():
        raise BadInput(f"there is a file {out} already; name a new one")
    opened = open_share(kek, age_key)
    write_whole(out, opened.written())
    document = {"file": str(out.resolve()), "number": opened.number, "threshold": opened.threshold, "set": opened.set}
    return Told(
        document,
        (
            f"Share {opened.number} is in {out}; {opened.threshold} such shares open the keys.",
            "Bring it to whoever opens the system, and destroy every copy once it is open.",
        ),
    )
