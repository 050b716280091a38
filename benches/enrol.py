"""How fast a system takes images in, and how it behaves with many references.

    python benches/enrol.py                  the shipped model pack on the demo's people, stage by stage
    python benches/enrol.py --rows 100000    a folder of synthetic templates, written past the model straight into the
                                             records: start, first search, check, erasure of one, memory

Times in seconds. On a shared machine they move by half; nothing passes or fails by them.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from timed import Timed, nothing_spent

from beholden import demo
from beholden.actions import cases, check, enrol, erase, exhibits, people, request, search, sought
from beholden.actions.authorise import approve_authority, request_authority
from beholden.actions.probe import show_probe
from beholden.benching.references import write_references
from beholden.benching.throwaway import PURPOSE, make, own_folder
from beholden.keys.wrapping import KeyFile
from beholden.opening import open_folder
from beholden.ports.system import System
from beholden.records.authority import Necessity
from beholden.records.galleries import Gallery
from beholden.records.people import Officer, Role
from beholden.records.sources import Source
from beholden.testing.drawn import draw

Staff = dict[Role, Officer]


@contextmanager
def shown(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    print(f"{what:<58}{time.perf_counter() - start:9.3f} s   {memory():6.0f} MiB in memory", flush=True)


def memory() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def made(folder: Path, model: str) -> tuple[System, Staff, Source, Gallery]:
    new = make(folder, model, KeyFile.make(folder / "key-file"))
    staff = dict(new.staff)
    for role in (Role.INVESTIGATOR, Role.SUPERVISOR, Role.AUDITOR):
        people.add_person(new.system, new.staff[Role.ADMINISTRATOR], name=role, roles=(role,))
        staff[role] = people.sign_in_as(new.system, name=role)
    return new.system, staff, new.source, new.gallery


def enrol_people(folder: Path) -> None:
    system, staff, source, gallery = made(folder, "pack:yunet-sface")
    spent = nothing_spent()
    ports: dict[str, Any] = {
        name: Timed(getattr(system, name), name, spent) for name in ("media", "model", "keys", "blobs")
    }
    pictures = sorted((Path(str(demo.__file__)).parent / "people").glob("*.jpg"))
    start = time.perf_counter()
    faces = 0
    for picture in pictures:
        done = enrol.enrol_image(
            replace(system, **ports),
            staff[Role.STEWARD],
            picture.read_bytes(),
            source_id=source.id,
            gallery_id=gallery.id,
            taken_from=enrol.TakenFrom(picture.name, person_ref=picture.name[:4]),
        )
        faces += len(done.faces)
    whole = time.perf_counter() - start
    print(f"{len(pictures)} images, {faces} faces in {whole:.1f} s: {len(pictures) / whole:.1f} images/s")
    clock = {stage: seconds for stage, (_, _, seconds) in spent.items()}
    clock["the rest: records, policy, log"] = whole - sum(clock.values())
    for stage, seconds in sorted(clock.items(), key=lambda one: -one[1]):
        print(f"  {stage:<32}{1000 * seconds / len(pictures):8.2f} ms an image {100 * seconds / whole:5.1f} %")
    system.close()


def sought_authority(system: System, staff: Staff, gallery: Gallery) -> Callable[[], object]:
    """A search that can be run twenty times."""
    case = cases.open_case(system, staff[Role.INVESTIGATOR], reference="1", title="bench", purpose=PURPOSE)
    _, faces = exhibits.add_exhibit(
        system, staff[Role.INVESTIGATOR], draw(1), case_id=case.id, file="1.png", origin="synthetic", why="bench"
    )
    declared = sought.declare_sought(
        system, staff[Role.INVESTIGATOR], case_id=case.id, face_ids=[faces[0].id], subject_role="victim", why="bench"
    )
    now = system.clock.now()
    asked = request_authority(
        system,
        staff[Role.INVESTIGATOR],
        case_id=case.id,
        sought_id=declared.id,
        gallery_ids=[gallery.id],
        necessity=Necessity(
            "nothing that intrudes less was of any use to this bench",
            "a person is what this bench has to search for",
            "the figures of this machine are wanted just now",
        ),
        starts_at=now,
        ends_at=now + timedelta(hours=24),
        searches=20,
    )
    show_probe(system, staff[Role.SUPERVISOR], authority_id=asked.id)
    authority = approve_authority(system, staff[Role.SUPERVISOR], authority_id=asked.id)
    return lambda: search.run_search(system, staff[Role.INVESTIGATOR], authority_id=authority.id, sought_id=declared.id)


def many_references(folder: Path, rows: int) -> None:
    print(f"{rows:,} references of {rows:,} people")
    system, staff, source, gallery = made(folder, "drawn:")
    with shown("written, in transactions of 5,000"):
        write_references(system, source, gallery, rows)
    system.close()
    size = sum(path.stat().st_size for name in ("data", "keys") for path in (folder / name).rglob("*.db"))
    print(f"{'records.db and keys.db':<58}{size / 2**20:9.0f} MiB")
    with shown("opened (recover: keys and blobs that no record names)"):
        system = open_folder(folder / "data")
    run = sought_authority(system, staff, gallery)
    with shown("first search (the index is made from the records)"):
        run()
    for _ in range(3):
        with shown("another search"):
            run()
    with shown("one image enrolled"):
        enrolled = enrol.enrol_image(
            system,
            staff[Role.STEWARD],
            draw(5),
            source_id=source.id,
            gallery_id=gallery.id,
            taken_from=enrol.TakenFrom("5.png"),
        )
    with shown("a search after it"):
        run()
    with shown("checked"):
        findings = check.check(system, staff[Role.AUDITOR])
    print("".join(f"  {finding.part}: {finding.words}\n" for finding in findings), end="")
    asked = request.receive_request(
        system,
        staff[Role.PRIVACY_OFFICER],
        face_ids=[enrolled.faces[0].id],
        looked_for="by its id",
        subject="the bench",
    )
    request.grant_request(
        system, staff[Role.PRIVACY_OFFICER], request_id=asked.id, identity_checked=True, reason="the bench"
    )
    with shown("one reference erased, proven by a byte scan"):
        erase.erase(system, staff[Role.STEWARD], request_id=asked.id)
    with shown("a search after it"):
        run()
    system.close()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--rows", type=int, default=0, help="so many synthetic references instead of the demo's people")
    given = asked.parse_args()
    with own_folder() as folder:
        if given.rows:
            many_references(folder, given.rows)
        else:
            enrol_people(folder)


if __name__ == "__main__":
    main()
