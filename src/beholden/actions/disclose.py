"""Disclosure: the only way a lead leaves the agency, with everything that speaks for and against it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from beholden.actions import audit, log
from beholden.actions.audit import Act
from beholden.actions.desk import owes_opinion
from beholden.actions.examine import Lead, leads_of
from beholden.actions.packet import frame_of, lead_of, reference_of
from beholden.actions.recall import settle
from beholden.actions.review import find_search, probe_chips, reference_chip
from beholden.actions.use import exigent_of
from beholden.errors import BadInput, Changed, Fault, Missing
from beholden.formats import receipts
from beholden.ports.database import Look, OneOf, Transaction
from beholden.ports.documents import Chip, Documents
from beholden.ports.policy import Fact
from beholden.ports.system import System
from beholden.records.audit import canonical, instant
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.disclosures import (
    LEAD_ONLY,
    PROVISIONAL_ONLY,
    DisclosedReference,
    Disclosure,
    DisclosureState,
    lacks,
)
from beholden.records.examination import Examination, ExaminationState, disagree, is_complete
from beholden.records.exigent import Exigent, ExigentState, state_at
from beholden.records.faces import Face
from beholden.records.people import Officer, Role
from beholden.records.searches import Search
from beholden.records.sought import Sought

JSON, SHEET, PAGES = "disclosure.json", "contact-sheet.png", "disclosure.pdf"
ENCLOSED, MANIFEST = "enclosed.note", "manifest.note"
NO_PAGES = f"{PAGES} was not made: install the extra `report` (pip install 'beholden[report]')"

SAME_WITHIN = timedelta(minutes=10)  # somebody presses a button twice, or goes back and sends again

PACKET, REFERENCE, CROP = "disclosure/packet", "disclosure/reference", "disclosure/crop"


@dataclass(frozen=True, slots=True)
class Packet:
    """What leaves: files by name. `manifest.note` is signed over the digests of all others."""

    disclosure: Disclosure
    files: Mapping[str, bytes]
    left_out: tuple[str, ...]  # what was not made, and why


def make_disclosure(
    system: System,
    officer: Officer,
    *,
    search_id: str,
    candidate_ids: Sequence[str],
    recipients: Sequence[str],
    basis: str,
) -> Packet:
    """One or two examined leads to named recipients; what left is kept, sealed, to the case's term.

    Raises `Changed` where the same left a moment ago: it is read again, and does not leave twice.
    """
    with audit.act(system, "disclosure.made", officer) as act, act.begin() as tx:
        search, case, authority = find_search(act, tx, search_id)
        return _made(act, tx, Wanted(search, case, authority, tuple(candidate_ids), tuple(recipients), basis))


def make_provisional(
    system: System,
    officer: Officer,
    *,
    search_id: str,
    handles: Sequence[str],
    recipients: Sequence[str],
    basis: str,
) -> Packet:
    """Out of a search before approval: leads that its searcher examined alone, for protective action by named recipients.

    `handles` are of one's own locked examinations: until the second opinion is locked nothing else tells which lead is which.
    It says what it lacks; the second opinion and the review confirm it or recall it, and every recipient is told.
    """
    with audit.act(system, "disclosure.made", officer) as act, act.begin() as tx:
        search, case, authority = find_search(act, tx, search_id)
        wanted = tuple(dict.fromkeys(handles))
        mine = tx.find(Examination, id=OneOf(wanted), search_id=search.id, examiner=act.person.id)
        own = {one.id: one.candidate_id for one in mine if one.own and one.state is ExaminationState.LOCKED}
        named = tuple(own.get(handle, handle) for handle in wanted)
        return _made(
            act,
            tx,
            Wanted(search, case, authority, named, tuple(recipients), basis, True, len(wanted) - len(own)),
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks to disclose."""

    search: Search
    case: Case
    authority: Authority
    candidate_ids: tuple[str, ...]
    recipients: tuple[str, ...]
    basis: str
    provisional: bool = False
    not_own: int = 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of it may leave, by the policy."""

    leads: tuple[Lead, ...]
    every: tuple[Lead, ...]  # of the list
    recipients: tuple[str, ...]
    basis: str
    exigent: Exigent | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a packet says: `frame` without the references, which are sealed apart, and `body` with them."""

    frame: dict[str, object]
    body: dict[str, object]
    references: Mapping[str, Mapping[str, object]]  # by candidate
    sought: Sought


def choose(act: Act, look: Look, given: Wanted) -> Chosen:
    """The leads that are asked for. Raises `Refused` with every reason why they may not leave, and `Missing` to whoever owes a
    blind opinion: what is said of them names scores and sources (REQ 35)."""
    system, search, case = act.system, given.search, given.case
    # Whoever may not disclose is told nothing of a lead, not even by which reasons are given.
    works_on = act.person.id in case.assigned and Role.INVESTIGATOR in act.person.roles
    every = leads_of(system, look, search) if works_on else []
    by_id = {lead.candidate.id: lead for lead in every}
    wanted = tuple(dict.fromkeys(given.candidate_ids))
    leads = [by_id[id] for id in wanted if id in by_id]
    named = tuple(dict.fromkeys(name.strip() for name in given.recipients if name.strip()))
    exigent = exigent_of(look, given.authority)
    act.permit(
        case_state=str(case.state),
        assigned=case.assigned,
        search_state=str(search.state),
        leads=len(wanted),
        max_leads=system.rules.max_leads,
        leads_not_examined=sum(not is_complete(lead.examinations) for lead in leads),
        recipients=len(named),
        provisional=given.provisional,
        exigent_state=str(state_at(exigent, act.now)) if exigent else "none",
        leads_not_own=given.not_own,
        **_facts_of_provisional(act, look, given, leads, len(named), exigent),
    )
    # A warning before approval waits for no other opinion: it tells of pairs that its author examined, and of no others.
    if not given.provisional and owes_opinion(look, act.person):
        raise Missing("nothing of these leads is for you now: lock the opinion that you owe first")
    if not given.basis.strip():
        raise BadInput("say on what legal basis this is disclosed")
    if unknown := [id for id in wanted if id not in by_id]:
        raise BadInput(f"no lead of this search: {', '.join(unknown)}; the list of its leads has their ids")
    return Chosen(tuple(leads), tuple(every), named, given.basis.strip(), exigent)


def say(act: Act, look: Look, id: str, given: Wanted, chosen: Chosen) -> Said:
    """Everything that a packet of these leads tells. Raises `Fault` where a field of it is not there."""
    system, search, leads = act.system, given.search, chosen.leads
    sought = look.get(Sought, search.sought_id)
    references = {lead.candidate.id: reference_of(system, look, lead, sought) for lead in leads}
    frame = frame_of(act, look, id, search, given.case, given.authority, leads, chosen.every, chosen.recipients)
    if given.provisional and chosen.exigent is not None:
        frame |= _provisional(chosen.exigent, act.now)
    body = frame | {"leads": [lead_of(n, lead) | references[lead.candidate.id] for n, lead in enumerate(leads, 1)]}
    if absent := lacks(body):
        raise Fault(f"the packet lacks {', '.join(absent)}: it was not made")
    return Said(frame, body, references, sought)


def _made(act: Act, tx: Transaction, given: Wanted) -> Packet:
    system, search, case = act.system, given.search, given.case
    chosen = choose(act, tx, given)
    leads, named = chosen.leads, chosen.recipients
    _check_new(act, tx, search, leads, named, chosen.basis)
    id = act.new_id()
    said = say(act, tx, id, given, chosen)
    frame, body, sought = said.frame, said.body, said.sought
    chips = [reference_chip(system, tx, tx.get(Face, lead.candidate.face_id))[0] for lead in leads]
    probes = probe_chips(system, tx, sought)
    sheet = sheet_of(probes, chips)
    files = {JSON: canonical(body) + b"\n", SHEET: system.media.sheet(sheet)}
    if system.documents is not None:
        files[PAGES] = set_pages(system, system.documents, body, files[JSON], sheet, made_at=act.now)
    manifest = _manifest(system, files)
    disclosure = Disclosure(
        id=id,
        version=0,
        kept=act.keep("disclosure"),
        case_id=case.id,
        search_id=search.id,
        recipients=named,
        basis=chosen.basis,
        packet=system.keys.seal(id, canonical(frame), PACKET),
        manifest=manifest,
        state=DisclosureState.PROVISIONAL if given.provisional else DisclosureState.MADE,
    )
    tx.add(disclosure)
    for lead, chip in zip(leads, chips, strict=True):
        tx.add(_kept_reference(act, disclosure, lead, said.references[lead.candidate.id], chip))
        act.tell("disclosed", lead.candidate.face_id, lead.candidate.face_id)
    act.tell("disclosure", id, id)
    act.tell("provisional", given.provisional, id)
    act.tell("recipients", list(named), id)
    act.tell("manifest_sha256", hashlib.sha256(manifest).hexdigest(), id)
    settle(system, tx, search.id, act.now)  # it may be that everything it waits for is there
    return Packet(tx.get(Disclosure, id), {**files, MANIFEST: manifest}, () if PAGES in files else (NO_PAGES,))


def _facts_of_provisional(
    act: Act, look: Look, given: Wanted, leads: Sequence[Lead], recipients: int, exigent: Exigent | None
) -> dict[str, Fact]:
    """What speaks against a warning on one opinion; of a disclosure that waited for every opinion nothing does."""
    faces = OneOf([lead.candidate.face_id for lead in leads])
    left = look.find(DisclosedReference, face_id=faces) if given.provisional else []
    recalled = {
        one.id
        for one in look.find(Disclosure, id=OneOf(sorted({kept.disclosure_id for kept in left})))
        if one.search_id == given.search.id and one.state is DisclosureState.RECALLED
    }
    return {
        "leads_disagreed": sum(given.provisional and disagree(lead.examinations) for lead in leads),
        "leads_recalled": len({kept.face_id for kept in left if kept.disclosure_id in recalled}),
        "second_overdue": given.provisional and exigent is not None and act.now >= exigent.second_due,
        "provisional_recipients": recipients if given.provisional else 0,
        "max_provisional_recipients": act.system.rules.max_provisional_recipients,
    }


def _provisional(exigent: Exigent, now: datetime) -> dict[str, object]:
    """What a provisional packet says beside every other: on how little it stands, and until when."""
    missing = ["a second opinion, given without knowledge of the first"]
    if state_at(exigent, now) is not ExigentState.UPHELD:
        missing.append("the review by somebody else that the search had to be")
    return {
        "statement": f"{PROVISIONAL_ONLY} {LEAD_ONLY}",
        "provisional": {
            "examined_by": "one examiner, who is the one who searched",
            "missing": missing,
            "until": instant(exigent.second_due),
        },
    }


def _check_new(
    act: Act, tx: Transaction, search: Search, leads: Sequence[Lead], recipients: Sequence[str], basis: str
) -> None:
    """By the records: a command that is given twice, or a form after a restart, has no number that would tell."""
    wanted = sorted(lead.candidate.face_id for lead in leads)
    for one in tx.find(Disclosure, search_id=search.id, order="-created_at"):
        if act.now - one.kept.created_at >= SAME_WITHIN:
            return
        left = sorted(kept.face_id for kept in tx.find(DisclosedReference, disclosure_id=one.id))
        if (left, sorted(one.recipients), one.basis) == (wanted, sorted(recipients), basis):
            raise Changed(
                f"the same was disclosed to the same recipients at {one.kept.created_at:%H:%M} UTC ({one.id}), and did not "
                f"leave again; read that disclosure for its files, or wait {SAME_WITHIN.seconds // 60} minutes after it"
            )


def sheet_of(probes: Sequence[bytes], leads: Sequence[bytes]) -> list[tuple[str, bytes]]:
    """The chips of a contact sheet with their words, which are no names."""
    sheet = [(f"sought {i}", chip) for i, chip in enumerate(probes, 1)]
    return sheet + [(f"lead {i}", chip) for i, chip in enumerate(leads, 1)]


def set_pages(
    system: System,
    documents: Documents,
    body: Mapping[str, object],
    content: bytes,
    sheet: Sequence[tuple[str, bytes]],
    *,
    made_at: datetime,
) -> bytes:
    """With the same data in it, signed: the manifest of the folder tells of these pages, and so cannot lie in them."""
    pack, purpose = system.policy.pack, str(body["purpose"])
    return documents.disclosure(
        {**body, "purpose": f"{pack.title(purpose)} ({purpose})"},
        made_at=made_at,
        chips=[Chip(words, chip) for words, chip in sheet],
        files={JSON: content, ENCLOSED: _manifest(system, {JSON: content})},
    )


def _manifest(system: System, files: Mapping[str, bytes]) -> bytes:
    return receipts.make_manifest(
        {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        *log.receipt_key(system),
    )


def _kept_reference(
    act: Act, disclosure: Disclosure, lead: Lead, reference: Mapping[str, object], chip: bytes
) -> DisclosedReference:
    keys, face_id = act.system.keys, lead.candidate.face_id
    return DisclosedReference(
        id=act.system.clock.new_id(),
        version=0,
        kept=act.keep("disclosure"),
        disclosure_id=disclosure.id,
        face_id=face_id,
        reference=keys.seal(face_id, canonical(reference), REFERENCE),
        crop=keys.seal(face_id, chip, CROP),
    )


def forget_references(tx: Transaction, face_ids: Sequence[str]) -> list[Disclosure]:
    """Empty what stored disclosures hold of erased references; the disclosures whose recipients must be told."""
    told = {}
    for face_id in face_ids:
        for kept in tx.find(DisclosedReference, face_id=face_id):
            tx.change(kept, reference=b"", crop=b"")
            told[kept.disclosure_id] = tx.get(Disclosure, kept.disclosure_id)
    return list(told.values())
