"""A search before approval in a small agency: begun by its searcher alone, and run."""

from __future__ import annotations

from beholden.actions.exigent import begin_exigent
from beholden.records.authority import Authority
from beholden.records.exigent import Exigent
from beholden.records.searches import Search
from beholden.testing.drawn import draw
from tests.agency import Agency

WHY = "a child says in a chat that she is held in a cellar tonight"


def begun(agency: Agency, *persons: int, officer: str = "ines") -> tuple[Exigent, Search]:
    """References of these people; person 3 is sought before anybody approved it, and a list is made."""
    source, gallery = agency.source(), agency.gallery()
    for person in persons:
        agency.enrol(source, gallery, person)
    case = agency.case()
    sought = agency.sought(case, draw(3, seed=7))
    ground = agency.system.policy.pack.exigent_grounds[0]
    there = begin_exigent(
        agency.system,
        agency[officer],
        case_id=case.id,
        sought_id=sought.id,
        ground=ground,
        reason=WHY,
        place="unknown",
        time="tonight",
    )
    return there, agency.search(agency.get(Authority, there.authority_id))
