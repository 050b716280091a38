"""`beholden notices`: what somebody outside must be told, to be sent by a person and marked as sent."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import names, notices
from beholden.cli import naming, printing
from beholden.cli.documents import document
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.records.audit import instant
from beholden.records.disclosures import Notice

app = App(name="notices")


@app.command(name="list")
def list_notices(
    *, every: Annotated[bool, Parameter(help="Those that were sent too.")] = False, door: Door = HERE
) -> Told:
    """List what waits to be sent, the oldest first. With --json it can go into a letter or another program.

    Example: beholden notices list
    """
    with door.enter() as (system, officer):
        there = notices.notices(system, officer, sent=every)
        called = names.people(system, officer, ids={one.recipient for one in there})
    found = [
        (
            printing.short(one.id),
            printing.at(one.kept.created_at),
            called.get(one.recipient, one.recipient),
            printing.short(one.about),
            "sent" if one.sent else "waits",
            one.words,
        )
        for one in there
    ]
    heads = ("notice", "made", "for", "about", "state", "words")
    return Told({"notices": [_shown(one) for one in there]}, (printing.rows(heads, found, "No notice waits."),))


@app.command
def sent(
    notice: Annotated[str, Parameter(help="A notice's id.")],
    /,
    *,
    how: Annotated[str, Parameter(help="By which letter, message or form.")],
    door: Door = HERE,
) -> Told:
    """Say that a notice was sent, and how. Beholden itself sends nothing.

    Example: beholden notices sent 3fa9c1 --how "letter of 22 November, no. 14"
    """
    with door.enter() as (system, officer):
        known = (naming.Known(one.id) for one in notices.notices(system, officer, sent=True))
        done = notices.mark_sent(system, officer, notice_id=naming.resolve(notice, "notice", known), how=how)
    return Told(_shown(done), (f"The notice {printing.short(done.id)} is marked as sent.",))


def _shown(one: Notice) -> dict[str, object]:
    return document(one, made_at=instant(one.kept.created_at))
