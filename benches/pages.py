"""How long the server takes for each page and each list of the REST, for each role, among 100,000 records of each kind.

    python benches/pages.py --rows 100000

A real data folder, and the whole application with its guards, sign-in and, where reading is on record, its entry of the log;
milliseconds of the processor until the answer is there, and the least by the clock, in which other work on the machine is
too. With `--keep FOLDER` the folder stays, and the next run uses it again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lists import fill, officers
from starlette.testclient import TestClient

from beholden.actions import log, people
from beholden.database.upgrade import upgrade
from beholden.keys.wrapping import KeyFile
from beholden.opening import make_folder, open_folder
from beholden.ports.database import Look
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.exhibits import Exhibit
from beholden.records.galleries import Gallery
from beholden.records.people import Person
from beholden.records.requests import Request
from beholden.records.searches import Search, SearchState
from beholden.records.sources import Source
from beholden.server import make_app
from beholden.serving.rates import Limits, Rate
from beholden.web.csrf import COOKIE

TIMES, GOAL = 5, 100
FREELY = Limits(address=Rate(10**6, 10**6), person=Rate(10**6, 10**6))
ROLES = {
    "ivo": "investigator, 40 cases",
    "olga": "investigator, the oldest 12,500 of 100,000 cases",
    "otto": "investigator, 25,000 of 100,000 cases",
    "ines": "investigator, every case",
    "sven": "supervisor",
    "emil": "examiner",
    "pia": "privacy officer",
    "aude": "auditor",
    "ada": "administrator",
}


def ids(look: Look, rows: int) -> dict[str, str]:
    """One record of each kind, from the middle; the case that Ivo has too, and the one with all the exhibits."""

    def middle(kind: type[Any], **where: Any) -> str:
        return str(look.find(kind, order="created_at", limit=rows // 2, **where)[-1].id)

    cases = look.find(Case, order="reference", limit=1)
    [case] = look.find(Case, reference=f"2026-{rows // 2:06d}")
    return {
        "full": cases[0].id,
        "case": case.id,
        "exhibit": look.find(Exhibit, case_id=cases[0].id, order="created_at", limit=1)[0].id,
        "authority": look.find(Authority, case_id=case.id)[0].id,
        "search": look.find(Search, case_id=case.id)[0].id,
        "reviewed": look.find(Search, state=SearchState.REVIEWED, limit=1)[0].id,
        "listed": look.find(Search, state=SearchState.LISTED, limit=1)[0].id,
        "source": middle(Source),
        "gallery": middle(Gallery),
        "person": middle(Person),
        "request": middle(Request),
    }


def pages(person: str, rows: int) -> Iterator[str]:
    """Every address that shows; the least a role sees is that it may not."""
    far = f"{rows * 9 // 10:06d}"
    yield from ("/", "/people", f"/people?filter={far}", "/people/{person}", "/calibrations", "/evaluations")
    yield from ("/model", "/account", "/exposure", "/outcomes")
    if person in ("ivo", "olga", "otto", "ines", "sven", "aude"):
        yield from (
            "/cases",
            f"/cases?filter={far}",
            "/cases?filter=né such",
            "/authorities",
            f"/authorities?filter={far}",
        )
        yield from ("/cases/{case}", "/cases/{full}", "/cases/{full}?filter=synthetic", "/cases/{full}?filter=no such")
        yield from ("/authorities/{authority}", "/cases/{case}/authorities/new", "/searches/{search}")
        yield f"/cases/{{case}}/authorities/new?gallery={far}"
        yield from ("/cases/{case}/timeline", "/cases/{full}/timeline")
    if person == "sven":
        yield "/inbox"
    if person != "pia" and person != "ada":
        yield from ("/searches", f"/searches?filter={far}")
    if person == "emil":
        yield from ("/searches/{listed}", "/reviews/{listed}", "/examinations/{reviewed}")
    else:
        yield from ("/sources", f"/sources?filter={far}", "/sources/{source}", "/galleries", "/requests")
        yield from (f"/requests?filter={far}", "/requests/{request}", "/requests/new", f"/requests/new?source={far}")
    if person in ("pia", "aude"):
        yield from ("/asides", "/log", "/log?event=case.opened", "/log?event=epoch.begun", "/log?person=ines")
        yield from ("/log?day=2026-01-07", "/log?record={full}", "/log?person=ines&event=epoch.begun")
        yield from ("/log?record={ines}", "/log?day=2026-01-07&event=search.read&person=ines")
    for kind in ("people", "sources", "galleries", "cases", "authorities", "searches", "requests"):
        yield f"/v1/{kind}"
        yield f"/v1/{kind}?filter={far}"
    yield from ("/v1/people/{person}", "/v1/sources/{source}", "/v1/galleries/{gallery}", "/v1/cases/{case}")
    yield from ("/v1/cases/{full}/exhibits", "/v1/cases/{full}/soughts", "/v1/authorities/{authority}")
    yield from ("/v1/searches/{search}", "/v1/requests/{request}", "/v1/reviews", "/v1/examinations", "/v1/erasures")
    yield from ("/v1/evaluations", "/v1/calibrations", "/v1/asides", "/v1/log/entries", "/v1/model", "/v1/sessions")
    yield from ("/v1/log/entries?record={full}", "/v1/log/entries?day=2026-01-07", "/v1/log/entries?person=ines")


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--role", choices=ROLES, action="append")
    asked.add_argument("--path", default="", help="only addresses that begin so")
    given = asked.parse_args()
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder, given.rows)
        upgrade(f"sqlite:///{(folder / 'data').resolve() / 'records.db'}")
        system = open_folder(folder / "data")
        stack.callback(system.close)
        with system.database.look() as look:
            seen = ids(look, given.rows) | {one.name: one.id for one in look.find(Person, name="ines")}
        app = make_app(system, limits=FREELY)
        print(f"{given.rows:,} records of each kind; milliseconds; * is more than {GOAL}")
        print(f"{'who':26} {'what':62} {'status':>6} {'least':>7} {'median':>7} {'by clock':>8}")
        for name in given.role or ROLES:
            officer = people.sign_in_as(system, name=name)
            for path in pages(name, given.rows):
                if not path.startswith(given.path):
                    continue
                client = TestClient(
                    app, base_url="http://localhost", follow_redirects=False, raise_server_exceptions=False
                )
                headers = {"Authorization": f"Bearer {officer.session}"} if path.startswith("/v1") else {}
                if not headers:
                    client.cookies.set(COOKIE, officer.session)
                taken, worked, status = [], [], 0
                for _ in range(TIMES):
                    start, begun = time.perf_counter(), time.process_time()
                    status = client.get(path.format(**seen), headers=headers).status_code
                    taken.append((time.perf_counter() - start) * 1e3)
                    worked.append((time.process_time() - begun) * 1e3)
                    if worked[-1] > 10 * GOAL:
                        break
                slow = "*" if min(worked) > GOAL else ""
                print(
                    f"{ROLES[name]:26} {path:62} {status:6} {min(worked):7.1f} {statistics.median(worked):7.1f}"
                    f" {min(taken):7.1f} {slow}",
                    flush=True,
                )


def make(folder: Path, rows: int) -> None:
    """A synthetic system with everything in it."""
    folder.mkdir(parents=True)
    made = make_folder(
        folder / "data", folder / "keys", profile="synthetic", administrator="ada",
        wrapping=KeyFile.make(folder / "key-file"), model="drawn:",
    )  # fmt: skip
    system = open_folder(folder / "data")
    officers(system, made.token)
    with system.database.look() as look:
        known = {person.name: person.id for person in look.find(Person)}
    fill(system, known, rows)
    log.seal(system)
    system.close()
    (folder / "ready").write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
