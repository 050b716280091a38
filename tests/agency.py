"""A small agency for tests: a system in memory with a clock that stands still, people in every role, and the usual first acts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from beholden.actions import (
    authorise,
    cases,
    describe,
    disclose,
    enrol,
    erase,
    examine,
    exhibits,
    log,
    people,
    probe,
    register,
    request,
    review,
    search,
    sought,
    training,
)
from beholden.actions.initialise import initialise
from beholden.clock import WallClock
from beholden.errors import Refused
from beholden.opening import make_folder, open_folder, open_system
from beholden.policy import packs
from beholden.policy.cedar import CedarPolicy
from beholden.ports.system import System
from beholden.records.audit import Entry
from beholden.records.authority import Authority, AuthorityState, Necessity
from beholden.records.cases import Case
from beholden.records.erasure import Erasure
from beholden.records.examination import COMPONENTS, Side
from beholden.records.galleries import Gallery
from beholden.records.images import Image
from beholden.records.people import Officer, Role
from beholden.records.searches import Search
from beholden.records.sought import Sought
from beholden.records.sources import Source
from beholden.testing.drawn import DrawnModel, draw
from tests.oversight_body import pins
from tests.parts import PlainCredentials, copy_memory

PURPOSE = "victim-id-cse"
R = TypeVar("R")
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PEOPLE = {
    "stella": Role.STEWARD,
    "pia": Role.PRIVACY_OFFICER,
    "paul": Role.PRIVACY_OFFICER,  # a photograph is compared by another one than took it in
    "ines": Role.INVESTIGATOR,
    "ivo": Role.INVESTIGATOR,
    "sven": Role.SUPERVISOR,
    "rosa": Role.EXAMINER,
    "erik": Role.EXAMINER,
    "edda": Role.EXAMINER,
    "emil": Role.EXAMINER,
    "aude": Role.AUDITOR,
}
ALIKE = tuple((name, "similar") for name in COMPONENTS)


@dataclass
class StillClock:
    """Moves when it is told to; ids are random as ever."""

    at: datetime = START
    count: int = 0

    def now(self) -> datetime:
        return self.at

    def new_id(self) -> str:
        return WallClock().new_id()

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass(frozen=True)
class Ready:
    """Everything that a search needs."""

    source: Source
    gallery: Gallery
    case: Case
    sought: Sought
    authority: Authority


@dataclass
class Agency:
    system: System
    clock: StillClock
    officers: dict[str, Officer] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Officer:
        return self.officers[name]

    @property
    def model(self) -> DrawnModel:
        assert isinstance(self.system.model, DrawnModel)
        return self.system.model

    def source(self, **changes: object) -> Source:
        told: dict[str, object] = {
            "name": "rendered people",
            "controller": "the project",
            "authority_kind": "synthetic",
            "citation": "generator manifest 1",
            "document_sha256": "0" * 64,
            "jurisdiction": "CA",
            "purposes": (PURPOSE,),
            "valid_from": self.clock.at - timedelta(days=1),
            "valid_until": self.clock.at + timedelta(days=365),
        }
        proposed = register.propose_source(self.system, self["stella"], **(told | changes))  # type: ignore[arg-type]
        return register.approve_source(self.system, self["pia"], source_id=proposed.id)

    def gallery(self, name: str = "references") -> Gallery:
        return register.open_gallery(self.system, self["pia"], name=name, purposes=(PURPOSE,))

    def enrol(
        self, source: Source, gallery: Gallery, *persons: int, seed: int = 0, ref: str | None = None
    ) -> enrol.Enrolled:
        return enrol.enrol_image(
            self.system,
            self["stella"],
            draw(*persons, seed=seed),
            source_id=source.id,
            gallery_id=gallery.id,
            taken_from=enrol.TakenFrom(
                file=f"{persons}-{seed}.png",
                person_ref=f"person {persons[0]}" if ref is None else ref,
                captured_at="2019-05-04",
                image_url=f"https://example.org/{persons[0]}-{seed}.png",
                page_url=f"https://example.org/{persons[0]}",
                page_title="A rendered person",
                caption=f"caption of {persons[0]}",
            ),
        )

    def case(self, officer: str = "ines") -> Case:
        return cases.open_case(self.system, self[officer], reference="2026-117", title="Attic", purpose=PURPOSE)

    def sought(self, case: Case, *pictures: bytes, officer: str = "ines") -> Sought:
        face_ids = []
        for number, picture in enumerate(pictures):
            _, faces = exhibits.add_exhibit(
                self.system,
                self[officer],
                picture,
                case_id=case.id,
                file=f"exhibit {number}.png",
                origin="synthetic",
                why="found on the seized disk",
            )
            face_ids.append(faces[0].id)
        return sought.declare_sought(
            self.system,
            self[officer],
            case_id=case.id,
            face_ids=face_ids,
            subject_role="victim",
            why="same mole on the left cheek",
        )

    def request(self, case: Case, sought: Sought, *galleries: Gallery, searches: int = 3, hours: int = 24) -> Authority:
        self.clock.count += 1
        return authorise.request_authority(
            self.system,
            self["ines"],
            case_id=case.id,
            sought_id=sought.id,
            gallery_ids=[gallery.id for gallery in galleries],
            necessity=necessity(self.clock.count),
            starts_at=self.clock.at,
            ends_at=self.clock.at + timedelta(hours=hours),
            searches=searches,
        )

    def approve(self, authority: Authority, **less: object) -> Authority:
        if self.get(Authority, authority.id).state is AuthorityState.REQUESTED:
            probe.show_probe(self.system, self["sven"], authority_id=authority.id)
        return authorise.approve_authority(self.system, self["sven"], authority_id=authority.id, **less)  # type: ignore[arg-type]

    def search(self, authority: Authority, **how: int) -> Search:
        return search.run_search(
            self.system, self["ines"], authority_id=authority.id, sought_id=authority.sought_id, **how
        )

    def review(self, found: Search, *potential: int) -> Search:
        """Rosa reviews; the pairs at these places of the sealed ranking become potential candidates."""
        taken, shown = review.open_review(self.system, self["rosa"], search_id=found.id)
        ranks = self.ranks(found)
        for one in shown:
            outcome = "potential" if ranks[one.handle] in potential else "no"
            review.decide_pair(self.system, self["rosa"], handle=one.handle, outcome=outcome)
        review.finish_review(self.system, self["rosa"], review_id=taken.id)
        return self.get(Search, found.id)  # the reviewer is not told whose search it is

    def ranks(self, found: Search) -> dict[str, int]:
        """What no reviewer can see: the rank behind each handle."""
        from beholden.records.review import Pair, Review

        with self.system.database.look() as look:
            ranks = {lead.candidate.id: lead.rank for lead in examine.leads_of(self.system, look, found)}
            pairs = [
                pair for one in look.find(Review, search_id=found.id) for pair in look.find(Pair, review_id=one.id)
            ]
        return {pair.handle: ranks[pair.candidate_id] for pair in pairs}

    def ready(self, *persons: int, galleries: int = 1) -> Ready:
        """References of these people, a case, and an approved authority to search for person 3."""
        source = self.source()
        opened = [self.gallery(f"references {number}") for number in range(1, galleries + 1)]
        for seed, gallery in enumerate(opened):  # one file in two galleries would be put aside
            for person in persons:
                self.enrol(source, gallery, person, seed=seed)
        case = self.case()
        sought = self.sought(case, draw(3, seed=7))
        return Ready(source, opened[0], case, sought, self.approve(self.request(case, sought, *opened)))

    def ranks_by_person(self, found: Search) -> list[int]:
        """The drawn persons on a sealed list, best first: what nobody can see."""
        with self.system.database.look() as look:
            leads = examine.leads_of(self.system, look, found)
            images = [look.get(Image, lead.candidate.image_id) for lead in leads]
        told = [json.loads(self.system.keys.open(one.id, one.provenance, enrol.PROVENANCE)) for one in images]
        return [int(one["page_url"].removeprefix("https://example.org/")) for one in told]

    def unsealed(self, found: Search, *potential: int) -> list[examine.Lead]:
        """Reviewed, with two agreeing opinions on each potential candidate; the leads."""
        self.review(found, *potential)
        for name in ("erik", "edda"):
            for _ in potential:
                self.examine(found, name, 3)
        return examine.read_leads(self.system, self["ines"], search_id=found.id)

    def disclose(self, found: Search, *leads: examine.Lead) -> disclose.Packet:
        return disclose.make_disclosure(
            self.system,
            self["ines"],
            search_id=found.id,
            candidate_ids=[lead.candidate.id for lead in leads],
            recipients=["Unit 4", "Interpol desk"],
            basis="s. 8(2)(f)",
        )

    def granted(self, *face_ids: str) -> str:
        """The id of a granted request to erase these references."""
        asked = request.receive_request(
            self.system,
            self["pia"],
            face_ids=face_ids,
            looked_for="by the source's person reference",
            subject="A. Person, by letter",
        )
        request.grant_request(
            self.system, self["pia"], request_id=asked.id, identity_checked=True, reason="passport seen"
        )
        return asked.id

    def erase(self, *face_ids: str) -> Erasure:
        return erase.erase(self.system, self["stella"], request_id=self.granted(*face_ids))

    def change_roles(self, name: str, *roles: str) -> None:
        people.change_roles(self.system, self["ada"], person_id=self.ids[name], roles=[Role(role) for role in roles])
        self.certify(self.ids[name], *roles)

    def certify(self, person_id: str, *roles: str) -> None:
        """Enter a certificate of training, from now, for each of these roles that asks for one."""
        for role in roles:
            if role in training.COURSES:
                training.enter_certificate(
                    self.system, self["ada"], person_id=person_id, role=role, course=f"{role} 1", number="117"
                )

    def with_parts(self, **parts: Any) -> Agency:
        """The same agency with another part in its system."""
        return replace(self, system=replace(self.system, **parts))

    def get(self, kind: type[R], key: object) -> R:
        with self.system.database.look() as look:
            return look.get(kind, key)

    def find(self, kind: type[R], **where: Any) -> list[R]:
        """With `order` and `limit` among `where`, as in the port."""
        with self.system.database.look() as look:
            return look.find(kind, **where)

    def change(self, record: R, **changes: Any) -> R:
        """Behind the actions' back: what no action allows."""
        with self.system.database.begin() as tx:
            return tx.change(record, **changes)

    def leaves(self) -> list[dict[str, Any]]:
        """The log as it stands in its leaves, the first entry first."""
        with self.system.database.look() as look:
            return [json.loads(entry.leaf) for entry in look.find(Entry, order="n")]

    def told(self, n: int) -> dict[str, list[Any]]:
        """What entry `n` says, as far as keys live: values by name."""
        said: dict[str, list[Any]] = {}
        with self.system.database.look() as look:
            for item in log.opened_items(self.system, look, n):
                said.setdefault(item.name, []).append(item.value)
        return said

    def examine(self, found: Search, name: str, opinion: int) -> None:
        shown = examine.open_examination(self.system, self[name], search_id=found.id)
        self.describe(shown.handle, name)
        examine.lock_examination(
            self.system, self[name], handle=shown.handle, components=ALIKE, limitations="", opinion=opinion
        )

    def describe(self, handle: str, name: str) -> None:
        """Both sides, in which every component can be judged: what comes before a lock."""
        for side in Side:
            describe.describe_side(
                self.system, self[name], handle=handle, of=side, suitable=True, seen=COMPONENTS, words=""
            )


def necessity(number: int) -> Necessity:
    return Necessity(
        f"asked school {number}, provider {number} and hotline {number} about child {number} without an answer",
        f"child {number} of series {number} is known neither to agency {number} nor to anybody else",
        f"file {number} of series {number} appeared on day {number} of this month",
    )


@cache
def the_policy() -> CedarPolicy:
    """It holds nothing that changes, and reading it takes half of the time that an agency takes."""
    return CedarPolicy(packs.shipped("ca-2020"))


def small_agency(**parts: object) -> Agency:
    """People in every role, all signed in; nothing else yet. Without `parts`, a copy of one that was staffed before."""
    if not parts:
        return _copied(_first_agency())
    clock = StillClock()
    parts = {"model": "drawn:", "clock": clock, "credentials": PlainCredentials(), "policy": the_policy(), **parts}
    system = open_system(**parts)  # type: ignore[arg-type]
    return _staffed(system, clock, initialise(system, administrator="ada", signers=pins()))


@cache
def _first_agency() -> Agency:
    return small_agency(index="exact:")


def _copied(agency: Agency) -> Agency:
    """The same people in a system of its own: staffing takes twenty times as long as copying."""
    clock = StillClock()
    system = open_system(model="drawn:", clock=clock, credentials=PlainCredentials(), policy=the_policy())
    copy_memory(agency.system, system)
    return Agency(system, clock, dict(agency.officers), dict(agency.ids))


def agency_on_disk(folder: Path) -> Agency:
    """The same people in a real data folder, with a vault, files and a published log; close its system at the end."""
    from beholden.keys.wrapping import KeyFile

    wrapping = KeyFile.make(folder / "key-file")
    made = make_folder(
        folder / "data",
        folder / "keys",
        profile="synthetic",
        administrator="ada",
        wrapping=wrapping,
        model="drawn:",
    )
    clock = StillClock(WallClock().now())  # the folder's first entries have the time of the wall
    system = replace(open_folder(folder / "data"), clock=clock, credentials=PlainCredentials())
    return _staffed(system, clock, made.token)


def _staffed(system: System, clock: StillClock, token: str) -> Agency:
    agency = Agency(system, clock)
    agency.officers["ada"] = people.accept(system, name="ada", token=token, passphrase="a long passphrase")
    for name, role in PEOPLE.items():
        person, _ = people.add_person(system, agency["ada"], name=name, roles=(role,))
        agency.officers[name] = people.sign_in_as(system, name=name)
        agency.ids[name] = person.id
        agency.certify(person.id, role)
    return agency


def rules_of(agency: Agency, act: Callable[..., object], *args: Any, **named: Any) -> list[str]:
    """The rules by which an act is refused, which the log has too."""
    with pytest.raises(Refused) as caught:
        act(*args, **named)
    rules = [reason.rule_id for reason in caught.value.reasons]
    leaf, *after = agency.leaves()[caught.value.entry :]
    assert (leaf["outcome"], leaf["rules"]) == ("refused", rules)
    assert {one["event"] for one in after} <= {"incident.opened"}  # some refusals are one
    return rules


def last(agency: Agency) -> tuple[str, str, list[str]]:
    """Event, outcome and rules of the newest entry."""
    leaf = agency.leaves()[-1]
    return leaf["event"], leaf["outcome"], leaf["rules"]
