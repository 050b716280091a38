"""Every act writes its entry, done, refused and failed alike, with nothing of a person in its leaf."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pyotp
import pyrage
import pytest

import beholden.actions
from beholden.actions import (
    api_keys,
    archives,
    asides,
    audit,
    authorise,
    backup,
    calibrate,
    cases,
    check,
    compare,
    compare_given,
    disclosed,
    dispose,
    edit,
    embed,
    endings,
    enrol,
    epoch,
    evaluate,
    evidence,
    examine,
    exhibits,
    exigent,
    exigent_review,
    exporting,
    fingerprint,
    frames,
    index,
    intake,
    letters,
    links,
    log,
    model_packs,
    notices,
    orders,
    oversee,
    passkeys,
    patterns,
    people,
    photograph,
    preview,
    probe,
    proofs,
    provider,
    recall,
    recovery,
    register,
    replay,
    request,
    respond,
    restrict,
    reveal,
    review,
    sample,
    sequester,
    sessions,
    sought,
    statement,
    tell_apart,
    totp,
    training,
    travel,
    turn,
    unveil,
    upgrade,
    verify,
    version,
    views,
    witnessing,
)
from beholden.actions.beside import prepare_beside
from beholden.actions.draw import draw_face
from beholden.actions.expire import expire_authorities
from beholden.actions.leads import show_lead
from beholden.actions.sent import lapse_sent
from beholden.errors import BeholdenError, Missing, SignInRefused
from beholden.formats import notes
from beholden.formats.travel import digest_of, read_packet, write_opinion
from beholden.formats.warc import survey
from beholden.keys.entrusting import Entrusted
from beholden.keys.memory import MemoryKeys
from beholden.keys.oidc import OpenIdProvider
from beholden.model.adding import read_manifest, read_new
from beholden.model.catalogue import manifest_of
from beholden.policy import packs
from beholden.policy.cedar import CedarPolicy
from beholden.records.archives import ArchiveTerms
from beholden.records.audit import OPERATIONS, Entry, commit
from beholden.records.authority import Authority
from beholden.records.disclosures import DisclosureState
from beholden.records.examination import COMPONENTS, Description, Side
from beholden.records.exhibits import Exhibit, ExhibitFace
from beholden.records.faces import Box, Face, FaceState
from beholden.records.images import Image
from beholden.records.outcomes import OutcomeNotice
from beholden.records.people import Officer
from beholden.records.searches import Search
from beholden.records.sequestration import Sequestration
from beholden.records.travel import OutsideOpinion
from beholden.records.views import View
from beholden.testing.drawn import OTHER, DrawnModel
from beholden.testing.sealed_log import Signer
from beholden.witness.asking import PaperWitness
from beholden.witness.keeper import Keeper
from tests.actions.test_alike import ANNA, copy_of, picture
from tests.actions.test_evaluate import report
from tests.actions.test_witnessing import Near
from tests.agency import ALIKE, Agency, Ready, draw, necessity, small_agency
from tests.device import SITE, Device, add_device
from tests.disk import disk
from tests.oversight_body import order, pem
from tests.own_pack import write_pack
from tests.web_archive import CAPTURED, agreement
from tests.web_archive import Archive as Written

# What a module offers besides acts of an officer, and why it has no entry of its own.
PARTS = {
    "entries": {"write", "kept"},
    "incidents": {"open_incident", "kinds_of", "unfinished", "overdue"},  # opened with what went wrong
    "respond": {"incidents", "incident"},  # lists
    "audit": {
        "millis",
        "act",
        "signed_in",
        "check_room",
        "write_stopped",
        "session_of",
    },  # with what every act is made
    "alike": {  # parts of enrolling, of both comparisons and of showing a case; and of the worker
        "seal_fingerprint",
        "open_fingerprint",
        "follow_prints",
        "changed_since",
        "sure",
        "ask_memory",
        "what_looks_like",
        "alike_of",
        "images_of",
        "first_of",
        "stack_of",
    },
    "exigent": {
        "note_gates",
        "head_of",
        "exigents",
        "exigent",
        "alternates",
        "tell",
    },  # parts of using it, and that it is there
    "authority_figures": {"authority_figures", "leaves_of_acts"},  # numbers, by purpose
    "exigent_figures": {"exigent_figures"},  # numbers, by purpose
    "exigent_review": {"lapse_overdue"},  # the worker's, in nobody's name
    "expire": {"expire_authorities"},  # the worker's, in nobody's name
    "block": {"block"},  # a part of erasing
    "account": {"entry_of", "tell_calls", "told_if_stopped", "note_calls", "account", "checked"},  # in numbers
    "calibrate": {"quoted", "quoted_by"},  # parts of searching and of reading leads
    "browsers": {"id_of", "remember"},  # what a browser keeps: it opens nothing, and tells of nobody
    # parts of erasing, of reading a packet again, and of looking at one before
    "disclose": {"forget_references", "sheet_of", "set_pages", "choose", "say"},
    "compare": {
        "comparisons",
        "comparison",
        "comparisons_of",
        "opened",
    },  # that they were made, and nothing of what they gave
    "compare_given": {"chosen_by_face"},  # a part of erasing
    "dispose": {"due"},  # numbers of what is past its time, and nothing of anybody
    "disclosed": {"disclosure", "told"},  # one of a list: to whom and until when, and nothing of a lead
    "enrol": {"facts_of_intake", "may_enrol", "seal_template"},
    "marks": {"mark_of", "mark_of_digest", "person_mark_of", "page_mark_of"},
    "another_face": {"permit_another", "another_face"},  # parts of drawing and of editing
    "unmade": {"taken_back"},  # a part of what makes records
    "pipeline": {"enrol_in_turn"},  # a part of taking in a folder
    # parts of embedding, erasing and restricting; the worker's, in nobody's name
    "beside": {
        *(
            "prepare_beside",
            "model_beside",
            "open_model",
            "count_lacking",
            "sides_of",
            "take_out_of_use",
            "empty_sides",
        ),
    },
    "model_in_force": {
        "newest_upgrade",
        "upgrade_under_way",
        "check_model",
        "due_model",
        "measurable",
    },  # asked by acts
    "upgrade": {"progress", "finish_purges", "forget_destroyed"},  # numbers; the worker's and an opening's
    "each": {"do_each", "finish_each"},  # parts of embedding and fingerprinting, and of finishing what was interrupted
    "embed": {"embed_waiting", "embed_anew", "found_in_its_picture"},  # the worker's, in nobody's name
    "intake": {"answer_of"},  # what became of a file that was given, in words
    # parts of enrolling, which may run in another process
    "preparing": {"checked_model", "prepare", "prepare_by", "same_model", "usable"},
    "check": {"look_over"},  # a part of checking, and of trying out a backup
    "epoch": {"finish_key_epoch"},  # an opening's, in nobody's name: begin_key_epoch put it on record
    "expunge": {"expunge", "expunge_numbers", "numbers_of"},  # parts of erasing
    "erase": {"finish_erasures", "finish"},  # entries in nobody's name
    "evaluate": {"ended", "seal_for_later", "open_again"},  # what a run keeps until its end
    # the worker's, in nobody's name; one of a request; and one that is looked at, as a list is
    "restrict": {"finish_restrictions", "restriction_of", "latest_restriction"},
    "examine": {
        "leads_of",
        "unseal_finished",
        "void_examinations",
        "has_been_given",
        "is_held",
        "permit_whole",
        "close_if_finished",
        "next_to_send",
    },  # parts of reading, disclosing and erasing, and of an examination elsewhere
    "exhibits": {"check_adding", "purge_removed", "exhibit_chips", "pixel_mark_of"},
    "fingerprint": {"fingerprint_waiting"},  # the worker's, in nobody's name
    "follow": {
        *("shelf_of", "open_templates", "follow", "check_whole", "live_shelves", "dimension_beside"),
        *("live_numbers", "many_new", "bring_up", "keep", "make_anew"),
    },
    "index": {"agrees", "size_of_index"},  # parts of checking; numbers, and nothing of anybody
    "initialise": {"initialise"},  # entry 0, before there is an officer
    "limits": {
        "facts_of_day",
        "count_in_day",
        "unusual_lately",
    },  # with what every act is counted, and what was counted
    "nearest": {
        "compare_at_one_moment",
        "list_of_the_same_moment",
        "check_not_overtaken",
        "nearest_people",
        "deep_enough",
        "people_of",
        "faces_of",
        "pairs_of",
    },  # parts of both comparisons
    "photograph": {
        "held",
        "facts_of_lane",
        "open_picture",
        "end_photographs",
        "destroy_ended",
    },  # parts; entries in nobody's name
    "hidden": {"there_only_for"},  # of those acts that are there for some roles only
    "log": {
        "vkeys",
        "receipt_signer",
        "receipt_key",
        "signing",
        "seal",
        "opened_items",
        "hourly",
        "check_log",
        "unsealed",
    },
    "model_packs": {"was_added", "check_pack"},  # asked by every opening
    "links": {"use_link"},  # an entry, before there is an officer
    "passkeys": {
        "options_to_add",  # a challenge: nothing is done yet
        "options_to_sign_in",
        "options_to_confirm",
        "sign_in_with_passkey",  # an entry, before there is an officer
    },
    # numbers of one's own, or of five people and more together
    "exposure": {"today", "today_of_viewer", "of_group"},
    "endings": {
        "outcomes",
        "unread",
        "waits_for_opinion",
        "to_look_again",
        "who_worked_on",
    },  # one's own notices; parts
    "patterns": {"report_of", "tell_of_patterns", "notice_planted", "uses_of", "doings_of"},  # the worker's, and parts
    "sample": {"found"},  # what the verdicts of one come to
    "recall": {
        "settle",
        "settle_revised",
        "settle_under",
        "recall_under",
        "recall_overdue",
    },  # parts; the worker's, in nobody's name
    "packet": {"frame_of", "lead_of", "reference_of"},  # parts of disclosing
    "sequester": {"take", "finish_sequestrations", "end", "sequestrations", "oversight_key"},  # parts; a list
    "gone": {"check_not_taken", "check_upheld_or_open", "taken_like"},  # that something was taken
    "orders": {"apply_order", "note_last_order", "orders"},  # in nobody's name, an opening's; and a list
    "stops": {
        "facts_of_stop",
        "is_stopped",
        "searchable",
        "left_out",
        "stopped_now",
        "words_of_stops",
        "refusal_of",
        "ordered_by",
        "co_signed",
        "last_number",
        "noted",
        "is_lost",
    },  # parts of searching and comparing
    "oversight": {"oversee"},  # in numbers and dates, and nothing of anybody
    "condition": {"condition", "last_done"},  # the same of the machine
    "paging": {"check_limit", "containing", "page"},  # of the lists
    "people": {"invite", "accept", "sign_in", "sign_in_as"},  # entries, before there is an officer
    "recover": {"recover", "tend"},
    "readiness": {
        "readiness",
        "look_whether",
        "with_findings",
    },  # what stands in the way of a search, and nobody by name
    "reseal": {"reseal_others"},  # a part of erasing
    "reveal": {"pictures_left"},  # a number of one's own
    "review": {
        "unseal",
        "parts_in",
        "find_search",
        "is_there",
        "probe_chips",
        "took_part",
        "could_know",
        "reference_chip",
        "captured_at",
        "capture_dates",
        "cautions_of",
    },
    "lay": {
        "lay",
        "lay_ahead",
        "photographs_of",
    },  # parts of opening and locking an examination; what is cut ahead is shown to nobody
    "facts": {"facts_of_act"},  # with what every act is permitted
    "certified": {"lapsed_days", "facts_of_training"},  # with what every act is permitted
    # to who may see it
    "training": {
        *("trainings", "training_waits", "trainings_of", "ending_first", "certificate", "certificates"),
        "without_training",
    },
    "notices": {"notices"},  # to who may see each
    "evidence": {
        "registers",
        "states",
        "manifested",
        "origins",
        "unmanifested",
        "vouched",
    },  # of a case; parts of asking and searching
    "use": {
        "unfit",
        "uncertified",
        "exigent_of",
        "is_own_work",
        "facts_of_urgency",
        "probes_of",
        "use_of",
        "facts_of_use",
        "with_template_of",
        "fused_template",
    },
    # asked and kept without an entry; what is refused or configured is one in nobody's name: see the script
    "witnessing": {
        "record_witnesses",
        "ask_witnesses",
        "seal_and_ask",
        "catch_up",
        "tail",
        "facts_of_witnesses",
        "witness_words",
        "add_cosignatures",
        "compare_checkpoint",
        "lines_of",
        "to_carry",
    },
    "verify": {"show_published", "look_through"},  # what everybody may have; a part of verifying
    "vital": {"vital", "unsealed"},  # how the machine is: numbers, and nothing of anybody
    "filming": {"film"},  # a part of seeing
    "templates": {"embed_seen", "weighted_mean"},  # a part of enrolling, searching and comparing
    "seeing": {"see", "only_faces", "as_edited"},  # parts of adding an exhibit and of enrolling
    "standing": {  # versions of records, of which nothing is told
        "standing",
        "standing_of_search",
        "standing_since",
        "standing_of_disclosure",
        "stands",
    },
    "sessions": {  # one's own account, what an administrator may end of others, and parts of signing in
        "account",
        "open_of",
        "awake",
        "open_session",
        "make_fresh",
        "end_all",
        "forget_authenticators",
        "named",
        "person_of",
        "nothing_to_confirm_with",
        "digest_of",
        "of_token",
        "clock_apart",
    },
    "recovery": {"request_recovery", "read_request", "custodians_of", "recover_administrator"},  # see the script
    "api_keys": {"keys"},  # one's own, without their secrets
    # a way there, on which nothing is done yet; and an entry, before there is an officer
    "provider": {"to_sign_in", "to_confirm", "sign_in_by_provider", "record_provider"},
    "tell_apart": {"image"},  # that it is there
    "sent": {
        "lapse_sent",
        "forget_sent",
        "recall_sent",
        "address_of",
    },  # parts of erasing; the worker's, in nobody's name
    "totp": {"confirmed_of", "take", "apart"},
    "travel": {"examiners", "sent_examinations"},  # lists
    "version": {"record_version", "announce", "in_force", "waiting", "due"},  # entries in nobody's name: see the script
    "search": {"shelves_of"},  # a part of searching, and of making a list again
    "lot": {"sources_in", "sizes_in", "drawn_by_lot"},  # parts of counting
    # counts of references, to whoever sees the register
    "gallery_figures": {"size", "sizes", "held_in", "holds", "supplies", "gallery_figures", "is_told_all", "as_told"},
    "calibration_figures": {"det", "quoted_now"},  # of the model
    "uses": {"uses_over_time", "check_time"},  # counts of the log, and the time that can be counted
    "clocks": {"clocks"},  # a list of days
    "pack_history": {"pack_history"},  # of the policy
    "letters": {"letters_for", "request_to_answer"},  # what is there, sealed as it is
    "weigh": {"scope", "capture_years", "probe_dates"},  # numbers and dates of records, to whoever sees the case
    "hurry": {"hurried"},  # how far one's own has come
    "inbox": {"inbox", "to_review"},  # a list
}
# Lists of records without a picture, a template or a word about a data subject: nothing is consulted there.
LISTS = ("desk", "lists", "names", "timeline", "waiting")
NOBODY = Officer("ines", "no session")


def acts() -> Iterator[tuple[str, Callable[..., Any]]]:
    for module in pkgutil.iter_modules(beholden.actions.__path__):
        there = importlib.import_module(f"beholden.actions.{module.name}")
        for name, function in inspect.getmembers(there, inspect.isfunction):
            own = function.__module__ == there.__name__ and not name.startswith("_")
            if own and module.name not in LISTS and name not in PARTS.get(module.name, set()):
                yield f"{module.name}.{name}", function


ACTS = dict(acts())


def an_archive() -> bytes:
    """Of one page that shows nothing."""
    return Written().page("/", "<title>A page</title>").content


def read_before() -> archives.Archive:
    file = BytesIO(an_archive())
    surveyed = survey(file, agreement())
    return archives.Archive(
        file_name="site.warc",
        source_id="0" * 32,
        gallery_id="0" * 32,
        sha256=surveyed.sha256,
        records=1,
        pages=1,
        images=0,
        taken=0,
        left_out={},
        damage="",
        read_at=CAPTURED,
        file=file,
        survey=surveyed,
        taken_before={},
        seals={},
    )


def dummies(function: Callable[..., Any], tmp_path: Path, **given: Any) -> dict[str, Any]:
    """Something of the right shape for every argument, for an act that stops before it looks at them."""
    (tmp_path / "manifest.csv").write_bytes(b"file\na.png\n")
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    known: dict[str, Any] = {
        "content": draw(1),
        "checkpoint": b"",
        "taken_from": enrol.TakenFrom("a.png"),
        "necessity": necessity(1),
        "folder": tmp_path,
        "intake": intake.Intake(tmp_path, "0" * 64, (), ("a.png",)),
        "manifest": intake.Manifest("0" * 64, ()),
        "files": {"a.png": draw(1)},
        "authority_kind": "synthetic",
        "document_sha256": "0" * 64,
        "origin": "synthetic",
        "site": SITE,
        "outcome": "no",
        "subject_role": "victim",
        "roles": ("steward",),
        "starts_at": now,
        "ends_at": now + timedelta(hours=1),
        "valid_from": now,
        "valid_until": now + timedelta(hours=1),
        "searches": 1,
        "opinion": 0,
        "components": ALIKE,
        "identity_checked": True,
        "people": 40,
        "report": b"{}",
        "described": manifest_of("yunet-sface"),
        "person_ref": "somebody",
        "of": "reference",
        "image_id": "",
        "file": BytesIO(an_archive()),
        "archive": read_before(),
        "open_packet": lambda packet: packet,
    } | given
    told = {}
    for name, parameter in list(inspect.signature(function).parameters.items())[2:]:
        if name in known:
            told[name] = known[name]
        elif parameter.default is inspect.Parameter.empty:
            told[name] = [] if "Sequence" in str(parameter.annotation) else "0" * 32
    return told


def done(function: Callable[..., Any], *given: Any, **named: Any) -> None:
    result = function(*given, **named)
    if inspect.isgenerator(result):
        list(result)


def test_req_92_the_acts_are_those_that_this_test_knows_of() -> None:
    assert len(ACTS) >= 45
    for name, function in ACTS.items():
        assert list(inspect.signature(function).parameters)[:2] == ["system", "officer"], name
    there = {module.name for module in pkgutil.iter_modules(beholden.actions.__path__)}
    assert set(PARTS) <= there
    for module, names in PARTS.items():
        assert names <= set(vars(importlib.import_module(f"beholden.actions.{module}"))), module


@pytest.fixture(scope="module")
def staffed() -> Agency:
    return small_agency()


@pytest.mark.parametrize("name", sorted(ACTS))
def test_req_92_an_act_without_a_sign_in_is_refused_and_on_record(staffed: Agency, name: str, tmp_path: Path) -> None:
    before = len(staffed.leaves())
    with pytest.raises(SignInRefused) as caught:
        done(ACTS[name], staffed.system, NOBODY, **dummies(ACTS[name], tmp_path))
    assert len(staffed.leaves()) == before + 1
    leaf = staffed.leaves()[-1]
    assert (leaf["outcome"], leaf["rules"], leaf["role"]) == ("refused", ["session.signed-in"], "system")
    assert leaf["event"] in OPERATIONS
    assert caught.value.entry == leaf["n"]


WITH_IDS = sorted(
    name
    for name, one in ACTS.items()
    if any(p.endswith("_id") or p == "handle" for p in inspect.signature(one).parameters)
)


@pytest.mark.parametrize("name", WITH_IDS)
def test_req_92_an_act_on_a_record_that_is_not_there_fails_and_is_on_record(
    staffed: Agency, name: str, tmp_path: Path
) -> None:
    given = {"person_ref": "", "image_id": "0" * 32} if name == "request.find_references" else {}
    officer = "pia" if name.startswith("request.") else "stella"
    before = len(staffed.leaves())
    with pytest.raises(BeholdenError) as caught:
        done(ACTS[name], staffed.system, staffed[officer], **dummies(ACTS[name], tmp_path, **given))
    assert isinstance(caught.value, Missing), name
    assert len(staffed.leaves()) == before + 1
    leaf = staffed.leaves()[-1]
    assert (leaf["outcome"], leaf["event"] in OPERATIONS, caught.value.entry) == ("failed", True, leaf["n"])
    assert staffed.told(leaf["n"])["error"] == ["Missing"]


def after_it_left(agency: Agency, found: Search, lead: examine.Lead) -> None:
    """As if it had left provisionally: confirmed, then a lead of it refuted, then recalled by hand."""
    made = agency.disclose(found, lead).disclosure
    agency.change(made, state=DisclosureState.PROVISIONAL)
    with agency.system.database.begin() as tx:
        recall.settle(agency.system, tx, found.id, agency.clock.at)
    about = {"disclosure_id": made.id, "reason": "the person was abroad that year"}
    recall.refute_lead(agency.system, agency["ines"], lead=1, source="border records", **about)
    recall.recall_disclosure(agency.system, agency["sven"], **about)


def travels(agency: Agency, ready: Ready) -> None:
    """A pair travels twice: no opinion comes back in time, and then one does."""
    authority = agency.approve(agency.request(ready.case, ready.sought, ready.gallery))
    found = agency.review(agency.search(authority), 1)
    agency.examine(found, "erik", 3)
    identity, olga = pyrage.x25519.Identity.generate(), Signer("olga.example")
    registered = travel.register_examiner(
        agency.system,
        agency["pia"],
        name="Olga",
        agency="elsewhere",
        vkey=olga.vkey,
        recipient=str(identity.to_public()),
    )
    for late in (True, False):
        sent, packet = travel.send_examination(
            agency.system, agency["sven"], search_id=found.id, examiner_id=registered.id
        )
        if late:
            agency.change(sent, due_at=agency.clock.at - timedelta(seconds=1))
            lapse_sent(agency.system)
    content = Entrusted(packet, str(identity).encode()).content
    read = read_packet(content)
    seen = tuple(Description(side, True, COMPONENTS, "") for side in Side)
    given = OutsideOpinion(read.origin, read.nonce, digest_of(content), tuple(ALIKE), "", 3, agency.clock.at, seen)
    travel.take_back(agency.system, agency["sven"], note=write_opinion(given, olga.name, olga.public, olga.sign))


def under_seal(agency: Agency) -> None:
    """What was sequestered is opened by the oversight body, and destroyed on its order."""
    [there] = agency.find(Sequestration)
    sequester.open_sequestration(
        agency.system,
        agency["aude"],
        sequestration_id=there.id,
        reason="complaint 12 of the ombudsman",
        open_packet=lambda packet: Entrusted(packet, pem()).content,
    )
    orders.apply_order(agency.system, order("destroy", f"sequestration:{there.id}", origin=agency.system.origin))


def script(agency: Agency, tmp_path: Path) -> None:
    """Everything that can be done, once."""
    system, who = agency.system, agency
    spare_certificate = training.enter_certificate(
        system, who["ada"], person_id=agency.ids["ivo"], role="investigator", course="fr-101", number="117"
    )
    training.revoke_certificate(system, who["ada"], certificate_id=spare_certificate.id, reason="entered twice")
    agency.certify(agency.ids["ivo"], "investigator")
    for name in ("kai", "kim"):
        people.add_person(system, who["ada"], name=name, roles=("key_custodian",))
        agency.officers[name] = people.sign_in_as(system, name=name)
        recovery.pin_key(system, who[name], vkey=Signer(name).vkey)
    asked = recovery.request_recovery(system, administrator="agnes")
    both = [notes.sign_note(asked, name, Signer(name).public, Signer(name).sign) for name in ("kai", "kim")]
    recovery.recover_administrator(system, both)
    recovery.remove_key(system, who["kai"])
    key, _secret = api_keys.make_key(system, who["aude"], name="nightly export", days=7)
    api_keys.revoke_key(system, who["aude"], key_id=key.id)
    people.sign_out_person(system, who["ada"], person_id=agency.ids["ivo"])
    elsewhere = replace(system, provider=OpenIdProvider("https://sign-in.example", "beholden"))  # asked nothing here
    provider.record_provider(elsewhere)
    provider.link_person(elsewhere, who["ada"], person_id=agency.ids["ivo"], subject="8d1f2c")
    agency.officers["ivo"] = people.sign_in_as(system, name="ivo")
    provider.confirm_link(elsewhere, who["ivo"], subject="8d1f2c")
    provider.unlink_person(elsewhere, who["ada"], person_id=agency.ids["ivo"])
    agency.officers["ivo"] = people.sign_in_as(system, name="ivo")
    sessions.end_every_session(system, who["ivo"])
    agency.officers["ivo"] = people.sign_in_as(system, name="ivo")
    ready = agency.ready(1, 2, 3)
    spare = register.propose_source(
        system,
        who["stella"],
        name="spare",
        controller="c",
        authority_kind="synthetic",
        citation="manifest",
        document_sha256="0" * 64,
        jurisdiction="CA",
        purposes=("victim-id-cse",),
        valid_from=agency.clock.at,
        valid_until=agency.clock.at + timedelta(days=1),
    )
    register.refuse_source(system, who["pia"], source_id=spare.id, reason="no")
    register.suspend_source(system, who["pia"], source_id=ready.source.id, reason="order")
    register.resume_source(system, who["pia"], source_id=ready.source.id)
    register.close_gallery(system, who["pia"], gallery_id=agency.gallery("spare").id)
    cases.assign_case(system, who["sven"], case_id=ready.case.id, person_id=agency.ids["ivo"])
    exhibits.show_faces(system, who["ines"], exhibit_id=agency.find(Exhibit)[0].id)
    frames.show_frame(system, who["ines"], exhibit_id=agency.find(Exhibit)[0].id, reason="who stands beside her there")
    (known,) = agency.find(ExhibitFace)
    beside = Box(known.box.left + 0.9 * known.box.width, known.box.top, known.box.width, known.box.height)
    edit.edit_face(system, who["ines"], exhibit_id=known.exhibit_id, position=1, edits=["contrast=1"], why="haze")
    draw_face(system, who["ines"], exhibit_id=known.exhibit_id, box=beside, why="somebody behind her")
    exhibits.show_sights(system, who["ines"], exhibit_id=agency.find(Exhibit)[0].id)
    found = agency.search(ready.authority)
    review.open_review(system, who["rosa"], search_id=found.id)
    agency.review(found, 1)
    for _ in range(2):
        shown = examine.open_examination(system, who["erik"], search_id=found.id)
    agency.describe(shown.handle, "erik")
    views.note_views(system, who["erik"], handle=shown.handle, views=[View("zoom", "2", 3)])
    examine.lock_examination(system, who["erik"], handle=shown.handle, components=ALIKE, limitations="", opinion=3)
    agency.examine(found, "edda", 3)
    leads = examine.read_leads(system, who["ines"], search_id=found.id)
    show_lead(system, who["ines"], search_id=found.id, candidate_id=leads[0].candidate.id)
    replay.replay_search(system, who["aude"], search_id=found.id, reason="counsel asked how the list came about")
    first = leads[0].examinations[0]
    examine.revise_examination(
        system,
        who["erik" if first.examiner == agency.ids["erik"] else "edda"],
        handle=first.id,
        components=ALIKE,
        limitations="",
        opinion=1,
    )
    made = compare.compare(
        system,
        who["ines"],
        authority_id=ready.authority.id,
        sought_id=ready.sought.id,
        face_id=leads[0].candidate.face_id,
    )
    compare.read_comparison(system, who["ines"], comparison_id=made.comparison.id)
    travels(agency, ready)
    told_of = {
        "search_id": found.id,
        "candidate_ids": [leads[0].candidate.id],
        "recipients": ["Unit 4"],
        "basis": "s. 8",
    }
    preview.preview_disclosure(system, who["ines"], **told_of)
    packet = agency.disclose(found, leads[0])
    disclosed.read_disclosure(system, who["ines"], disclosure_id=packet.disclosure.id)
    enrol.enrol_image(
        system,
        who["stella"],
        draw(7),
        source_id=ready.source.id,
        gallery_id=ready.gallery.id,
        taken_from=enrol.TakenFrom("7.png"),
        embed_now=False,
    )
    embed.embed_waiting(system)
    alike = [
        enrol.enrol_image(
            system,
            who["stella"],
            content,
            source_id=ready.source.id,
            gallery_id=ready.gallery.id,
            taken_from=enrol.TakenFrom("a copy"),
        ).image
        for content in (picture(ANNA), copy_of(picture(ANNA)))
    ]
    one, other = (image.id for image in alike if image is not None)
    tell_apart.tell_apart(system, who["stella"], image_id=one, other_image_id=other)
    agency.change(agency.get(Image, one), fingerprint=b"", print_no=-1)
    fingerprint.fingerprint_waiting(system, failed=set())
    site = agency.source(name="site", archives=ArchiveTerms(("photos.example",), (), 10))
    archives.read_archive(
        system,
        who["stella"],
        BytesIO(an_archive()),
        file_name="site.warc",
        source_id=site.id,
        gallery_id=ready.gallery.id,
    )
    audit.write_stopped(system, who["ines"], Missing("no case for you"))
    [reference] = request.find_references(system, who["pia"], person_ref="person 2")
    for decide in (request.refuse_request, request.withdraw_request):
        asked = request.receive_request(
            system, who["pia"], face_ids=[reference.face_id], looked_for="by reference", subject="A. Person, by letter"
        )
        decide(
            system, who["pia"], request_id=asked.id, **({"reason": "not them"} if "refuse" in decide.__name__ else {})
        )
    asked = request.receive_request(
        system, who["pia"], face_ids=[], looked_for="by photograph", subject="A. Person, by letter", photograph=True
    )
    request.read_request(system, who["pia"], request_id=asked.id)
    letters.write_letter(system, who["pia"], request_id=asked.id, letter="received")
    request.check_identity(system, who["pia"], request_id=asked.id, how="passport seen")
    photograph.give_photograph(system, who["pia"], draw(2, seed=3), request_id=asked.id)
    photograph.show_photograph(system, who["pia"], request_id=asked.id)
    nearest = compare_given.compare_photograph(system, who["paul"], request_id=asked.id)
    compare_given.show_listed(system, who["paul"], request_id=asked.id, handles=[nearest.listed[0].handle])
    request.choose_records(system, who["pia"], request_id=asked.id, face_ids=[reference.face_id])
    photograph.take_back_photograph(system, who["pia"], request_id=asked.id)
    oversee.erased_searches(system, who["aude"], erasure_id=agency.erase(reference.face_id).id)
    held = agency.granted(agency.enrol(ready.source, ready.gallery, 60).faces[0].id)
    why = "evidence in a trial, or no longer evidence in it"
    restrict.restrict_records(system, who["stella"], request_id=held, reason=why)
    restrict.keep_restricted(system, who["pia"], request_id=held, reason=why)
    restrict.end_restriction(system, who["pia"], request_id=held, reason=why)
    agency.enrol(ready.source, ready.gallery, 2)
    [aside] = asides.asides(system, who["pia"])
    asides.judge_aside(system, who["pia"], aside_id=aside.id)
    (waits, *_) = notices.notices(system, who["sven"])
    notices.mark_sent(system, who["sven"], notice_id=waits.id, how="letter no. 14")
    evidence.import_manifest(
        system,
        who["stella"],
        f"sha256,exhibit_ref,origin\n{'0' * 64},E-1,synthetic".encode(),
        case=ready.case.id,
        file="register.csv",
    )
    draft = authorise.draft_authority(
        system,
        who["ines"],
        case_id=ready.case.id,
        sought_id=ready.sought.id,
        starts_at=agency.clock.at,
        ends_at=agency.clock.at + timedelta(hours=2),
    )
    authorise.edit_draft(
        system, who["ines"], authority_id=draft.id, gallery_ids=[ready.gallery.id], necessity=necessity(900)
    )
    authorise.submit_request(system, who["ines"], authority_id=draft.id)
    probe.show_probe(system, who["sven"], authority_id=draft.id)
    authorise.return_request(system, who["sven"], authority_id=draft.id, questions="which school was asked?")
    authorise.submit_request(system, who["ines"], authority_id=draft.id, answer="the one in the next town")
    ending = agency.request(ready.case, ready.sought, ready.gallery)
    probe.show_probe(system, who["sven"], authority_id=ending.id)
    ending = agency.approve(ending)
    agency.change(ending, ends_at=agency.clock.at - timedelta(seconds=1))  # the clock of this story stands still
    expire_authorities(system)
    others = [ready.sought, *(agency.sought(ready.case, draw(5, seed=seed)) for seed in (21, 22))]
    reviews = (exigent_review.uphold_exigent, exigent_review.refuse_exigent, exigent_review.close_lapse)
    for reviewing, wanted in zip(reviews, others, strict=True):
        begun = exigent.begin_exigent(
            system,
            who["ines"],
            case_id=ready.case.id,
            sought_id=wanted.id,
            ground="threat-to-life",
            reason="shots were heard in the house of the photograph",
            place="unknown",
            time="now",
        )
        if reviewing is exigent_review.close_lapse:
            agency.change(begun, review_due=agency.clock.at)
            exigent_review.lapse_overdue(system)
        else:
            under = agency.search(agency.get(Authority, begun.authority_id))
        if reviewing is exigent_review.uphold_exigent:
            [lead, *_] = agency.unsealed(under, 1)
            probe.show_probe(system, who["sven"], authority_id=begun.authority_id)
        reviewing(system, who["sven"], exigent_id=begun.id, reason="the calls of the neighbours were heard")
        if reviewing is exigent_review.uphold_exigent:
            after_it_left(agency, under, lead)
        if reviewing is exigent_review.refuse_exigent:
            under_seal(agency)
    register.certify_gallery(
        system, who["pia"], gallery_id=ready.gallery.id, words="every source and withdrawal was gone through"
    )
    turn.turn_gallery(system, who["pia"], gallery_id=ready.gallery.id)
    authorise.refuse_authority(
        system,
        who["sven"],
        authority_id=agency.request(ready.case, ready.sought, ready.gallery).id,
        reason="ask the school",
    )
    authorise.withdraw_request(
        system, who["ines"], authority_id=agency.request(ready.case, ready.sought, ready.gallery).id
    )
    authorise.revoke_authority(system, who["pia"], authority_id=ready.authority.id, reason="order")
    for one in others:
        sought.withdraw_sought(system, who["ines"], sought_id=one.id, reason="other child")
    reveal.reveal_picture(
        system,
        who["aude"],
        of="exhibit-face",
        id=agency.find(ExhibitFace)[0].id,
        reason="the opinions name a scar that the list does not",
    )
    exhibits.remove_exhibit(system, who["ines"], exhibit_id=agency.find(Exhibit)[0].id, reason="of another case")
    unveil.reveal_chip(system, who["ines"], of="exhibit-face", id=ready.case.id, under=ready.case.id)
    cases.close_case(system, who["ines"], case_id=ready.case.id, outcome="safe")
    [told, *_] = agency.find(OutcomeNotice, person_id=agency.ids["sven"])
    endings.read_outcome(system, who["sven"], notice_id=told.id)
    cases.reopen_case(system, who["sven"], case_id=ready.case.id)
    agency.change_roles("emil", "examiner")
    people.suspend_person(system, who["ada"], person_id=agency.ids["emil"])
    people.resume_person(system, who["ada"], person_id=agency.ids["emil"])
    _, token = people.replace_person(system, who["ada"], person_id=agency.ids["emil"], name="enno")
    people.renew_token(system, who["ada"], person_id=agency.ids["edda"])
    totp.begin_totp(system, who["ivo"])
    totp.remove_totp(system, who["ivo"])
    code = pyotp.TOTP(totp.begin_totp(system, who["ivo"]).secret).at(agency.clock.at)
    totp.confirm_totp(system, who["ivo"], code=code)
    device = Device(SITE)
    made = add_device(agency, "ivo", device)
    passkeys.confirm_with_passkey(
        system,
        who["ivo"],
        site=SITE,
        answer=device.use(passkeys.options_to_confirm(system, who["ivo"], site=SITE)),
    )
    passkeys.remove_passkey(system, who["ivo"], passkey_id=made.id)
    links.make_link(system, who["ada"], person_id=agency.ids["ivo"])
    people.sign_out(system, people.accept(system, name="enno", token=token, passphrase="a long passphrase"))
    for decide in (calibrate.accept_calibration, calibrate.refuse_calibration):
        content = report(people=40 if decide is calibrate.accept_calibration else 41)
        started = evaluate.start_evaluation(system, who["stella"], reason="our own records", files=[], people=40)
        evaluate.finish_evaluation(system, who["stella"], evaluation_id=started.id, report=content)
        made = calibrate.propose_calibration(system, who["stella"], report=content)
        why = {"reason": "half are passports"} if decide is calibrate.refuse_calibration else {}
        decide(system, who["pia"], calibration_id=made.id, **why)
    manifest = write_pack(tmp_path / "own")
    model_packs.add_model(
        system,
        who["ada"],
        described=read_manifest(manifest),
        read_pack=lambda: read_new(manifest, tmp_path / "packs"),
    )
    changed = replace(system, open_model=lambda _system, address: DrawnModel(address))
    upgrade.begin_upgrade(changed, who["ada"], model=OTHER, instead_of="drawn:")
    while prepare_beside(changed):
        pass
    content = report(people=42, space_id=DrawnModel(OTHER).card.space_id)
    started = evaluate.start_evaluation(system, who["stella"], reason="before the switch", files=[], people=40)
    evaluate.finish_evaluation(system, who["stella"], evaluation_id=started.id, report=content)
    made = calibrate.propose_calibration(changed, who["stella"], report=content)
    calibrate.accept_calibration(changed, who["pia"], calibration_id=made.id)
    upgrade.switch_upgrade(changed, who["ada"])
    upgrade.switch_back(changed, who["ada"])
    upgrade.purge_upgrade(changed, who["ada"])
    orders.apply_order(system, order("stop", "purpose:imminent-threat", number=2, origin=system.origin))
    index.rebuild(system, who["ada"])
    index.check_index(system, who["ada"])
    verify.verify_log(system, who["aude"])
    check.check(system, who["aude"])
    epoch.begin_key_epoch(system, who["ada"])
    two = [str(pyrage.x25519.Identity.generate().to_public()) for _ in range(2)]
    if isinstance(system.keys, MemoryKeys):  # a folder that a key file opens has no custodians
        epoch.change_custodians(system, who["ada"], recipients=two, threshold=2)
    dispose.dispose(system, who["pia"])
    stores = disk(tmp_path / "disk")
    backup.make_backup(
        replace(system, stores=stores), who["ada"], to=tmp_path / "backup", keys_to=tmp_path / "backup-keys"
    )
    stores.close()
    other = Path(shutil.copytree(packs.shipped("ca-2020"), tmp_path / "ca-2020"))
    (other / "policy.cedar").write_text("// a remark\n")
    version.announce(system, after="ours@" + "0" * 64, looser=["purpose fraud"], days=14)
    version.record_version(replace(system, policy=CedarPolicy(other)), tables="9999")
    living = agency.find(Face, state=FaceState.LIVE)[0]
    planted = patterns.plant_reference(system, who["aude"], face_id=living.id, words="pia, who agreed")
    patterns.unplant_reference(system, who["aude"], planted_id=planted.id)
    patterns.find_patterns(system, who["aude"])
    drawn = sample.draw_sample(
        system, who["aude"], begins_at=agency.clock.at - timedelta(days=1), ends_at=agency.clock.at, share=100
    )
    sample.judge_use(system, who["aude"], sample_id=drawn.sample.id, use_id=found.id, verdict="justified", words="")
    sample.read_samples(system, who["aude"])
    told = respond.report_incident(system, who["rosa"], words="a packet went to another unit than it named")
    respond.contain_incident(system, who["pia"], incident_id=told.id, words="the unit destroyed it and said so")
    judged = {"materiality": "not_material", "words": "nobody there had read it before it was destroyed"}
    respond.judge_incident(system, who["paul"], incident_id=told.id, **judged)
    respond.close_incident(system, who["pia"], incident_id=told.id, lessons="recipients are picked from a list now")
    log.read_entries(system, who["aude"], event="search.started")
    exporting.export(system, who["aude"], folder=tmp_path / "bundle")
    proofs.prove_entry(system, who["aude"], n=3)
    statement.make_statement(
        system, who["aude"], begins_at=agency.clock.at - timedelta(days=1), ends_at=agency.clock.at + timedelta(days=1)
    )
    stranger = Near(Keeper.make(tmp_path / "witness", "witness.example/w1"), agency.clock.now)
    watched = replace(system, cosigners=(PaperWitness("binder"), stranger))
    witnessing.record_witnesses(watched)
    witnessing.ask_witnesses(watched)  # it was never told to watch this log
    witnessing.witnessed_on_paper(watched, who["aude"], name="binder", checkpoint=log.seal(system))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Agency:
    agency = small_agency()
    script(agency, tmp_path_factory.mktemp("script"))
    return agency


def test_req_92_every_event_of_the_log_is_written_by_an_act_and_no_other_event_is(told: Agency) -> None:
    written = {leaf["event"] for leaf in told.leaves() if leaf["outcome"] == "done"}
    stopped = [leaf["event"] for leaf in told.leaves() if leaf["outcome"] not in ("done", "begun")]
    assert stopped == ["command.stopped"], "which is no act, but what kept somebody from one"
    assert written == set(OPERATIONS) - set(stopped)
    for leaf in told.leaves():
        assert leaf["operation"] == OPERATIONS[leaf["event"]]


def test_req_92_an_entry_says_who_when_in_which_role_and_by_which_client(told: Agency) -> None:
    nobodys = {
        "system.initialised",
        "policy.adopted",
        "policy.announced",
        "order.applied",
        "incident.opened",
        "person.recovered",
        "exigent.sequestered",
        "sequestration.sealed",
        "sequestration.destroyed",
        "disclosure.confirmed",
        "system.upgraded",
        "witness.configured",
        "provider.configured",
        "witness.refused",
        "face.embedded",
        "image.fingerprinted",
        "authority.expired",
        "examination.lapsed",
        "exigent.lapsed",
        "erasure.finished",
        "upgrade.finished",
        "photograph.destroyed",
    }
    for n, leaf in enumerate(told.leaves()):
        said = told.told(n)
        assert leaf["n"] == n
        assert said["client"] == ["python"]
        assert leaf["at"] == "2026-11-22T09:00:00.000Z"
        if leaf["event"] in nobodys:
            assert (leaf["role"], "person" in said) == ("system", False)
        else:
            assert leaf["role"] != "system"
            assert len(said["person"]) == 1
    searches = [
        leaf for leaf in told.leaves() if leaf["event"] in ("search.started", "review.opened", "disclosure.made")
    ]
    assert {leaf["purpose"] for leaf in searches} == {"victim-id-cse"}


def test_req_92_no_leaf_holds_anything_of_a_person_or_a_record(told: Agency) -> None:
    leaves = b"\n".join(entry.leaf for entry in told.find(Entry, order="n")).decode()
    told_words = ["ines", "stella", "person 3", "example.org", "caption", "Attic", "2026-117", "A. Person", "Unit 4"]
    assert not [word for word in told_words if word in leaves]
    ids = [*told.ids.values(), *(one.id for kind in (Face, Image, Search, Authority) for one in told.find(kind))]  # type: ignore[attr-defined]
    assert not [id for id in ids if id in leaves]
    for leaf in told.leaves():
        assert set(leaf) == {"n", "at", "event", "operation", "role", "purpose", "outcome", "rules", "items"}
        for item in leaf["items"]:
            assert set(item) == {"name", "commitment"}
            assert len(item["commitment"]) == 64


def test_req_92_every_value_that_is_told_opens_its_own_commitment_and_no_salt_is_used_twice(told: Agency) -> None:
    with told.system.database.look() as look:
        opened = log.opened_items(told.system, look)
    salts = [one.salt for one in opened]
    assert len(set(salts)) == len(salts) > 300
    leaves = told.leaves()
    for one in opened:
        assert {"name": one.name, "commitment": commit(one.salt, one.value)} in leaves[one.n]["items"]
