"""`beholden disclose`: the only way a lead leaves, with everything that speaks for and against it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from beholden.actions import disclose as disclosures
from beholden.actions import examine
from beholden.cli import folders, naming, printing
from beholden.cli.door import HERE, Door
from beholden.cli.printing import Told
from beholden.errors import BadInput
from beholden.ports.system import System
from beholden.records.disclosures import LEAD_ONLY
from beholden.records.people import Officer


def disclose(
    search: Annotated[str, Parameter(help="An unsealed search's id.")],
    /,
    *,
    lead: Annotated[list[str], Parameter(help="A lead of it, by id or rank; twice at most.")],
    recipient: Annotated[list[str], Parameter(help="Who receives it; once for each.")],
    basis: Annotated[str, Parameter(help="On what legal basis.")],
    out: Annotated[Path, Parameter(help="A new folder for what leaves.")],
    door: Door = HERE,
) -> Told:
    """Write one or two examined leads for named recipients, with a signed manifest.

    Example: beholden disclose 3fa9c1 --lead 1 --recipient "Unit 4" --basis "Privacy Act, s. 8(2)(f)" --out ./packet
    """
    with folders.new_folder(out), door.enter() as (system, officer):
        search_id = naming.search(system, officer, search)
        packet = disclosures.make_disclosure(
            system,
            officer,
            search_id=search_id,
            candidate_ids=candidates(system, officer, search_id, lead),
            recipients=recipient,
            basis=basis,
        )
        written = folders.write(out, packet.files)
    made = packet.disclosure
    document = {
        "disclosure": made.id,
        "search": search_id,
        "recipients": list(made.recipients),
        "files": written,
        "left_out": list(packet.left_out),
    }
    lines = (
        f"The disclosure {printing.short(made.id)} is made, for: {', '.join(made.recipients)}.",
        *(f"    {path}" for path in written),
        *(f"{why}." for why in packet.left_out),
        LEAD_ONLY,
    )
    return Told(document, lines)


def candidates(system: System, officer: Officer, search_id: str, given: list[str]) -> list[str]:
    """The ids of leads that were named by id, beginning or rank. Reading the list is on record like any reading."""
    there = examine.read_leads(system, officer, search_id=search_id)
    by_rank = {str(one.rank): one.candidate.id for one in there}
    known = [naming.Known(one.candidate.id) for one in there]
    found = []
    for one in given:
        if one.isdigit() and len(one) < naming.LEAST and one not in by_rank:
            raise BadInput(f"no lead of this search has the rank {one}; `beholden search leads` lists them")
        found.append(by_rank.get(one) or naming.resolve(one, "lead", known))
    return found
