"""Chapter 6: the search runs by the ids of an authority and a sought alone, and nobody sees a score yet."""

from __future__ import annotations

from beholden.actions import examine, search
from beholden.demo.stage import INES, Stage
from beholden.records.authority import Authority
from beholden.records.searches import Search


def run_search(stage: Stage, authority: Authority) -> Search:
    found = search.run_search(stage.system, stage[INES], authority_id=authority.id, sought_id=authority.sought_id)
    with stage.system.database.look() as look:
        used = look.get(Authority, authority.id).used
    stage.act(
        INES,
        f"searches by authority {authority.id[:8]}… and sought {authority.sought_id[:8]}…, and by nothing else. The "
        f"{len(found.probe_quality)} declared faces are fused into one probe. Use {used} of {authority.searches}.",
    )
    for statement in found.statements:
        stage.teller.say(f"• {statement}")
    stage.teller.say(
        f"The list has {found.people} people: one place for each person of the source, not for each photograph."
    )
    return found


def try_to_read_early(stage: Stage, found: Search) -> None:
    stage.act(INES, "wants to see the list and its scores at once.")
    stage.expect_refusal(
        "to read the leads before the opinions are locked",
        lambda: examine.read_leads(stage.system, stage[INES], search_id=found.id),
    )


def try_once_too_often(stage: Stage, authority: Authority) -> None:
    stage.act(INES, "tries a third search.")
    stage.expect_refusal(
        "to search more often than approved",
        lambda: search.run_search(stage.system, stage[INES], authority_id=authority.id, sought_id=authority.sought_id),
    )
