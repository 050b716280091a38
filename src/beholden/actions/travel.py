"""A blind examination by an examiner of another agency: one pair leaves encrypted, and a signed opinion comes back."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

from beholden.actions import audit
from beholden.actions.audit import millis
from beholden.actions.desk import at_desk, is_one_of
from beholden.actions.examine import close_if_finished, next_to_send, permit_whole
from beholden.actions.lay import SIDE
from beholden.actions.review import cautions_of, find_search, probe_chips, reference_chip
from beholden.actions.sent import address_of
from beholden.errors import BadInput, Fault, Missing, Untrusted
from beholden.formats import travel
from beholden.formats.signatures import key_of
from beholden.ports.database import Transaction
from beholden.ports.system import System
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.examination import SCALE, Examination, ExaminationState, Part
from beholden.records.faces import Face
from beholden.records.people import Officer, Role
from beholden.records.sought import Sought
from beholden.records.travel import OutsideExaminer, Packet, SentExamination, SentState

DAYS = 7
NAME_CHARS = 100


def register_examiner(
    system: System, officer: Officer, *, name: str, agency: str, vkey: str, recipient: str
) -> OutsideExaminer:
    """Enter an examiner of another agency, before anything is sent to them. Their keys do not change: who has a new key is
    registered anew.

    Raises `BadInput` for a name that is empty, too long or taken, for a key or a recipient that is none.
    """
    with audit.act(system, "examiner.registered", officer) as act, act.begin() as tx:
        name, agency = " ".join(name.split()), " ".join(agency.split())
        act.permit()
        _check_examiner(system, tx, name, agency, vkey, recipient)
        examiner = OutsideExaminer(act.new_id(), 0, act.keep("opinion"), name, agency, vkey, recipient)
        notice = "a privacy officer registered an examiner of another agency, whose opinions count from now on"
        tx.add(examiner, Notice(system.clock.new_id(), 0, act.keep("notice"), OVERSIGHT, examiner.id, notice, False))
        act.tell("examiner", examiner.id, examiner.id)
        for told, value in (("name", name), ("agency", agency), ("vkey", vkey), ("recipient", recipient)):
            act.tell(told, value, examiner.id)
    return examiner


def examiners(system: System, officer: Officer) -> list[OutsideExaminer]:
    """Those that were registered, to a supervisor, a privacy officer or an auditor."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.AUDITOR):
            raise Missing("there is no list of outside examiners for you; a supervisor has it")
        return sorted(look.find(OutsideExaminer), key=lambda one: (one.name.casefold(), one.id))


def send_examination(
    system: System, officer: Officer, *, search_id: str, examiner_id: str, days: int = DAYS
) -> tuple[SentExamination, bytes]:
    """The encrypted packet of the next pair that waits for its second examiner, and the record that it left.

    Which pair it is the system chooses, and who sends it is not told. `days` from now the opinion must be back. What leaves
    is a disclosure to the examiner's agency. Raises `Missing` when no pair waits.
    """
    with audit.act(system, "examination.sent", officer) as act, act.begin() as tx:
        search, _, _ = find_search(act, tx, search_id)
        examiner = tx.get(OutsideExaminer, examiner_id)
        waiting = next_to_send(tx, search)
        act.permit(search_state=str(search.state), part=str(waiting[1]) if waiting else str(Part.SECOND), days=days)
        if waiting is None:
            raise Missing("no pair of this search waits for an examiner")
        candidate, part = waiting
        due_at = act.now + timedelta(days=days)
        due_at = due_at.replace(microsecond=due_at.microsecond // 1000 * 1000)
        face, sought = tx.get(Face, candidate.face_id), tx.get(Sought, search.sought_id)
        chip, captured_at = reference_chip(system, tx, face, SIDE)
        nonce = secrets.token_hex(32)
        content = travel.write_packet(
            Packet(
                origin=system.origin,
                nonce=nonce,
                due_at=due_at,
                cautions=cautions_of(system, tx, sought, captured_at),
                probes=probe_chips(system, tx, sought, SIDE),
                reference=chip,
            )
        )
        packet = system.keys.entrust([], [examiner.recipient], content)
        examination_id, sent_id = act.new_ids(2)
        tx.add(
            Examination(
                id=examination_id,
                version=0,
                kept=act.keep("opinion"),
                search_id=search.id,
                candidate_id=candidate.id,
                examiner=examiner.id,
                part=part,
                components=(),
                limitations="",
                opinion=None,
                supersedes="",
                score_revealed=False,
                state=ExaminationState.OPEN,
            )
        )
        sent = SentExamination(
            id=sent_id,
            version=0,
            kept=act.keep("opinion"),
            search_id=search.id,
            candidate_id=candidate.id,
            examination_id=examination_id,
            examiner_id=examiner.id,
            part=part,
            nonce=nonce,
            packet_sha256=travel.digest_of(content),
            due_at=due_at,
            note="",
            state=SentState.SENT,
        )
        tx.add(sent)
        act.tell("disclosed", face.id, face.id)
        act.tell("sent", sent.id, sent.id)
        act.tell("recipients", [address_of(examiner)], sent.id)
        act.tell("packet_sha256", sent.packet_sha256, sent.id)
    return sent, packet


def take_back(system: System, officer: Officer, *, note: bytes) -> SentExamination:
    """Lock the opinion that an outside examiner signed: from then on it counts as that of any second examiner here.

    Raises `Untrusted` for what that examiner's registered key did not sign, or what is about another packet; `Missing` for
    the answer to a packet that this system never sent; `Refused` for one that is late, comes twice or is not complete.
    """
    with audit.act(system, "examination.taken_back", officer) as act, act.begin() as tx:
        there = tx.find(SentExamination, nonce=travel.nonce_of(note))
        if not there:
            raise Missing("this answers no packet that this system sent; check the file and the system")
        sent = there[0]
        given = travel.read_opinion(note, tx.get(OutsideExaminer, sent.examiner_id).vkey)
        if (given.origin, given.packet_sha256) != (system.origin, sent.packet_sha256):
            raise Untrusted("the opinion is about another packet than the one that was sent: ask for it again")
        search, _, _ = find_search(act, tx, sent.search_id)
        act.tell("sent", sent.id, sent.id)
        lacks = travel.wrong_in_opinion(given, sent.edition)
        permit_whole(act, lacks, state=str(sent.state), due_at=millis(sent.due_at))
        tx.change(
            tx.get(Examination, sent.examination_id),
            components=given.components,
            limitations=given.limitations.strip(),
            opinion=given.opinion,
            state=ExaminationState.LOCKED,
            described=given.described,
            scale=SCALE,
            apart=system.rules.max_steps_apart,
        )
        taken = tx.change(sent, note=note.decode(), state=SentState.TAKEN_BACK)
        act.tell("examination", sent.examination_id, sent.examination_id)
        act.tell("opinion", given.opinion, sent.examination_id)
        act.tell("note_sha256", travel.digest_of(note), sent.id)
        close_if_finished(act, tx, search)
    return taken


def sent_examinations(system: System, officer: Officer) -> list[SentExamination]:
    """Those that left, the last one first, to a supervisor, a privacy officer or an auditor; without opinions and candidates."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.AUDITOR):
            raise Missing("there is no list of examinations elsewhere for you; a supervisor has it")
        there = look.find(SentExamination, order="-created_at")
        return [replace(one, candidate_id="", note="") for one in there]


def _check_examiner(system: System, tx: Transaction, name: str, agency: str, vkey: str, recipient: str) -> None:
    for what, words in (("name", name), ("agency", agency)):
        if not 1 <= len(words) <= NAME_CHARS:
            raise BadInput(f"the {what} of an examiner has 1 to {NAME_CHARS} characters")
    try:
        key_of(vkey)
    except Untrusted as wrong:
        raise BadInput(f"this is no key that signs opinions: {wrong}") from wrong
    if not recipient.startswith("age1"):
        raise BadInput("the recipient is no age recipient: it begins with age1; `age-keygen` prints it")
    try:
        system.keys.entrust([], [recipient], b"")
    except Fault as wrong:
        raise BadInput(f"nothing can be encrypted to this age recipient: {wrong}") from wrong
    if any(
        one.name.casefold() == name.casefold() and one.agency.casefold() == agency.casefold() and one.vkey == vkey
        for one in tx.find(OutsideExaminer)
    ):
        raise BadInput(f"{name}, {agency}, is registered with this key already")
