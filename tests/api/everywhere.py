"""A small agency with something behind every route, twice: in a case of one's own, and in somebody else's.

What hangs on the first case is `own` to Ines and Erik, what hangs on the second to Ivo and Edda; everybody else has a
part in neither. A stage is how far the work has come; it is made once, and each test works in a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from beholden.actions import (
    api_keys,
    authorise,
    cases,
    compare,
    disclose,
    examine,
    exhibits,
    exigent_review,
    people,
    probe,
    review,
    search,
    sought,
)
from beholden.actions.exigent import begin_exigent
from beholden.actions.sessions import digest_of
from beholden.blobs.memory import MemoryBlobs
from beholden.keys.oidc import OpenIdProvider
from beholden.records.archives import ArchiveTerms
from beholden.records.authority import Authority
from beholden.records.disclosures import CENTRAL_OFFICE, Notice
from beholden.records.faces import Face
from beholden.records.outcomes import OutcomeNotice
from beholden.records.people import Person, Role
from beholden.records.searches import Search
from beholden.testing.drawn import draw
from beholden.witness.memory import MemoryWitness
from tests.agency import ALIKE, PURPOSE, Agency, _copied, necessity, small_agency

ASKERS = {
    Role.STEWARD: "stella",
    Role.PRIVACY_OFFICER: "pia",
    Role.INVESTIGATOR: "ines",
    Role.SUPERVISOR: "sven",
    Role.EXAMINER: "erik",
    Role.AUDITOR: "aude",
    Role.ADMINISTRATOR: "ada",
    Role.KEY_CUSTODIAN: "kai",
}
TWINS = {"ines": "ivo", "erik": "edda"}  # to whom the other case is their own
PASSPHRASE = "a long passphrase"
WORDS = "a packet went to another unit than the one it named"
SIDES = (("own", "ines", "erik"), ("foreign", "ivo", "edda"))


@dataclass
class Everywhere:
    """The ids on both sides, by the names that paths and bodies give them."""

    agency: Agency
    own: dict[str, str]
    foreign: dict[str, str]

    def ids(self, side: str) -> dict[str, str]:
        return self.own if side == "own" else self.foreign

    def both(self, **ids: str) -> None:
        """Ids of what belongs to no case."""
        self.own |= ids
        self.foreign |= ids

    def copy(self) -> Everywhere:
        """With records, keys, blobs, a published log and a clock of its own."""
        made = _copied(self.agency)
        made.clock.at, made.clock.count = self.agency.clock.at, self.agency.clock.count
        there, here = made.system.blobs, self.agency.system.blobs
        assert isinstance(there, MemoryBlobs)
        assert isinstance(here, MemoryBlobs)
        there._held = dict(here._held)
        published, before = made.system.witness, self.agency.system.witness
        assert isinstance(published, MemoryWitness)
        assert isinstance(before, MemoryWitness)
        published._files = dict(before._files)
        agency = made.with_parts(provider=self.agency.system.provider)
        return Everywhere(agency, dict(self.own), dict(self.foreign))


Stage = Callable[[], Everywhere]


def after(before: Stage) -> Callable[[Callable[[Everywhere], None]], Stage]:
    """A stage is what its function does to a copy of the one before."""

    def stage(further: Callable[[Everywhere], None]) -> Stage:
        @cache
        def made() -> Everywhere:
            there = before().copy()
            further(there)
            return there

        made.__name__ = further.__name__
        return made

    return stage


@cache
def founded() -> Everywhere:
    """Everybody has a passphrase, a key and a certificate; a register, two cases, and a request for authority in each."""
    agency = small_agency().with_parts(provider=OpenIdProvider("https://sign-in.example", "beholden"))  # never asked
    system = agency.system
    added, _ = people.add_person(system, agency["ada"], name="kai", roles=(Role.KEY_CUSTODIAN,))
    agency.officers["kai"], agency.ids["kai"] = people.sign_in_as(system, name="kai"), added.id
    there = Everywhere(agency, {}, {})
    source, gallery = agency.source(), agency.gallery()
    for person in (1, 2, 3, 4):
        agency.enrol(source, gallery, person)
    told = {"archives": ArchiveTerms(("photos.example",), (), 10), "valid_from": agency.clock.at - timedelta(days=300)}
    there.both(
        source_id=source.id,
        gallery_id=gallery.id,
        site_id=agency.source(name="site", **told).id,
        reference_id=agency.find(Face, order="face_no")[0].id,
        spare_id=agency.ids["ivo"],
        word=agency.system.policy.pack.exigent_grounds[0],
    )
    for name, officer in agency.officers.items():
        if name == "ada":
            there.both(**{"person_id:ada": agency.find(Person, name="ada")[0].id})
        else:
            agency.change(agency.get(Person, agency.ids[name]), credential=f"kept:{PASSPHRASE}")
            there.both(**{f"person_id:{name}": agency.ids[name]})
        key, _ = api_keys.make_key(system, officer, name="nightly export", days=7)
        second = people.sign_in_as(system, name=name)
        there.both(**{f"key_id:{name}": key.id, f"session_id:{name}": digest_of(second.session)})
    of_ivo = {name: there.own[f"{name}:ivo"] for name in ("key_id", "session_id", "person_id")}
    there.foreign = {name: id for name, id in there.foreign.items() if ":" not in name} | of_ivo
    there.own["other_id"], there.foreign["other_id"] = agency.ids["ivo"], agency.ids["ines"]
    for number, (side, officer, _) in enumerate(SIDES):
        _begin(there, there.ids(side), officer, number)
    return there


def _begin(there: Everywhere, ids: dict[str, str], officer: str, number: int) -> None:
    agency, system = there.agency, there.agency.system
    case = cases.open_case(system, agency[officer], reference=f"2026-{number}", title="Attic", purpose=PURPOSE)
    kept, faces = exhibits.add_exhibit(
        system,
        agency[officer],
        draw(3, seed=7 + number),
        case_id=case.id,
        file="exhibit 0.png",
        origin="synthetic",
        why="found on the seized disk",
    )
    told = sought.declare_sought(
        system,
        agency[officer],
        case_id=case.id,
        face_ids=[faces[0].id],
        subject_role="victim",
        why="same mole on the left cheek",
    )
    ids |= {"case_id": case.id, "exhibit_id": kept.id, "face_id": faces[0].id, "sought_id": told.id}
    ids |= {"reference": case.reference}
    ids["authority_id"] = _ask(there, ids, officer, authorise.request_authority).id


def _ask(there: Everywhere, ids: dict[str, str], officer: str, how: Callable[..., Authority]) -> Authority:
    agency = there.agency
    agency.clock.count += 1
    return how(
        agency.system,
        agency[officer],
        case_id=ids["case_id"],
        sought_id=ids["sought_id"],
        gallery_ids=[ids["gallery_id"]],
        necessity=necessity(agency.clock.count),
        starts_at=agency.clock.at,
        ends_at=agency.clock.at + timedelta(hours=24),
        searches=3,
    )


@after(founded)
def withdrawn(there: Everywhere) -> None:
    """Nobody is sought any more."""
    agency = there.agency
    for side, officer, _ in SIDES:
        ids = there.ids(side)
        sought.withdraw_sought(agency.system, agency[officer], sought_id=ids["sought_id"], reason="another child")


@after(founded)
def drafted(there: Everywhere) -> None:
    for side, officer, _ in SIDES:
        ids = there.ids(side)
        ids["authority_id"] = _ask(there, ids, officer, authorise.draft_authority).id


@after(founded)
def looked_at(there: Everywhere) -> None:
    for side, *_ in SIDES:
        probe.show_probe(there.agency.system, there.agency["sven"], authority_id=there.ids(side)["authority_id"])


@after(looked_at)
def approved(there: Everywhere) -> None:
    agency = there.agency
    for side, *_ in SIDES:
        authorise.approve_authority(agency.system, agency["sven"], authority_id=there.ids(side)["authority_id"])
    there.both(notice_id=agency.find(Notice, recipient=CENTRAL_OFFICE)[0].id)


@after(founded)
def closed(there: Everywhere) -> None:
    system, agency = there.agency.system, there.agency
    for side, officer, _ in SIDES:
        ids = there.ids(side)
        authorise.withdraw_request(system, agency[officer], authority_id=ids["authority_id"])
        cases.close_case(system, agency[officer], case_id=ids["case_id"], outcome="none")


@after(founded)
def told(there: Everywhere) -> None:
    """Closed by the supervisor, and whoever worked on it has a notice."""
    agency = there.agency
    for side, officer, _ in SIDES:
        ids = there.ids(side)
        authorise.withdraw_request(agency.system, agency[officer], authority_id=ids["authority_id"])
        cases.close_case(agency.system, agency["sven"], case_id=ids["case_id"], outcome="none")
        ids["outcome_id"] = agency.find(OutcomeNotice, case_id=ids["case_id"], person_id=agency.ids[officer])[0].id


@after(approved)
def compared(there: Everywhere) -> None:
    agency = there.agency
    for side, officer, _ in SIDES:
        ids = there.ids(side)
        made = compare.compare(
            agency.system,
            agency[officer],
            authority_id=ids["authority_id"],
            sought_id=ids["sought_id"],
            face_id=ids["reference_id"],
        )
        ids["comparison_id"] = made.comparison.id


def _search(there: Everywhere, side: str, officer: str) -> Search:
    agency, ids = there.agency, there.ids(side)
    found = search.run_search(
        agency.system, agency[officer], authority_id=ids["authority_id"], sought_id=ids["sought_id"]
    )
    ids["search_id"] = found.id
    return found


@after(approved)
def listed(there: Everywhere) -> None:
    for side, officer, _ in SIDES:
        _search(there, side, officer)


def _review(there: Everywhere, side: str, name: str) -> None:
    """Everything is decided, and nothing finished."""
    agency, ids = there.agency, there.ids(side)
    found = agency.get(Search, ids["search_id"])
    taken, shown = review.open_review(agency.system, agency[name], search_id=found.id)
    ranks = agency.ranks(found)
    for one in shown:
        outcome = "potential" if ranks[one.handle] == 1 else "no"
        review.decide_pair(agency.system, agency[name], handle=one.handle, outcome=outcome)
    ids |= {"review_id": taken.id, "handle": shown[0].handle}


@after(listed)
def taken(there: Everywhere) -> None:
    for side, _, examiner in SIDES:
        _review(there, side, examiner)


@after(listed)
def reviewed(there: Everywhere) -> None:
    agency = there.agency
    for side, *_ in SIDES:
        _review(there, side, "rosa")
        review.finish_review(agency.system, agency["rosa"], review_id=there.ids(side)["review_id"])


@after(reviewed)
def examining(there: Everywhere) -> None:
    agency = there.agency
    for side, _, examiner in SIDES:
        ids = there.ids(side)
        ids["handle"] = examine.open_examination(agency.system, agency[examiner], search_id=ids["search_id"]).handle


@after(examining)
def described(there: Everywhere) -> None:
    for side, _, examiner in SIDES:
        there.agency.describe(there.ids(side)["handle"], examiner)


@after(reviewed)
def unsealed(there: Everywhere) -> None:
    """By Erik and Emil on the one side, by Edda and Emil on the other."""
    agency = there.agency
    for side, officer, examiner in SIDES:
        ids = there.ids(side)
        for name in ("emil", examiner):
            ids["handle"] = _examine(there, name, ids["search_id"])
        leads = examine.read_leads(agency.system, agency[officer], search_id=ids["search_id"])
        ids["candidate_id"] = leads[0].candidate.id


def _examine(there: Everywhere, name: str, search_id: str) -> str:
    system, officer = there.agency.system, there.agency[name]
    handle = examine.open_examination(system, officer, search_id=search_id).handle
    there.agency.describe(handle, name)
    examine.lock_examination(system, officer, handle=handle, components=ALIKE, limitations="", opinion=3)
    return handle


@after(unsealed)
def disclosed(there: Everywhere) -> None:
    agency = there.agency
    for side, officer, _ in SIDES:
        ids = there.ids(side)
        packet = disclose.make_disclosure(
            agency.system,
            agency[officer],
            search_id=ids["search_id"],
            candidate_ids=[ids["candidate_id"]],
            recipients=["Unit 4"],
            basis="s. 8(2)(f)",
        )
        ids["disclosure_id"] = packet.disclosure.id


@after(founded)
def exigent(there: Everywhere) -> None:
    """Begun and searched in both cases; Sven looked at the probes."""
    agency = there.agency
    for side, officer, _ in SIDES:
        ids = there.ids(side)
        begun = begin_exigent(
            agency.system,
            agency[officer],
            case_id=ids["case_id"],
            sought_id=ids["sought_id"],
            ground=ids["word"],
            reason="a child says in a chat that she is held in a cellar tonight",
            place="unknown",
            time="tonight",
        )
        ids |= {"exigent_id": begun.id, "authority_id": begun.authority_id}
        probe.show_probe(agency.system, agency["sven"], authority_id=begun.authority_id)
        _search(there, side, officer)


@after(exigent)
def lapsed(there: Everywhere) -> None:
    there.agency.clock.pass_by(hours=24)
    exigent_review.lapse_overdue(there.agency.system)
    for name in there.agency.officers:
        there.agency.officers[name] = people.sign_in_as(there.agency.system, name=name)


@after(exigent)
def alone(there: Everywhere) -> None:
    """Who searched before approval is an examiner as well, and reviewed and examined alone."""
    agency = there.agency
    for side, officer, _ in SIDES:
        agency.change_roles(officer, "investigator", "examiner")
        agency.officers[officer] = people.sign_in_as(agency.system, name=officer)
        _review(there, side, officer)
        ids = there.ids(side)
        review.finish_review(agency.system, agency[officer], review_id=ids["review_id"])
        ids["handle"] = _examine(there, officer, ids["search_id"])
