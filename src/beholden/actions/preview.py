"""A disclosure before it is made: what would leave, by the same rules and the same words, and nothing leaves or is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beholden.actions import audit
from beholden.actions.disclose import JSON, MANIFEST, NO_PAGES, PAGES, SHEET, Wanted, choose, say
from beholden.actions.review import find_search
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.records.searches import Search


@dataclass(frozen=True, slots=True)
class Preview:
    """What the packet would say, and which files it would have."""

    search: Search
    said: Mapping[str, object]  # as in disclosure.json, whose `disclosure` is empty: there is none yet
    basis: str
    files: tuple[str, ...]
    left_out: tuple[str, ...]  # what would not be made, and why


def preview_disclosure(
    system: System,
    officer: Officer,
    *,
    search_id: str,
    candidate_ids: Sequence[str],
    recipients: Sequence[str],
    basis: str,
) -> Preview:
    """What `make_disclosure` would let leave. Refused with every reason for which that is refused, but that the same left a moment
    ago; nothing comes of it but its entry. No photograph is shown: those are looked at on the page of the lead.
    """
    with audit.act(system, "disclosure.previewed", officer) as act, act.begin() as tx:
        search, case, authority = find_search(act, tx, search_id)
        given = Wanted(search, case, authority, tuple(candidate_ids), tuple(recipients), basis)
        chosen = choose(act, tx, given)
        said = say(act, tx, "", given, chosen)
        for lead in chosen.leads:
            act.tell("previewed", lead.candidate.face_id, lead.candidate.face_id)
    pages = system.documents is not None
    return Preview(
        search=search,
        said=said.body,
        basis=chosen.basis,
        files=(JSON, SHEET, *((PAGES,) if pages else ()), MANIFEST),
        left_out=() if pages else (NO_PAGES,),
    )
