"""`beholden keys`: a custodian's part in opening the keys of a system, and who the custodians are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions.epoch import change_custodians
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.durable import write_whole
from beholden.errors import BadInput
from beholden.keys.vault import open_share

app = App(name="keys", help="One's share of what opens the keys, for a custodian; and who the custodians are.")


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


@app.command
def custodians(
    *,
    custodian: Annotated[
        tuple[str, ...], Parameter(help="The age recipient of each who is one from now on; repeatable.")
    ],
    threshold: Annotated[int, Parameter(help="How many of them are needed.")],
    door: Door = HERE,
) -> Told:
    """Let others open the keys together from now on, as an administrator; those of before open nothing any more.

    Example: beholden keys custodians --custodian age1… --custodian age1… --custodian age1… --threshold 2
    """
    with door.enter() as (system, officer):
        epoch = change_custodians(system, officer, recipients=custodian, threshold=threshold)
    lines = (
        f"{threshold} of {len(custodian)} custodians open the keys from now on, in key epoch {epoch}. Each opens their share of",
        "the new kek.json with `beholden keys share` before anything is opened again; the shares of before open nothing.",
        "Destroy every copy of the earlier kek.json, and of the earlier shares: together they open older backups.",
    )
    return Told({"custodians": list(custodian), "threshold": threshold, "key_epoch": epoch}, lines)
