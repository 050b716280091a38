"""Chapter 10: somebody on the list asks for erasure; it is done, proved, and stays done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from beholden.actions import erase, examine, log, request
from beholden.actions.enrol import HELD_ASIDE
from beholden.demo.chapters import enrolment, opinions, searching
from beholden.demo.photographs import reference_of
from beholden.demo.stage import AUDE, INES, PIA, STELLA, Stage
from beholden.errors import NotProven
from beholden.records.authority import Authority
from beholden.records.erasure import Erasure
from beholden.records.galleries import Gallery
from beholden.records.searches import Search
from beholden.records.sources import Source

SHOWN_ON_RECEIPT = (
    "statement",
    "looked_for",
    "share_missed",
    "stores",
    "files_scanned",
    "bytes_scanned",
    "needles",
    "self_test",
    "backups",
)


@dataclass(frozen=True, slots=True)
class Gone:
    """What the erasure did, and what the same search gives after it."""

    erasure: Erasure
    receipt: Mapping[str, object]
    again: Search
    answer_to_same_file: str


def erase_lookalike(stage: Stage, source: Source, gallery: Gallery, authority: Authority, first: Search) -> Gone:
    erasure = _erase(stage)
    receipt = _check_receipt(stage, erasure)
    left = examine.read_leads(stage.system, stage[INES], search_id=first.id)
    stage.act(INES, f"reads the first list again: {len(left)} of its {first.people} people are left, at their places.")
    again = _search_again(stage, authority)
    answer = _give_same_file_again(stage, source, gallery)
    return Gone(erasure, receipt, again, answer)


def _erase(stage: Stage) -> Erasure:
    before = log.seal(stage.system)
    stage.places.checkpoint_before.write_bytes(before)
    stage.act(AUDE, "keeps a checkpoint of the log from before the erasure.")
    person = stage.photographs.lookalike
    stage.teller.say("A letter comes in: somebody whose photographs are held asks for their erasure.")
    found = request.find_references(stage.system, stage[PIA], person_ref=reference_of(person))
    stage.act(PIA, f"looks them up by what the source told, comparing no faces: {len(found)} records.")
    asked = request.receive_request(
        stage.system,
        stage[PIA],
        face_ids=[one.face_id for one in found],
        looked_for="by the person reference of the source's manifest",
        subject=f"the person whom the source calls {reference_of(person)}, by letter",
    )
    request.grant_request(
        stage.system,
        stage[PIA],
        request_id=asked.id,
        identity_checked=True,
        reason="the person asked for it and showed who they are",
    )
    stage.act(PIA, f"records the request about these {len(asked.face_ids)} records, and grants it.")
    stage.act(PIA, "tries to carry it out alone.")
    stage.expect_refusal(
        "to erase alone what one granted oneself",
        lambda: erase.erase(stage.system, stage[PIA], request_id=asked.id),
    )
    erasure = erase.erase(stage.system, stage[STELLA], request_id=asked.id)
    stage.act(
        STELLA,
        f"carries it out, as the second person: {len(erasure.face_ids)} records and {len(erasure.whole_image_ids)} images go.",
    )
    return erasure


def _check_receipt(stage: Stage, erasure: Erasure) -> Mapping[str, object]:
    stage.places.receipt.write_bytes(erasure.receipt)
    receipt: Mapping[str, object] = stage.must_hold("receipt", stage.places.receipt)["receipt"]
    rows = [(name.replace("_", " "), receipt[name]) for name in SHOWN_ON_RECEIPT]
    stage.teller.table("The signed receipt says", ("what", "words"), rows)
    return receipt


def _search_again(stage: Stage, authority: Authority) -> Search:
    again = searching.run_search(stage, authority)
    opinions.examine_blind(stage, again, opinions.review_blind(stage, again))
    leads = opinions.read_leads(stage, again)
    if stage.photographs.lookalike in {opinions.person_of(stage, lead.candidate) for lead in leads}:
        raise NotProven("an erased person is on the list of a later search; keep the folder and report this")
    stage.teller.say("The erased person is on it no more.")
    searching.try_once_too_often(stage, authority)
    return again


def _give_same_file_again(stage: Stage, source: Source, gallery: Gallery) -> str:
    file = next(one.name for one in stage.photographs.references if one.person == stage.photographs.lookalike)
    answer = enrolment.enrol_again(stage, source, gallery, file)
    if answer != HELD_ASIDE:
        raise NotProven(f"an erased file was taken in again: {answer}; keep the folder and report this")
    stage.act(STELLA, f"gives {file} again, byte for byte as before. The answer does not tell her why:")
    stage.teller.say(f"{file}: {answer}.")
    return answer
