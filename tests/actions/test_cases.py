"""Cases, their exhibits, and who is sought in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any

import pytest

from beholden.actions import cases, exhibits, sought
from beholden.actions.exhibits import DETAILS, PICTURE
from beholden.blobs.memory import MemoryBlobs
from beholden.database.sql import SqlDatabase, SqlTransaction
from beholden.errors import BadInput, KeyDestroyed, Missing, NoRoom, NoUsableFace, UnreadableImage
from beholden.ports.database import Transaction
from beholden.records.cases import Case, CaseState
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, Origin, SubjectRole
from beholden.records.metadata import Metadata
from beholden.records.sought import Sought, SoughtState
from beholden.stores.memory import MemoryStores
from tests.agency import PURPOSE, Agency, draw, last, rules_of


def add(
    agency: Agency, case: Case, content: bytes, officer: str = "ines", **changes: Any
) -> tuple[Exhibit, tuple[ExhibitFace, ...]]:
    told: dict[str, Any] = {"file": "a.png", "origin": "synthetic", "why": " seized "}
    return exhibits.add_exhibit(agency.system, agency[officer], content, case_id=case.id, **(told | changes))


def declare(agency: Agency, case: Case, *face_ids: str, role: str = "victim", why: str = "same mole") -> Sought:
    return sought.declare_sought(
        agency.system, agency["ines"], case_id=case.id, face_ids=face_ids, subject_role=role, why=why
    )


def test_a_case_is_opened_for_a_purpose_by_an_investigator_who_is_assigned_to_it(agency: Agency) -> None:
    case = cases.open_case(agency.system, agency["ines"], reference=" 2026-1 ", title=" Attic ", purpose=PURPOSE)
    assert case == Case(case.id, 0, case.kept, "2026-1", "Attic", PURPOSE, (agency.ids["ines"],), CaseState.OPEN, "")
    assert agency.leaves()[-1]["purpose"] == PURPOSE


@pytest.mark.parametrize("purpose", ["mugshots", "", "public-order", "victim-id-cse "])
def test_req_10_a_case_for_a_purpose_that_the_pack_does_not_have_is_not_opened(agency: Agency, purpose: str) -> None:
    opened = partial(cases.open_case, agency.system, agency["ines"], reference="1", title="", purpose=purpose)
    assert rules_of(agency, opened) == ["case-purpose-of-pack"]
    assert agency.leaves()[-1]["purpose"] == ""  # what somebody wrote there is not for a leaf
    assert agency.find(Case) == []


def test_req_10_the_pack_has_exactly_its_two_purposes(agency: Agency) -> None:
    assert agency.system.policy.pack.purposes == ("victim-id-cse", "imminent-threat")


def test_a_case_has_a_file_number_and_is_opened_by_an_investigator(agency: Agency) -> None:
    with pytest.raises(BadInput, match="the agency's own file number"):
        cases.open_case(agency.system, agency["ines"], reference=" ", title="", purpose=PURPOSE)
    opened = partial(cases.open_case, agency.system, agency["sven"], reference="1", title="", purpose=PURPOSE)
    assert rules_of(agency, opened) == ["role-investigator-opens-cases"]


def test_a_supervisor_assigns_active_investigators(agency: Agency) -> None:
    case = agency.case()
    assign = partial(cases.assign_case, agency.system, case_id=case.id)
    assert rules_of(agency, assign, agency["ines"], person_id=agency.ids["ivo"]) == ["role-supervisor-assigns"]
    assert rules_of(agency, assign, agency["sven"], person_id=agency.ids["rosa"]) == ["assignee-is-investigator"]
    assigned = assign(agency["sven"], person_id=agency.ids["ivo"])
    assert assigned.assigned == (agency.ids["ines"], agency.ids["ivo"])
    assert assign(agency["sven"], person_id=agency.ids["ivo"]).assigned == assigned.assigned


def test_a_case_is_closed_with_its_outcome_and_reopened(agency: Agency) -> None:
    ready = agency.ready(1)
    close = partial(cases.close_case, agency.system, case_id=ready.case.id)
    with pytest.raises(BadInput, match="how the case ended"):
        close(agency["ines"], outcome=" ")
    assert rules_of(agency, close, agency["ivo"], outcome="safe") == ["closer-is-assigned"]
    closed = close(agency["sven"], outcome=" safe ")
    assert (closed.state, closed.outcome) == (CaseState.CLOSED, "safe")
    assert rules_of(agency, close, agency["ines"], outcome="safe") == ["case-is-open"]
    assert rules_of(agency, agency.search, ready.authority) == ["case-is-open"]
    assert rules_of(agency, add, agency, ready.case, draw(9)) == ["case-is-open"]
    reopen = partial(cases.reopen_case, agency.system, case_id=ready.case.id)
    assert rules_of(agency, reopen, agency["ines"]) == ["role-supervisor-assigns"]
    assert (reopen(agency["sven"]).state, agency.get(Case, ready.case.id).outcome) == (CaseState.OPEN, "")
    assert rules_of(agency, reopen, agency["sven"]) == ["case-can-be-reopened"]
    assert agency.search(ready.authority).people == 1


def test_a_case_is_not_closed_while_a_search_waits_for_an_opinion(agency: Agency) -> None:
    ready = agency.ready(1, 3)
    found = agency.search(ready.authority)
    close = partial(cases.close_case, agency.system, agency["ines"], case_id=ready.case.id, outcome="safe")
    assert rules_of(agency, close) == ["no-search-is-under-way"]
    agency.review(found, 1)
    assert rules_of(agency, close) == ["no-search-is-under-way"]
    agency.examine(found, "erik", 3)
    agency.examine(found, "edda", 3)
    assert close().state is CaseState.CLOSED


def test_an_exhibit_is_sealed_with_its_reason_and_its_faces_have_no_template(agency: Agency) -> None:
    case, content = agency.case(), draw(1, 2)
    exhibit, faces = add(agency, case, content)
    keys = agency.system.keys
    assert json.loads(keys.open(exhibit.id, exhibit.details, DETAILS)) == {
        "file": "a.png",
        "sha256": hashlib.sha256(content).hexdigest(),
        "why": "seized",
        "captured_at": "",
        **asdict(Metadata()),
    }
    assert exhibit.cropped
    assert exhibit.kept_boxes == tuple(face.box for face in faces)
    kept = keys.open(exhibit.blob_key, agency.system.blobs.get(exhibit.blob), PICTURE)
    pixels = agency.system.media.decode(content).pixels
    assert kept == agency.system.media.only(pixels, list(exhibit.kept_boxes))
    assert [(face.position, face.subject_role, face.case_id) for face in faces] == [
        (1, SubjectRole.UNDECLARED, case.id),
        (2, SubjectRole.UNDECLARED, case.id),
    ]
    assert (exhibit.origin, exhibit.added_by) == (Origin.SYNTHETIC, agency.ids["ines"])
    assert agency.find(Exhibit) == [exhibit]
    assert agency.model.embedded == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"origin": "the web"}, "'the web' is no origin class of an exhibit; it must be one of: seized-device"),
        ({"origin": "seized-device"}, "has no place in a system of profile 'synthetic'"),
        ({"why": "  "}, "say why this photograph is in the case"),
    ],
)
def test_an_exhibit_says_how_it_was_come_by_and_why(agency: Agency, changes: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        add(agency, agency.case(), draw(1), **changes)
    assert agency.find(Exhibit) == []


def test_an_operational_system_takes_no_synthetic_exhibit(agency: Agency) -> None:
    case = agency.case()
    with pytest.raises(BadInput, match="has no place in a system of profile 'operational'"):
        add(agency.with_parts(profile="operational"), case, draw(1))


def test_a_bad_exhibit_leaves_nothing(agency: Agency) -> None:
    case, keys = agency.case(), agency.system.keys.names()
    keys = agency.system.keys.names()
    for content, error in ((b"text", UnreadableImage), (draw(), NoUsableFace)):
        with pytest.raises(error):
            add(agency, case, content)
        assert last(agency) == ("exhibit.added", "failed", [])
    stores = agency.system.stores
    assert isinstance(stores, MemoryStores)
    stores.room_bytes = 0
    with pytest.raises(NoRoom):
        add(agency, case, draw(1))
    assert (agency.find(Exhibit), agency.system.keys.names()) == ([], keys)
    assert rules_of(agency, add, agency, case, draw(1), "ivo") == ["investigator-is-assigned"]


def test_one_file_is_one_exhibit_of_a_case_and_may_be_one_of_another(agency: Agency) -> None:
    case, other = agency.case(), agency.case()
    exhibit, _ = add(agency, case, draw(1))
    with pytest.raises(BadInput, match="an exhibit of the case already"):
        add(agency, case, draw(1))
    assert add(agency, other, draw(1))[0].mark == exhibit.mark


def test_a_file_that_somebody_else_adds_while_its_faces_are_looked_for_is_added_once(agency: Agency) -> None:
    case = agency.case()

    class Slow(type(agency.model)):  # type: ignore[misc]
        def find(self, pixels: Any, **how: Any) -> Any:
            add(agency, case, draw(1))
            return super().find(pixels, **how)

    before = agency.system.keys.names()
    with pytest.raises(BadInput, match="an exhibit of the case already"):
        add(agency.with_parts(model=Slow()), case, draw(1))
    [exhibit] = agency.find(Exhibit)
    faces = {one.id for one in agency.find(ExhibitFace)}
    assert agency.system.keys.names() - before == {exhibit.id, exhibit.blob_key, *faces}, "no key is left of the other"
    assert set(agency.system.blobs.addresses()) == {exhibit.blob}


@pytest.mark.parametrize(
    ("part", "step"),
    [(MemoryBlobs, "put"), (exhibits, "follow_prints"), (SqlTransaction, "add")],
)
def test_ctrl_c_while_an_exhibit_is_taken_in_leaves_no_key_and_no_bytes(
    agency: Agency, monkeypatch: pytest.MonkeyPatch, part: object, step: str
) -> None:
    case = agency.case()
    before = agency.system.keys.names(), set(agency.system.blobs.addresses())

    def pressed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(part, step, pressed)
    with pytest.raises(KeyboardInterrupt):
        add(agency, case, draw(1))
    monkeypatch.undo()
    assert agency.find(Exhibit) == []
    assert (agency.system.keys.names(), set(agency.system.blobs.addresses())) == before


def test_what_a_commit_left_open_is_not_taken_back(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have held: then the record is there, and must open."""
    case, begin = agency.case(), SqlDatabase.begin

    @contextmanager
    def broken_off(self: SqlDatabase, *, together: bool = False) -> Iterator[Transaction]:
        with begin(self, together=together) as tx:
            yield tx
        raise KeyboardInterrupt

    monkeypatch.setattr(SqlDatabase, "begin", broken_off)
    with pytest.raises(KeyboardInterrupt):
        add(agency, case, draw(1))
    monkeypatch.undo()
    [exhibit] = agency.find(Exhibit)
    assert {exhibit.id, exhibit.blob_key} <= agency.system.keys.names()
    assert exhibit.blob in set(agency.system.blobs.addresses())


def test_a_wrong_exhibit_is_removed_with_its_key_and_its_picture(agency: Agency) -> None:
    case = agency.case()
    exhibit, _ = add(agency, case, draw(1))
    remove = partial(exhibits.remove_exhibit, agency.system, agency["ines"], exhibit_id=exhibit.id)
    with pytest.raises(BadInput, match="say why the exhibit is removed"):
        remove(reason=" ")
    removed = remove(reason="another case's disk")
    assert removed.state is ExhibitState.REMOVED
    with pytest.raises(KeyDestroyed):
        agency.system.keys.open(exhibit.blob_key, b"", PICTURE)
    with pytest.raises(Missing):
        agency.system.blobs.get(exhibit.blob)
    assert rules_of(agency, remove, reason="again") == ["exhibit-is-held"]
    assert add(agency, case, draw(1))[0].state is ExhibitState.HELD


def test_an_exhibit_with_which_somebody_is_sought_stays_until_that_is_withdrawn(agency: Agency) -> None:
    case = agency.case()
    exhibit, [face] = add(agency, case, draw(1))
    declared = declare(agency, case, face.id)
    remove = partial(exhibits.remove_exhibit, agency.system, agency["ines"], exhibit_id=exhibit.id, reason="wrong")
    assert rules_of(agency, remove) == ["exhibit-is-not-in-use"]
    sought.withdraw_sought(agency.system, agency["ines"], sought_id=declared.id, reason="not her")
    assert remove().state is ExhibitState.REMOVED
    assert rules_of(agency, declare, agency, case, face.id) == ["sought-exhibits-are-held"]


def test_req_13_a_sought_is_an_assertion_with_an_author_and_a_reason_that_can_be_taken_back(agency: Agency) -> None:
    case = agency.case()
    faces = [add(agency, case, draw(1, seed=seed))[1][0] for seed in (1, 2)]
    declared = declare(agency, case, faces[0].id, faces[1].id, faces[0].id, why=" same mole ")
    assert declared == Sought(
        declared.id,
        0,
        declared.kept,
        case.id,
        (faces[0].id, faces[1].id),
        SubjectRole.VICTIM,
        "same mole",
        agency.ids["ines"],
        SoughtState.DECLARED,
    )
    assert [agency.get(ExhibitFace, face.id).subject_role for face in faces] == [SubjectRole.VICTIM] * 2
    told = agency.told(len(agency.leaves()) - 1)
    assert (told["face"], told["subject_role"]) == ([faces[0].id, faces[1].id], ["victim"])
    withdraw = partial(sought.withdraw_sought, agency.system, agency["ines"], sought_id=declared.id)
    with pytest.raises(BadInput, match="why the declaration is taken back"):
        withdraw(reason="")
    assert withdraw(reason="two children").state is SoughtState.WITHDRAWN
    assert rules_of(agency, withdraw, reason="again") == ["sought-can-be-withdrawn"]


@pytest.mark.parametrize("role", ["suspect", "witness", "undeclared", ""])
def test_req_12_only_the_roles_of_a_sought_can_be_declared(agency: Agency, role: str) -> None:
    case = agency.case()
    _, [face] = add(agency, case, draw(1))
    assert rules_of(agency, declare, agency, case, face.id, role=role) == ["subject-role-is-permitted"]
    assert agency.find(Sought) == []


def test_req_12_for_victim_identification_nobody_but_a_victim_is_sought(agency: Agency) -> None:
    case = agency.case()
    _, [face] = add(agency, case, draw(1))
    assert rules_of(agency, declare, agency, case, face.id, role="other") == ["subject-role-is-permitted"]
    assert agency.get(ExhibitFace, face.id).subject_role is SubjectRole.UNDECLARED
    threat = cases.open_case(agency.system, agency["ines"], reference="2", title="", purpose="imminent-threat")
    _, [other] = add(agency, threat, draw(1))
    assert declare(agency, threat, other.id, role="other").subject_role is SubjectRole.OTHER


def test_a_sought_names_faces_of_its_own_case_each_from_another_photograph(agency: Agency) -> None:
    case, other = agency.case(), agency.case()
    _, [one, two] = add(agency, case, draw(1, 2))
    _, [foreign] = add(agency, other, draw(3))
    assert rules_of(agency, declare, agency, case) == ["sought-has-a-face"]
    assert rules_of(agency, declare, agency, case, one.id, foreign.id) == ["sought-is-of-this-cases-exhibits"]
    with pytest.raises(BadInput, match="two of the faces are in one photograph"):
        declare(agency, case, one.id, two.id)
    with pytest.raises(BadInput, match="say why these faces"):
        declare(agency, case, one.id, why=" ")
    nowhere = rules_of(agency, declare, agency, case, "0" * 32)
    assert nowhere == rules_of(agency, declare, agency, case, foreign.id), (
        "which of the two it is tells what others have"
    )
    assert agency.find(Sought) == []


def test_req_13_a_crowd_is_not_searched_face_by_face(agency: Agency) -> None:
    case = agency.case()
    _, faces = add(agency, case, draw(1, 2, 3))
    first = declare(agency, case, faces[0].id)
    declare(agency, case, faces[1].id)
    assert rules_of(agency, declare, agency, case, faces[2].id) == ["subjects-of-image-are-few"]
    sought.withdraw_sought(agency.system, agency["ines"], sought_id=first.id, reason="not her")
    assert rules_of(agency, declare, agency, case, faces[2].id) == ["subjects-of-image-are-few"]
    again = draw(1, 2, 3) + b"another file, the same photograph"
    other = agency.case()
    for there in (case, other):
        _, copies = add(agency, there, again)
        assert rules_of(agency, declare, agency, there, copies[2].id) == ["subjects-of-image-are-few"]
    assert declare(agency, other, copies[1].id).face_ids == (copies[1].id,)
