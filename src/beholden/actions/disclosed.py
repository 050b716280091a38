"""What was disclosed: to whom, on what basis and until when, and the packet itself again, byte for byte or not at all.

Reading a packet again is a consultation, and no disclosure of its own: it has the recipients of the first, who are named in
it, and comes to whoever could make it. Why: docs/why/0013-what-a-server-forgets.md.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from beholden.actions import audit, log
from beholden.actions.audit import Act, millis
from beholden.actions.desk import at_desk, owes_opinion, sees_case
from beholden.actions.disclose import CROP, JSON, MANIFEST, PACKET, PAGES, REFERENCE, SHEET, Packet, set_pages, sheet_of
from beholden.actions.gone import check_not_taken, check_upheld_or_open
from beholden.actions.review import probe_chips
from beholden.errors import BeholdenError, Missing
from beholden.formats import receipts
from beholden.ports.database import Look, OneOf
from beholden.ports.system import System
from beholden.records.audit import canonical
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.disclosures import DisclosedReference, Disclosure
from beholden.records.faces import Face, FaceState
from beholden.records.people import Officer
from beholden.records.searches import Search
from beholden.records.sought import Sought

NOT_THERE = "there is no such disclosure for you now; if you owe an opinion, lock it first"
ERASED = "a reference in it was erased or restricted since: of what left, the signed manifest is kept"
NOT_AGAIN = "{} cannot be made again as it left: {}; its digest is in the manifest"


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What is told of a disclosure: nothing that is sealed."""

    disclosure: Disclosure  # without its packet
    leads: int
    erased: int  # of its leads, those whose reference was erased since
    files: Mapping[str, str]  # file name → SHA-256, by the signed manifest


def disclosure(system: System, officer: Officer, *, disclosure_id: str) -> Disclosed:
    """One of one's cases. Raises `Missing` for every other, and to somebody who owes a blind opinion."""
    with at_desk(system, officer) as (look, person):
        check_not_taken(look, disclosure_id)
        found = look.find(Disclosure, id=disclosure_id)
        if not found or owes_opinion(look, person) or not sees_case(look, person, found[0].case_id):
            raise Missing(NOT_THERE)
        check_upheld_or_open(look, look.get(Search, found[0].search_id).authority_id, system.clock.now())
        return told(system, look, found[0])


def told(system: System, look: Look, one: Disclosure) -> Disclosed:
    kept = look.find(DisclosedReference, disclosure_id=one.id)
    return Disclosed(
        disclosure=replace(one, packet=b""),
        leads=len(kept),
        erased=sum(not reference.reference for reference in kept),
        files=receipts.read_manifest(one.manifest, log.vkeys(system)),
    )


def read_disclosure(system: System, officer: Officer, *, disclosure_id: str) -> Packet:
    """The files as they left, each only where it is the same byte for byte; why another is left out is said.

    Raises `Missing` to somebody who owes a blind opinion.
    """
    with audit.act(system, "disclosure.read", officer) as act, act.begin() as tx:
        one = tx.get(Disclosure, disclosure_id)
        search, case = tx.get(Search, one.search_id), tx.get(Case, one.case_id)
        act.purpose = tx.get(Authority, search.authority_id).purpose
        act.tell("case", case.id, case.id)
        act.tell("disclosure", one.id, one.id)
        check_upheld_or_open(tx, search.authority_id, act.now)
        act.permit(assigned=case.assigned, state=str(one.state), ends_at=millis(one.kept.dispose_after))
        if owes_opinion(tx, act.person):
            raise Missing(NOT_THERE)
        kept = tx.find(DisclosedReference, disclosure_id=one.id)
        files, left_out = _again(act, tx, one, search, kept)
        if set(files) - {MANIFEST}:
            for reference in kept:
                act.tell("shown", reference.face_id, reference.face_id)
    return Packet(one, files, left_out)


def _again(
    act: Act, look: Look, one: Disclosure, search: Search, kept: Sequence[DisclosedReference]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    system = act.system
    digests = receipts.read_manifest(one.manifest, log.vkeys(system))
    restricted = look.count(Face, id=OneOf([each.face_id for each in kept]), state=FaceState.RESTRICTED)
    found = None if restricted else _told_again(system, one, kept, digests)
    if found is None:
        return {MANIFEST: one.manifest}, (ERASED,)
    body, content, in_order = found
    files, left_out = {JSON: content}, []
    try:
        probes = probe_chips(system, look, look.get(Sought, search.sought_id))
        sheet = sheet_of(probes, [system.keys.open(each.face_id, each.crop, CROP) for each in in_order])
        made = {SHEET: system.media.sheet(sheet)}
        if PAGES in digests and system.documents is not None:
            made[PAGES] = set_pages(system, system.documents, body, content, sheet, made_at=one.kept.created_at)
    except BeholdenError as error:  # an exhibit that was removed since, say
        made, why = {}, str(error)
    else:
        why = "it was made by another version, or with other parts"
    for name in digests:
        if name in made and hashlib.sha256(made[name]).hexdigest() == digests[name]:
            files[name] = made[name]
        elif name != JSON:
            left_out.append(NOT_AGAIN.format(name, why))
    return {**files, MANIFEST: one.manifest}, tuple(left_out)


def _told_again(
    system: System, one: Disclosure, kept: Sequence[DisclosedReference], digests: Mapping[str, str]
) -> tuple[dict[str, object], bytes, Sequence[DisclosedReference]] | None:
    """The data, its bytes, and the references in the order of the leads; None where one was erased since.

    Which reference is whose is not kept, so that an erasure leaves no trace of it: the manifest tells, and there are two
    leads at most.
    """
    if not all(each.reference for each in kept):
        return None
    frame = json.loads(system.keys.open(one.id, one.packet, PACKET))
    opened = {each.id: json.loads(system.keys.open(each.face_id, each.reference, REFERENCE)) for each in kept}
    for order in itertools.permutations(kept):
        leads = [lead | opened[each.id] for lead, each in zip(frame["leads"], order, strict=True)]
        body = frame | {"leads": leads}
        content = canonical(body) + b"\n"
        if hashlib.sha256(content).hexdigest() == digests[JSON]:
            return body, content, order
    return None
