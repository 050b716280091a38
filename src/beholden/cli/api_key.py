"""`beholden api-key`: one's own keys for programs that ask the server."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import api_keys
from beholden.cli import printing
from beholden.cli.documents import document, documents
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told

app = App(name="api-key")


@app.command
def make(
    name: Annotated[str, Parameter(help="How you tell it from others.")],
    /,
    *,
    days: Annotated[int, Parameter(help="Until it ends; as many as the rules allow, if none are given.")] = 0,
    door: Door = HERE,
) -> Told:
    """Make a key for a program, which acts for you, and print it.

    Example: beholden api-key make "nightly export" --days 30
    """
    with door.enter() as (system, officer):
        made, secret = api_keys.make_key(system, officer, name=name, days=days)
    lines = (
        f"The key {made.name!r} acts for you until {made.ends_at:%Y-%m-%d %H:%M} UTC. It is shown now and never again:",
        f"    {secret}",
        f"To end it: beholden api-key revoke {made.id}",
    )
    return Told(document(made, bearer=secret), lines)


@app.command(name="list")
def list_keys(*, door: Door = HERE) -> Told:
    """List your own keys that last.

    Example: beholden api-key list
    """
    with door.enter() as (system, officer):
        there = api_keys.keys(system, officer)
    found = [(one.name, f"{one.ends_at:%Y-%m-%d %H:%M}", one.id) for one in there]
    return Told({"keys": documents(there)}, (printing.rows(("name", "ends (UTC)", "id"), found, "You have no key."),))


@app.command
def revoke(key: Annotated[str, Parameter(help="The id of a key of yours.")], /, *, door: Door = HERE) -> Told:
    """End one of your keys, at once.

    Example: beholden api-key revoke KEY
    """
    with door.enter() as (system, officer):
        api_keys.revoke_key(system, officer, key_id=key)
    return Told({"key_id": key}, ("The key opens nothing any more.",))
