"""Audited searches over HTTP in an open loop: a server of its own, a client of its own, arrivals at a fixed rate.

    python benches/pace.py --rows 100000 --rates 25 50 100     the ladder: p50, p99, the slowest and the errors a rate
    python benches/pace.py --rows 100000 --profile 50          one search at a time, in this process: where its time goes

Everything of a search is real but the reading of the photograph and the model: the picture of a sought is read once and its
template is drawn (model time apart). The rules stay as the pack has them, so the searches are spread over as many officers,
cases and authorities as these allow, and the requests over as many addresses of this machine as an office has computers.
In an open loop a request is sent when its time has come, whether or not those before it were answered; its time counts from
then. On a shared machine the figures by the clock say little; the processor's time a search is told beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from timed import Timed, nothing_spent

from beholden.actions import cases, exhibits, people, search, sought, training
from beholden.actions.authorise import approve_authority, request_authority
from beholden.actions.probe import show_probe
from beholden.benching.references import write_references
from beholden.benching.throwaway import PURPOSE, make, own_folder
from beholden.keys.wrapping import KeyFile
from beholden.opening import open_address, open_folder
from beholden.ports.media import Media, Picture
from beholden.ports.system import System
from beholden.records.authority import Necessity
from beholden.records.people import Officer, Role
from beholden.testing.drawn import draw

WARM = 20  # searches before those that count: the first of them makes the index
ADDRESSES = 8  # of this machine, from which the requests come
CONNECTIONS = 180  # open at a time; the server has room for 200


class Remembered:
    """A reader of pictures that reads each file once: reading is measured by `beholden bench decode`."""

    def __init__(self, media: Media) -> None:
        self._media = media
        self._read: dict[bytes, Picture] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._media, name)

    def decode(self, content: bytes) -> Picture:
        if content not in self._read:
            self._read[content] = self._media.decode(content)
        return self._read[content]


class Unwritten:
    """In place of the pictures of references, which no search reads: a hundred thousand files take minutes."""

    def put(self, content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class Asked:
    """A search that may be run, once for each use that the authority still has."""

    session: str
    authority_id: str
    sought_id: str


def opened(folder: Path, client: str) -> System:
    system = open_folder(folder / "data", client=client)
    return replace(system, media=Remembered(open_address("pillow:")))


def unlike(other: str) -> str:
    """Words that no other request has: one that repeats another is refused."""
    marks = hashlib.sha256(other.encode()).hexdigest()
    return " ".join(marks[at : at + 6] for at in range(0, 60, 6))


def prepare(folder: Path, rows: int, searches: int) -> list[Asked]:
    """A system with so many references, and as many searches as are wanted; officers take turns."""
    began = time.perf_counter()
    made = make(folder, "drawn:", KeyFile.make(folder / "key-file"))
    system = replace(made.system, media=Remembered(open_address("pillow:")))
    write_references(replace(system, blobs=Unwritten()), made.source, made.gallery, rows)
    rules, administrator = system.rules, made.staff[Role.ADMINISTRATOR]

    def joins(name: str, role: Role) -> Officer:
        person, _ = people.add_person(system, administrator, name=name, roles=(role,))
        training.enter_certificate(
            system, administrator, person_id=person.id, role=role, course="of a measurement", number="1"
        )
        return people.sign_in_as(system, name=name)

    authorities = math.ceil(searches / rules.max_searches)
    each = rules.max_searches_a_day // rules.max_searches
    approvers = [joins(f"supervisor {n}", Role.SUPERVISOR) for n in range(-(-authorities // rules.max_approvals_a_day))]
    asked: list[list[Asked]] = []
    for officer in range(-(-authorities // each)):
        investigator = joins(f"investigator {officer}", Role.INVESTIGATOR)
        case = cases.open_case(system, investigator, reference=str(officer), title="bench", purpose=PURPOSE)
        for one in range(each):
            number = officer * each + one
            if number == authorities:
                break
            _, faces = exhibits.add_exhibit(
                system,
                investigator,
                draw(number, width=256),
                case_id=case.id,
                file=f"{number}.png",
                origin="synthetic",
                why="bench",
                thorough=False,
            )
            declared = sought.declare_sought(
                system, investigator, case_id=case.id, face_ids=[faces[0].id], subject_role="victim", why="bench"
            )
            now = system.clock.now()
            wanted = request_authority(
                system,
                investigator,
                case_id=case.id,
                sought_id=declared.id,
                gallery_ids=[made.gallery.id],
                necessity=Necessity(*(unlike(f"{number} {part}") for part in range(3))),
                starts_at=now,
                ends_at=now + timedelta(hours=24),
                searches=rules.max_searches,
            )
            approver = approvers[number // rules.max_approvals_a_day]
            show_probe(system, approver, authority_id=wanted.id)
            approve_authority(system, approver, authority_id=wanted.id)
            asked.append([Asked(investigator.session, wanted.id, declared.id)] * rules.max_searches)
    system.close()
    turns = [one for turn in zip(*asked, strict=True) for one in turn]
    print(
        f"{rows:,} references, {len(asked)} authorities of {-(-len(asked) // each)} officers: made in "
        f"{time.perf_counter() - began:.0f} s",
        file=sys.stderr,
    )
    return turns[:searches]


# One search at a time, in this process


def profile(system: System, asked: Sequence[Asked], count: int) -> dict[str, Any]:
    """Where the time of one search goes: calls, ms of the processor and ms by the clock, of each part of the system."""
    spent = nothing_spent()
    parts = {name: Timed(getattr(system, name), name, spent) for name in ("keys", "policy", "index", "model", "blobs")}
    timed = replace(system, **parts)
    plain: list[float] = []
    for number, one in enumerate(asked[: WARM + 2 * count]):
        if number == WARM + count:
            gc.collect()
            spent.clear()
        system_now = system if number < WARM + count else timed
        began = time.thread_time()
        search.run_search(system_now, Officer("", one.session), authority_id=one.authority_id, sought_id=one.sought_id)
        if WARM <= number < WARM + count:
            plain.append((time.thread_time() - began) * 1000)
    return {
        "processor_ms": {"least": min(plain), "median": sorted(plain)[len(plain) // 2]},
        "parts": {
            name: {"calls": calls / count, "processor_ms": processor * 1000 / count, "clock_ms": clock * 1000 / count}
            for name, (calls, processor, clock) in sorted(spent.items(), key=lambda one: -one[1][1])
        },
    }


# A server and a client, each a process of its own


def serve(folder: Path) -> None:
    from beholden.cli.serve import Reach, serve_system
    from beholden.serving import holding

    with holding.hold(folder / "data") as held:
        system = opened(folder, "server")
        try:
            serve_system(system, Reach(port=0), held, ready=lambda address: print(address, flush=True))
        finally:
            system.close()


@contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    with tempfile.TemporaryFile("w+") as lines:
        server = subprocess.Popen(  # noqa: S603 - this very file
            [sys.executable, __file__, "--serve", str(folder)], stdout=subprocess.PIPE, stderr=lines, text=True
        )
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            if not address:
                server.wait()
                lines.seek(0)
                sys.exit(f"the server did not start:\n{lines.read()[-4000:]}")
            yield server, int(address.rpartition(":")[2])
        finally:
            server.terminate()
            server.wait(timeout=120)


def processor_of(pid: int) -> float:
    """Seconds of the processor that a process took so far, in all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Client:
    """HTTP/1.1 over connections that stay open, and no more of it than this needs: it shares the cores with the server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._opened = 0
        self._room = asyncio.Semaphore(CONNECTIONS)

    async def search(self, one: Asked) -> int:
        """The status of the answer; 0 where the connection broke."""
        body = json.dumps({"authority_id": one.authority_id, "sought_id": one.sought_id}).encode()
        head = (
            f"POST /v1/searches HTTP/1.1\r\nHost: localhost:{self._port}\r\nAuthorization: Bearer {one.session}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        async with self._room:
            try:
                reader, writer = await self._connection()
                writer.write(head.encode() + body)
                told = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = told.partition("content-length:")[2].partition("\r\n")[0]
                await reader.readexactly(int(length or 0))
            except (OSError, asyncio.IncompleteReadError):
                return 0
            if "connection: close" in told:
                writer.close()
            else:
                self._free.append((reader, writer))
        return int(told.split(" ", 2)[1])

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():
                return reader, writer
        self._opened += 1
        office = f"127.0.1.{1 + self._opened % ADDRESSES}"
        return await asyncio.open_connection("127.0.0.1", self._port, local_addr=(office, 0))


async def ask(port: int, asked: Sequence[Asked], rate: float) -> dict[str, Any]:
    """One search after another, each at its time. What it waits for a connection of the client counts too."""
    client, loop = Client(port), asyncio.get_running_loop()
    took: list[float] = []
    statuses: Counter[int] = Counter()
    late: list[float] = []

    async def one(wanted: Asked, due: float) -> None:
        statuses[await client.search(wanted)] += 1
        took.append(loop.time() - due)

    begins = loop.time() + 0.2
    tasks = []
    for number, wanted in enumerate(asked):
        due = begins + number / rate
        if (wait := due - loop.time()) > 0:
            await asyncio.sleep(wait)
        late.append(loop.time() - due)
        tasks.append(asyncio.create_task(one(wanted, due)))
    await asyncio.gather(*tasks)
    took.sort()
    return {
        "rate": rate,
        "searches": len(asked),
        "answered_a_second": len(asked) / (loop.time() - begins),
        "errors": len(asked) - statuses[201],
        "statuses": dict(statuses),
        "p50_ms": took[len(took) // 2] * 1000,
        "p99_ms": took[min(len(took) - 1, math.ceil(len(took) * 0.99) - 1)] * 1000,
        "max_ms": took[-1] * 1000,
        "sent_late_ms": max(late) * 1000,  # by the client itself
    }


def asked_apart(plan: Path, port: int, rate: float, first: int, count: int) -> dict[str, Any]:
    """The client, in a process of its own."""
    told = subprocess.run(  # noqa: S603
        [sys.executable, __file__, "--ask", str(plan), str(port), str(rate), str(first), str(count)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def ladder(folder: Path, asked: Sequence[Asked], rates: Sequence[float], seconds: float, limit_ms: float) -> Any:
    plan = folder / "plan.json"
    plan.write_text(json.dumps([asdict(one) for one in asked]))
    found, first = [], WARM
    with served(folder) as (server, port):
        asked_apart(plan, port, 2, 0, WARM)
        for rate in rates:
            count = math.ceil(rate * seconds)
            before, load = processor_of(server.pid), os.getloadavg()[0]
            one = asked_apart(plan, port, rate, first, count)
            one["processor_ms_a_search"] = (processor_of(server.pid) - before) * 1000 / count
            one["load_before"] = load
            one["holds"] = one["errors"] == 0 and one["p99_ms"] <= limit_ms
            found.append(one)
            first += count
            print(
                f"{rate:6.0f}/s  p50 {one['p50_ms']:7.1f}  p99 {one['p99_ms']:7.1f}  slowest {one['max_ms']:7.1f} ms  "
                f"errors {one['errors']}  processor {one['processor_ms_a_search']:.1f} ms a search  "
                f"(others' load before: {load:.1f})",
                file=sys.stderr,
            )
            time.sleep(2)
    held = [one["rate"] for one in found if one["holds"]]
    return {"p99_limit_ms": limit_ms, "rates": found, "highest_rate_held": max(held, default=None)}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--rates", type=float, nargs="+", default=[25, 50, 75, 100, 125])
    asked.add_argument("--seconds", type=float, default=15, help="of each rate")
    asked.add_argument("--limit", type=float, default=150, help="ms that the p99 of a rate may take")
    asked.add_argument("--profile", type=int, default=0, help="instead: so many searches one after another in here")
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--serve", help=argparse.SUPPRESS)
    asked.add_argument("--ask", nargs=5, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.serve:
        serve(Path(given.serve))
        return
    if given.ask:
        plan, port, rate, first, count = given.ask
        wanted = [Asked(**one) for one in json.loads(Path(plan).read_text())]
        print(json.dumps(asyncio.run(ask(int(port), wanted[int(first) : int(first) + int(count)], float(rate)))))
        return
    with own_folder() as folder:
        if given.profile:
            wanted = prepare(folder, given.rows, WARM + 2 * given.profile)
            system = opened(folder, "python")
            found = profile(system, wanted, given.profile)
            system.close()
        else:
            wanted = prepare(folder, given.rows, WARM + sum(math.ceil(rate * given.seconds) for rate in given.rates))
            found = ladder(folder, wanted, given.rates, given.seconds, given.limit)
    found = {"rows": given.rows, "cores": os.cpu_count(), **found}
    if given.json:
        print(json.dumps(found, indent=1))
    elif given.profile:
        print(
            f"processor: least {found['processor_ms']['least']:.2f}, median {found['processor_ms']['median']:.2f} ms a search"
        )
        for name, one in found["parts"].items():
            print(
                f"  {name:<24}{one['calls']:7.1f} calls{one['processor_ms']:9.3f} ms of the processor{one['clock_ms']:9.3f} ms"
            )
    else:
        print(
            f"highest rate at which p99 stays within {given.limit:g} ms without an error: {found['highest_rate_held']}"
        )


if __name__ == "__main__":
    main()
