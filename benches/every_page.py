"""How long the server takes for every page, for each role that may see it, among 100,000 faces and 1,000 cases.

    PYTHONPATH=. python benches/every_page.py --faces 100000 --cases 1000

The pages are those of `tests/web/page_table.py`, each at its own stage of the small office of the tests, into which so many
references, cases, sources, galleries, people, authorities, searches, requests and entries of the log are written before.
Records lie in files, the sealed pictures in memory. Milliseconds of the processor until the answer is there, through the
whole application with guards and sign-in: the median and the 95th of a hundred, of `--times` requests after the first.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pysqlite3.dbapi2
from lists import fill

from beholden.actions import log
from beholden.benching.references import write_references
from beholden.clock import WallClock
from beholden.database.revisions import REVISIONS
from beholden.database.sql import SqlDatabase
from beholden.records.authority import Authority
from beholden.records.cases import Case
from beholden.records.galleries import Gallery, GalleryState
from beholden.records.people import Person
from beholden.records.requests import Request
from beholden.records.searches import Search
from beholden.records.sought import Sought
from beholden.records.sources import Source
from tests.api.client import pages_of
from tests.api.everywhere import ASKERS, Everywhere, Stage, founded
from tests.web.page_table import PAGES
from tests.web.test_pages_matrix import Window

GOAL, OPEN_GALLERIES = 100, 20
# Behind a button that says so, this counts what every term is about; the page itself is measured.
WITHOUT_ITS_BUTTON = {"GET /retention"}


def enlarge(there: Everywhere, cases: int) -> None:
    """Written into the stage that all others are made of."""
    agency = there.agency
    known: dict[str, str] = defaultdict(lambda: WallClock().new_id())
    known |= {one.name: one.id for one in agency.find(Person)}
    before = set(agency.system.keys.names())
    fill(agency.system, known, cases)
    with agency.system.database.begin() as tx:
        written = [one for kind in (Case, Gallery, Source, Sought, Authority, Search, Request) for one in tx.find(kind)]
        agency.system.keys.create(sorted({one.id for one in written} - before - set(agency.system.keys.names())))
        for gallery in tx.find(Gallery, order="name")[OPEN_GALLERIES:]:  # an agency has a few, and old ones
            if gallery.id != there.own["gallery_id"]:
                tx.change(gallery, state=GalleryState.CLOSED)
    log.seal(agency.system)


@dataclass
class Disk:
    """Every stage with its records in a file, and with the same references in it: in memory each look would copy them all."""

    folder: Path
    faces: int
    made: dict[str, Everywhere] = field(default_factory=dict)
    references: Path | None = None
    keys: dict[str, object] = field(default_factory=dict)

    def of(self, stage: Stage) -> Everywhere:
        name = getattr(stage, "__name__", "") or stage.__wrapped__.__name__  # type: ignore[attr-defined]
        if name not in self.made:
            self.made[name] = self._on_disk(stage().copy(), name)
        return self.made[name]

    def _on_disk(self, there: Everywhere, name: str) -> Everywhere:
        path = self.folder / f"{name}.db"
        there.agency.system.database._store._held.execute("VACUUM INTO ?", (str(path),))  # type: ignore[attr-defined]
        with closing(pysqlite3.dbapi2.connect(str(path), isolation_level=None)) as file:
            file.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")  # in memory there is none
            file.execute("INSERT INTO alembic_version VALUES (?)", (REVISIONS[-1],))
            if self.references is not None:
                file.execute("ATTACH ? AS other", (str(self.references),))
                file.execute("INSERT OR IGNORE INTO main.images SELECT * FROM other.images")
                file.execute("INSERT OR IGNORE INTO main.faces SELECT * FROM other.faces")
        database = SqlDatabase(f"sqlite:///{path}")
        database.seal_under(there.agency.system.keys)
        agency = there.agency.with_parts(database=database)
        if self.references is None:
            source, gallery = agency.get(Source, there.own["source_id"]), agency.get(Gallery, there.own["gallery_id"])
            write_references(agency.system, source, gallery, self.faces)
            self.references, self.keys = path, dict(agency.system.keys._keys)  # type: ignore[attr-defined]
        for id, key in self.keys.items():
            agency.system.keys._keys.setdefault(id, key)  # type: ignore[attr-defined]
        return Everywhere(agency, there.own, there.foreign)


def main() -> None:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--faces", type=int, default=100_000)
    asked.add_argument("--cases", type=int, default=1_000)
    asked.add_argument("--times", type=int, default=20)
    asked.add_argument("--path", default="", help="only pages whose address begins so")
    given = asked.parse_args()
    begun = time.perf_counter()
    enlarge(founded(), given.cases)
    slow = 0
    with TemporaryDirectory() as folder, pages_of(founded().copy().agency) as door:
        disk = Disk(Path(folder), given.faces)
        disk.of(founded)
        print(f"{given.faces:,} faces, {given.cases:,} cases, written in {time.perf_counter() - begun:.0f} s; ms")
        print(f"{'page':58} {'role':16} {'status':>6} {'median':>7} {'p95':>7}", flush=True)
        for name, asked_as in PAGES.items():
            if not name.startswith("GET") or not name.partition(" ")[2].startswith(given.path):
                continue
            row = replace(asked_as, how={}) if name in WITHOUT_ITS_BUTTON else asked_as
            window = Window(disk.of(row.stage), door)
            gc.collect()
            gc.freeze()  # what the bench itself holds, many offices at once, is no part of a server
            for role, asker in ASKERS.items():
                if str(role) not in row.own.split():
                    continue
                taken, status = [], 0
                for _ in range(given.times + 1):
                    start = time.process_time()
                    status = window.ask(name, row, "own", asker).status_code
                    taken.append((time.process_time() - start) * 1e3)
                first, *rest = taken
                rest.sort()
                p95 = rest[min(len(rest) - 1, int(len(rest) * 0.95))]
                slow += p95 > GOAL
                mark = "*" if p95 > GOAL else ""
                print(
                    f"{name[4:]:58} {role:16} {status:6} {rest[len(rest) // 2]:7.1f} {p95:7.1f} {mark:1} (first {first:.0f})",
                    flush=True,
                )
    print(f"{slow} above {GOAL} ms")


if __name__ == "__main__":
    main()
