"""An examination by the client: each side alone, then the pair, then an opinion with marks and what was done to the pictures."""

from __future__ import annotations

import base64
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from beholden.api.shapes.searching import Search
from beholden.client import Client
from beholden.errors import BadInput, Refused
from beholden.records.examination import COMPONENTS
from beholden.testing.drawn import draw
from tests.agency import ALIKE, PURPOSE
from tests.client.conftest import Staffed
from tests.client.test_story import HOUR, request_authority

pytestmark = pytest.mark.enable_socket
MARK: dict[str, str | int | float] = {"on": "probe", "photograph": 0, "component": "nose", "x": 0.5, "y": 0.62}


def reviewed(stella: Client, pia: Client, ines: Client, sven: Client, rosa: Client) -> Search:
    now = datetime.now(UTC)
    source = stella.sources.propose(
        name="people to examine",
        controller="the project",
        authority_kind="synthetic",
        citation="generator manifest 2",
        document_sha256="1" * 64,
        jurisdiction="CA",
        purposes=[PURPOSE],
        valid_from=now - 24 * HOUR,
        valid_until=now + 365 * 24 * HOUR,
    )
    pia.sources.approve(source.id)
    gallery = pia.galleries.open(name="people to examine", purposes=[PURPOSE])
    for person in (3, 4):
        stella.images.enrol(draw(person, seed=41), source_id=source.id, gallery_id=gallery.id)
    case = ines.cases.open(reference="2026-118", title="Cellar", purpose=PURPOSE)
    exhibit = ines.exhibits.add(case.id, draw(3, seed=42), origin="synthetic", why="on the disk")
    sought = ines.soughts.declare(
        case.id, face_ids=[exhibit.faces[0].id], subject_role="victim", why="the one face of it"
    )
    authority = request_authority(ines, case.id, sought.id, gallery.id, 2)
    sven.authorities.probe(authority.id)
    sven.authorities.approve(authority.id)
    found = ines.searches.run(authority_id=authority.id, sought_id=sought.id)
    opened = rosa.reviews.open(found.id)
    for place, pair in enumerate(opened.pairs):
        rosa.reviews.decide(pair.handle, outcome="no" if place else "potential")
    rosa.reviews.finish(opened.id)
    return found


def test_req_37_the_client_describes_each_side_views_the_pair_and_locks_what_lacks_nothing(
    staffed_alone: Staffed,
) -> None:
    with ExitStack() as doors:
        stella, pia, ines, sven, rosa, emil = (
            doors.enter_context(staffed_alone.client(name))
            for name in ("stella", "pia", "ines", "sven", "rosa", "emil")
        )
        found = reviewed(stella, pia, ines, sven, rosa)
        probe = emil.examinations.open(found.id)
        assert (probe.stage, len(probe.sought), probe.reference, probe.cautions) == ("probe", 1, "", "")
        with pytest.raises(Refused) as refused:
            emil.examinations.lock(probe.handle, components=dict(ALIKE), opinion=3)
        [reason] = refused.value.reasons
        assert reason.lacks == ("description of the probe", "description of the reference")
        said = emil.examinations.describe(
            probe.handle, of="probe", suitable=True, seen=COMPONENTS[:-1], words="taken from below"
        )
        assert (said.stage, said.described[0].words) == ("reference", "taken from below")
        reference = emil.examinations.open(found.id)
        assert (reference.stage, reference.sought) == ("reference", [])
        emil.examinations.describe(probe.handle, of="reference", suitable=True, seen=COMPONENTS)
        pair = emil.examinations.open(found.id)
        assert (pair.stage, pair.sought, pair.reference) == ("pair", probe.sought, reference.reference)
        assert base64.b64decode(pair.reference).startswith(b"\xff\xd8\xff")
        emil.examinations.note_views(probe.handle, views=[{"tool": "overlay", "setting": "0.5", "seconds": 12}])
        with pytest.raises(BadInput, match="view 1"):
            emil.examinations.note_views(probe.handle, views=[{"tool": "enhance", "setting": "", "seconds": 1}])
        given = dict(ALIKE) | {COMPONENTS[-1]: "not-comparable"}
        locked = emil.examinations.lock(probe.handle, components=given, opinion=2, marks=[MARK])
        assert [one.model_dump() for one in locked.marks] == [MARK]
        assert (locked.state, locked.scale, locked.tools) == ("locked", "support-7", {"overlay": 1})
        assert [one.of for one in locked.described] == ["probe", "reference"]
