"""The main job from its source to the erasure, told by programs that use the client, against a server process."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from beholden.api.shapes.casework import Authority, GivenNecessity
from beholden.api.shapes.register import Fate
from beholden.client import AsyncClient, Client
from beholden.errors import Refused
from beholden.records.examination import COMPONENTS
from beholden.testing.drawn import draw
from tests.agency import ALIKE, PURPOSE, necessity
from tests.client.conftest import PASSPHRASE, Staffed

pytestmark = pytest.mark.enable_socket
HOUR = timedelta(hours=1)


def given(number: int) -> GivenNecessity:
    told = necessity(number)
    return GivenNecessity(less_intrusive=told.less_intrusive, why_person=told.why_person, why_now=told.why_now)


def request_authority(ines: Client, case_id: str, sought_id: str, gallery_id: str, number: int) -> Authority:
    now = datetime.now(UTC)
    return ines.authorities.request(
        case_id=case_id,
        sought_id=sought_id,
        gallery_ids=[gallery_id],
        necessity=given(number),
        starts_at=now,
        ends_at=now + 24 * HOUR,
        searches=4,
    )


def test_the_story_from_a_source_to_an_erasure(staffed: Staffed) -> None:
    now = datetime.now(UTC)
    with ExitStack() as doors:
        names = ("stella", "pia", "ines", "sven", "rosa", "erik", "edda", "emil", "aude")
        stella, pia, ines, sven, rosa, erik, edda, emil, aude = (
            doors.enter_context(staffed.client(name)) for name in names
        )
        source = stella.sources.propose(
            name="rendered people",
            controller="the project",
            authority_kind="synthetic",
            citation="generator manifest 1",
            document_sha256="0" * 64,
            jurisdiction="CA",
            purposes=[PURPOSE],
            valid_from=now - 24 * HOUR,
            valid_until=now + 365 * 24 * HOUR,
        )
        with pytest.raises(Refused) as refused:
            stella.sources.approve(source.id)
        assert refused.value.reasons
        assert refused.value.entry is not None
        assert pia.sources.approve(source.id, version=source.version).state == "active"
        gallery = pia.galleries.open(name="references", purposes=[PURPOSE])
        held = {"source_id": source.id, "gallery_id": gallery.id}
        for person in range(1, 9):
            picture = draw(person, seed=0)
            taken = stella.images.enrol(picture, person_ref=f"person {person}", captured_at="2019-05-04", **held)
            assert (taken.fate, len(taken.faces), taken.model) == (Fate.ENROLLED, 1, "drawn")
        assert stella.images.enrol(draw(8, seed=0), person_ref="person 8", **held).fate == Fate.ALREADY_HELD

        case = ines.cases.open(reference="2026-117", title="Attic", purpose=PURPOSE)
        exhibits = [
            ines.exhibits.add(
                case.id, draw(3, seed=seed), origin="synthetic", why="on the disk", file_name=f"{seed}.png"
            )
            for seed in (7, 8)
        ]
        assert ines.exhibits.face(exhibits[0].id, 1).startswith(b"\xff\xd8\xff")
        found = exhibits[0].faces[0]
        beside = found.box.model_copy(update={"left": found.box.left + 0.09})
        drawn = ines.exhibits.draw(exhibits[0].id, box=beside, why="somebody behind her")
        assert (found.drawn_by, drawn.position, drawn.landmarks_from) == ("", 2, "box")
        sought = ines.soughts.declare(
            case.id,
            face_ids=[one.faces[0].id for one in exhibits],
            subject_role="victim",
            why="same mole on the left cheek",
        )
        authority = request_authority(ines, case.id, sought.id, gallery.id, 1)
        with pytest.raises(Refused):
            ines.authorities.approve(authority.id)
        assert len(sven.authorities.probe(authority.id).faces) == len(sought.face_ids)
        approved = sven.authorities.approve(authority.id, searches=3, version=authority.version)
        assert (approved.state, approved.searches) == ("active", 3)

        found = ines.searches.run(authority_id=authority.id, sought_id=sought.id)
        assert (found.people, found.state, found.coverage.references) == (8, "listed", 8)
        with pytest.raises(Refused):
            ines.searches.leads(found.id)
        opened = rosa.reviews.open(found.id)
        assert rosa.reviews.open(found.id) == opened
        first = opened.pairs[0]
        assert rosa.reviews.reference(first.handle) == base64.b64decode(first.reference)
        assert rosa.reviews.sought(first.handle, 1) == base64.b64decode(opened.sought[0])
        for place, pair in enumerate(opened.pairs):
            outcome = "potential" if place < 2 else "no"
            assert rosa.reviews.decide(pair.handle, outcome=outcome).outcome == outcome
        assert rosa.reviews.finish(opened.id).state == "reviewed"
        for examiner, opinion in ((erik, 3), (erik, 3), (edda, 3), (edda, -1), (emil, 1)):
            pair_shown = examiner.examinations.open(found.id)
            for side in ("probe", "reference"):
                examiner.examinations.describe(pair_shown.handle, of=side, suitable=True, seen=COMPONENTS)
            locked = examiner.examinations.lock(pair_shown.handle, components=dict(ALIKE), opinion=opinion)
            assert (locked.state, locked.opinion) == ("locked", opinion)
        assert [one.state for one in erik.examinations.list()] == ["locked", "locked"]
        told = ines.searches.leads(found.id)
        assert [lead.rank for lead in told.leads] == list(range(1, 9))
        (agreed,) = [lead for lead in told.leads if lead.outcome == "potential" and not lead.disagreement]
        packet = ines.disclosures.make(
            found.id, candidate_ids=[agreed.candidate_id], recipients=["Unit 4", "Interpol desk"], basis="s. 8(2)(f)"
        )
        files = {file.name: base64.b64decode(file.content) for file in packet.files}
        assert {"disclosure.json", "manifest.note"} <= set(files)
        assert [hashlib.sha256(files[one.name]).hexdigest() for one in packet.files] == [
            one.sha256 for one in packet.files
        ]

        references = pia.references.find(person_ref="person 4").records
        asked = pia.requests.receive(
            face_ids=[one.face_id for one in references],
            looked_for="by the source's person reference",
            subject="A. Person, by letter",
        )
        granted = pia.requests.grant(asked.id, identity_checked=True, reason="passport seen", version=asked.version)
        with pytest.raises(Refused):
            pia.erasures.start(granted.id)
        erased = stella.erasures.start(granted.id)
        assert erased.state == "erased"
        assert erased.request_id in aude.erasures.receipt(erased.id).decode()
        assert aude.erasures.listings(erased.id).search_ids == [found.id]
        assert ines.searches.run(authority_id=authority.id, sought_id=sought.id).people == 7
        again = stella.images.enrol(draw(4, seed=0), person_ref="person 4", **held)
        assert (again.fate, again.id) == (Fate.ASIDE, None)
        (aside,) = pia.asides.list()
        assert pia.asides.judge(aside.id).state != aside.state
        with pytest.raises(Refused):
            ines.cases.close(case.id, outcome="found")
        events = [entry.event for entry in aude.log.entries(event="search.started")]
        assert events == ["search.started", "search.started"]
        assert aude.log.checkpoint().keys
        assert (aude.readiness.show().ready, aude.readiness.show().not_ready_because) == (True, [])

        # On the command line, beside the server, whose index alone answers searches.
        ran = staffed.office.does("ines", "search", "run", "--authority", authority.id[:12])
        assert ran["people"] == 7
        assert ines.searches.show(ran["id"]).authority_id == authority.id
        refused_here = staffed.office.run("ines", "search", "run", "--authority", authority.id[:12], "--json")
        assert refused_here.code == 3  # its three uses are used up
        with pytest.raises(Refused) as there:
            ines.searches.run(authority_id=authority.id, sought_id=sought.id)
        assert refused_here.document["reasons"] == there.value.problem()["reasons"]
        assert refused_here.document["entry"] is not None


def test_the_same_calls_are_awaited(staffed: Staffed) -> None:
    async def story() -> None:
        async with (
            AsyncClient(staffed.address) as ines,
            AsyncClient(staffed.address, bearer=staffed.bearers["sven"]) as sven,
        ):
            session = await ines.sign_in(name="ines", passphrase=PASSPHRASE)
            assert session.bearer not in repr(session)
            assert (await ines.whoami()).person.name == "ines"
            await ines.confirm(passphrase=PASSPHRASE)
            opened = await asyncio.gather(
                *(ines.cases.open(reference=f"awaited {number}", purpose=PURPOSE) for number in range(3))
            )
            case = opened[0]
            assert await ines.cases.show(case.id) == case
            exhibit = await ines.exhibits.add(case.id, draw(5, seed=2), origin="synthetic", why="on the disk")
            sought = await ines.soughts.declare(
                case.id, face_ids=[exhibit.faces[0].id], subject_role="victim", why="the only face"
            )
            assert [one async for one in ines.soughts.list(case.id)] == [sought]
            with pytest.raises(Refused) as refused:
                await ines.cases.reopen(case.id)
            assert refused.value.reasons
            assert {one.id async for one in sven.cases.list(filter="awaited")} == {one.id for one in opened}
            await ines.sign_out()
            with pytest.raises(Refused):
                await ines.whoami()

    asyncio.run(story())
