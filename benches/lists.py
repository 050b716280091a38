"""How long one page of each list takes the server, among 100,000 records of each kind, filtered and deep ones too.

    python benches/lists.py --rows 100000

A system in a temporary folder with its records in a file. Milliseconds of the processor for the whole act, sign-in and (for
the log) its own entry included; on a shared machine `min` is the figure to trust.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from beholden.actions import audit, lists, log, people
from beholden.actions.audit import Told
from beholden.actions.initialise import initialise
from beholden.actions.paging import Page
from beholden.database.upgrade import upgrade
from beholden.opening import open_system
from beholden.ports.system import System
from beholden.records.authority import Authority, AuthorityState, Necessity, Urgency
from beholden.records.cases import Case, CaseState
from beholden.records.erasure import Erasure, ErasureState
from beholden.records.examination import Examination, ExaminationState, Part
from beholden.records.exhibits import Exhibit, ExhibitFace, ExhibitState, Origin, SubjectRole
from beholden.records.faces import Box, Quality
from beholden.records.galleries import Gallery, GalleryState
from beholden.records.people import Officer, Person, PersonState, Role
from beholden.records.requests import Request, RequestKind, RequestState
from beholden.records.retention import Kept
from beholden.records.review import Outcome, Pair, Review, ReviewState
from beholden.records.searches import NO_COVERAGE, Search, SearchState, statements
from beholden.records.sought import Sought, SoughtState
from beholden.records.sources import AuthorityKind, Source, SourceState

TIMES, PURPOSE = 7, "victim-id-cse"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
OWN = 40  # cases of the investigator who has few


def officers(system: System, token: str = "") -> dict[str, Officer]:
    token = token or initialise(system, administrator="ada")
    known = {"ada": people.accept(system, name="ada", token=token, passphrase=secrets.token_hex())}
    for name, role in (
        *(("ines", "investigator"), ("ivo", "investigator"), ("olga", "investigator"), ("otto", "investigator")),
        ("emil", "examiner"),
        *(("sven", "supervisor"), ("pia", "privacy_officer"), ("aude", "auditor")),
    ):
        people.add_person(system, known["ada"], name=name, roles=(role,))
        known[name] = people.sign_in_as(system, name=name)
    return known


def records(system: System, ids: dict[str, str], rows: int) -> Iterator[object]:
    """Ines has every case, Ivo a few of them, Olga the oldest eighth, Otto every fourth; case 0 has all the exhibits.

    Of every kind a good part waits for somebody: proposals, lists to review, candidates that Emil examined and others did
    not, requests to decide about and to carry out.
    """
    kept = audit.kept(system, "case", "system", BEGAN)
    new = system.clock.new_id
    cases = [new() for _ in range(rows)]
    no_time = BEGAN + timedelta(days=3000)
    searches = (SearchState.LISTED, SearchState.REVIEWED, SearchState.UNSEALED, SearchState.FAILED)
    for n, case in enumerate(cases):
        at = BEGAN + timedelta(seconds=n)
        own = replace(kept, created_at=at)
        others = ("ivo",) * (n % (rows // OWN) == 0) + ("olga",) * (n < rows // 8) + ("otto",) * (n % 4 == 0)
        assigned = (ids["ines"], *(ids[name] for name in others))
        yield Case(case, 1, own, f"2026-{n:06d}", f"Série {n} of photographs", PURPOSE, assigned, CaseState.OPEN, "")
        works = n % 2 == 0
        yield Person(
            new(), 1, own, f"person {n}", (Role.INVESTIGATOR if works else Role.AUDITOR,),
            PersonState.ACTIVE if works else PersonState.LEFT, "x" * 97, no_time,
        )  # fmt: skip
        yield Source(
            new(), 1, own, f"source {n}", f"police of town {n % 97}", AuthorityKind.SYNTHETIC, f"section {n}",
            "0" * 64, "CA", (PURPOSE,), BEGAN, no_time, SourceState.PROPOSED if n % 5 == 0 else SourceState.ACTIVE,
            ids["ada"], ids["ada"], "",
        )  # fmt: skip
        gallery = new()
        yield Gallery(gallery, 1, own, f"gallery {n}", (PURPOSE,), b"s" * 60, GalleryState.OPEN)
        exhibit, face, sought = new(), new(), new()
        yield Exhibit(
            exhibit, 1, own, cases[0], "m" * 64, "p" * 64, b"d" * 200, Origin.SYNTHETIC, "b" * 64, new(), "JPEG", 640,
            480, ids["ines"], ExhibitState.HELD,
        )  # fmt: skip
        yield ExhibitFace(
            face, 1, own, exhibit, cases[0], 1, Box(0.1, 0.1, 0.2, 0.2), (), Quality(None, 0.9, 60.0, 1.0, 1.0, 1.0),
            SubjectRole.OTHER,
        )  # fmt: skip
        yield Sought(
            sought, 1, own, case, (face,), SubjectRole.OTHER, f"the same in {n}", ids["ines"], SoughtState.DECLARED
        )
        authority, why = new(), Necessity(f"tried {n} " * 8, f"needed {n} " * 8, f"now {n} " * 8)
        yield Authority(
            authority, 1, own, case, sought, PURPOSE, Urgency.PRIOR, why, (gallery,), at, no_time, 3, 1, ids["ines"],
            ids["sven"], "", "", AuthorityState.REQUESTED if n % 5 == 0 else AuthorityState.ACTIVE,
        )  # fmt: skip
        search, state = new(), searches[n % 4]
        yield Search(
            search, 1, own, case, authority, sought, ids["ines"], at, at, "s" * 64, "pack", (("a.onnx", "0" * 64),),
            (80,), NO_COVERAGE, "", statements(NO_COVERAGE, 50), 50, 50, state,
        )  # fmt: skip
        if state is SearchState.REVIEWED:
            yield from reviewed(system, own, search, ids["emil"], examined=n % 8 == 1)
        request = new()
        yield Request(
            request, 1, own, RequestKind.ERASURE, at, (new(),), f"by the reference number {n}", b"s" * 120, "", "",
            b"", "", 0, RequestState.RECEIVED if n % 2 == 0 else RequestState.GRANTED,
        )  # fmt: skip
        yield Erasure(
            new(), 1, own, request, (new(),), (), (), (), (), (), b"", (), (), at, ids["ada"], "", b"r" * 200,
            ErasureState.ERASED,
        )  # fmt: skip


def reviewed(system: System, kept: Kept, search: str, examiner: str, *, examined: bool) -> Iterator[object]:
    """One pair that goes to examination; of every other search, Emil gave his opinion."""
    review, candidate = system.clock.new_id(), system.clock.new_id()
    yield Review(review, 1, kept, search, examiner if examined else system.clock.new_id(), "seed", ReviewState.FINISHED)
    yield Pair(system.clock.new_id(), 1, kept, review, candidate, 1, Outcome.POTENTIAL)
    if examined:
        yield Examination(
            system.clock.new_id(), 1, kept, search, candidate, examiner, Part.FIRST, (), "", 1, "", False,
            ExaminationState.LOCKED,
        )  # fmt: skip


def fill(system: System, ids: dict[str, str], rows: int) -> None:
    there = records(system, ids, rows)
    while part := list(islice(there, 8_000)):
        with system.database.begin() as tx:
            for kind in {type(one) for one in part}:
                tx.add(*(one for one in part if type(one) is kind))
    events = ("search.read", "case.opened", "image.enrolled", "person.changed")
    with system.database.look() as look:
        ines, case = look.get(Person, ids["ines"]), look.find(Case, reference="2026-000000")[0].id
    system.keys.create([case])
    for begin in range(0, rows, 2_000):
        with system.database.begin() as tx:
            for n in range(begin, min(begin + 2_000, rows)):
                event = "epoch.begun" if n == 7 else events[n % 4]
                told = [Told(f"value_{i}", f"something {n}", audit.SYSTEM) for i in range(4)]
                told += [Told("case", case, case)] * (n % (rows // OWN) == 0)
                at = BEGAN + timedelta(seconds=n * 60)
                audit.write(system, tx, event, person=ines if n % 2 else None, now=at, told=told)


def timed(act: Callable[[], Page[Any]]) -> tuple[float, float, int]:
    taken, shown = [], 0
    for _ in range(TIMES):
        start = time.process_time()
        shown = len(act().shown)
        taken.append((time.process_time() - start) * 1e3)
    return min(taken), statistics.median(taken), shown


def questions(system: System, who: dict[str, Officer], rows: int) -> Iterator[tuple[str, Callable[[], Page[Any]]]]:
    far = f"{rows * 9 // 10:06d}"
    with system.database.look() as look:
        case_id = look.find(Case, order="reference", limit=1)[0].id
        long_ago: dict[str, Any] = {"created_at": BEGAN + timedelta(seconds=rows // 10), "limit": 1}
        old = {
            kind: look.find(kind, **long_ago)[0]
            for kind in (Case, Source, Person, Gallery, Exhibit, Authority, Search, Request)
        }
    for name, act, kind, order, seen_by, filters in (
        (
            "cases",
            lists.cases,
            Case,
            lists.BY_REFERENCE,
            ("sven", "ines", "ivo", "olga"),
            (far, "SÉRIE", "no such", "né such"),
        ),
        ("sources", lists.sources, Source, lists.BY_NAME, ("aude",), (far, "TOWN 96", "no such", "né such")),
        ("galleries", lists.galleries, Gallery, lists.BY_NAME, ("aude",), (far, "no such")),
        ("people", lists.people, Person, lists.BY_NAME, ("ada",), (far, "no such")),
        ("exhibits", lists.exhibits, Exhibit, lists.LATEST, ("sven", "ines"), ("synthetic", "no such")),
        ("authorities", lists.authorities, Authority, lists.LATEST, ("sven", "ines", "ivo", "olga"), (far, "no such")),
        ("searches", lists.searches, Search, lists.LATEST_STARTED, ("sven", "ines", "ivo", "olga"), (far, "no such")),
        ("requests", lists.requests, Request, lists.FIRST_DUE, ("aude",), (far, "no such")),
    ):
        given: dict[str, Any] = {"case_id": case_id} if name == "exhibits" else {}
        for person in seen_by:
            asked: dict[str, dict[str, Any]] = {"first": {}, "deep": {"after": order.write(old[kind])}} | {
                f: {"filter": f} for f in filters
            }
            for how, more in asked.items():
                yield f"{name:12} {person:5} {how}", partial(act, system, who[person], **given, **more)
    log_page: dict[str, dict[str, Any]] = {
        "first": {},
        "deep": {"after": log.NEWEST.write(_N(rows // 10))},
        "rare event": {"event": "epoch.begun"},
    }
    log_page |= {"common event": {"event": "case.opened"}, "absent event": {"event": "system.upgraded"}}
    for how, more in log_page.items():
        yield f"log          aude  {how}", partial(log.read_entries, system, who["aude"], **more)


class _N:
    def __init__(self, n: int) -> None:
        self.n = n


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--rows", type=int, default=100_000)
    rows = asked.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'records.db'}"
        upgrade(address)
        system = open_system(database=address, model="drawn:")
        who = officers(system)
        with system.database.look() as look:
            ids = {person.name: person.id for person in look.find(Person)}
        fill(system, ids, rows)
        print(f"{rows:,} records of each kind, 50 on a page; milliseconds")
        print(f"{'list, who, what':40} {'min':>7} {'median':>7} {'shown':>6}")
        for title, act in questions(system, who, rows):
            least, median, shown = timed(act)
            print(f"{title:40} {least:7.1f} {median:7.1f} {shown:6}", flush=True)
        system.close()


if __name__ == "__main__":
    main()
