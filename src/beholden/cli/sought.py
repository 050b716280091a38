"""`beholden sought`: declare that faces of a case's exhibits are one unknown person, and take it back."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from beholden.actions import desk, sought
from beholden.cli import naming, printing
from beholden.cli.documents import document, documents
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told

app = App(name="sought")
WhichCase = Annotated[str, Parameter(help="A case's reference or id.")]


@app.command
def declare(
    case: WhichCase,
    /,
    *,
    face: Annotated[list[str], Parameter(help="A face, as EXHIBIT:POSITION or by its id; once for each.")],
    role: Annotated[str, Parameter(help="What the person is in the case: victim, or other.")],
    why: Annotated[str, Parameter(help="Why these faces are taken to be one person.")],
    door: Door = HERE,
) -> Told:
    """Declare that faces of a case's exhibits are one unknown person.

    Example: beholden sought declare 2026-117 --face 3fa9c1:1 --face 88d0e2:2 --role victim --why "same mole"
    """
    with door.enter() as (system, officer):
        case_id = naming.case(system, officer, case)
        face_ids = [naming.face(system, officer, case_id, one) for one in face]
        done = sought.declare_sought(system, officer, case_id=case_id, face_ids=face_ids, subject_role=role, why=why)
    words = f"The sought {printing.short(done.id)} is declared, of {len(done.face_ids)} faces ({done.subject_role})."
    return Told(document(done), (words, "It is your assertion, and says nothing of who the person is."))


@app.command
def withdraw(
    which: Annotated[str, Parameter(name="sought", help="The id of a sought.")],
    /,
    *,
    reason: Annotated[str, Parameter(help="Why it is taken back.")],
    door: Door = HERE,
) -> Told:
    """Take a declaration back; no authority that names it can be used any more.

    Example: beholden sought withdraw 3fa9c1 --reason "two sisters"
    """
    with door.enter() as (system, officer):
        sought_id = naming.sought(system, officer, which)
        done = sought.withdraw_sought(system, officer, sought_id=sought_id, reason=reason)
    return Told(document(done), (f"The sought {printing.short(done.id)} is withdrawn.",))


@app.command(name="list")
def list_soughts(case: WhichCase, /, *, door: Door = HERE) -> Told:
    """List who is sought in a case.

    Example: beholden sought list 2026-117
    """
    with door.enter() as (system, officer):
        there = desk.soughts(system, officer, case_id=naming.case(system, officer, case))
    found = [(printing.short(one.id), str(len(one.face_ids)), one.subject_role, one.state, one.why) for one in there]
    table = printing.rows(("id", "faces", "role", "state", "why"), found, "Nobody is sought in this case yet.")
    return Told({"soughts": documents(there)}, (table,))
