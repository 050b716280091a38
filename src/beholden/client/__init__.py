"""The typed client of a server's REST: `Client` for plain programs, `AsyncClient` for those that await.

    with Client("http://localhost:8000") as client:
        client.sign_in(name="ines", passphrase=passphrase)
        case = client.cases.open(reference="2026-117", purpose="victim-id-cse")

Answers are the shapes of `beholden.api.shapes`; what goes wrong is raised as the errors of `beholden.errors`, with every
reason and the entry of the log. A request whose connection broke is sent once more, under the same Idempotency-Key. Nothing
heavy is imported.
"""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import Self

from beholden.client.casework import Authorities, Cases, Evidence, Exhibits, Notices, Soughts
from beholden.client.exigents import Exigents
from beholden.client.incidents import Incidents
from beholden.client.lines import AsyncLine, Line, exchange_at
from beholden.client.operations import L
from beholden.client.oversight import (
    Calibrations,
    Erasures,
    Evaluations,
    Log,
    Models,
    Orders,
    Pictures,
    Ready,
    References,
    Requests,
    Restrictions,
)
from beholden.client.patterns import OffPattern, Samples
from beholden.client.people import ApiKeys, People, Sessions
from beholden.client.photographs import GivenPhotographs
from beholden.client.register import Archives, Asides, Galleries, Images, Sources
from beholden.client.searching import Comparisons, Disclosures, Examinations, Reviews, Searches

__all__ = ["AsyncClient", "Client"]

TIMEOUT_S = 300.0  # an erasure looks at every byte of every store before it answers
PAGE = 100


class Nouns(Sessions[L]):
    """Everything that the door has, over a line; who is signed in acts."""

    def __init__(self, line: L) -> None:
        super().__init__(line)
        self.api_keys: ApiKeys[L] = ApiKeys(line)
        self.people: People[L] = People(line)
        self.sources: Sources[L] = Sources(line)
        self.galleries: Galleries[L] = Galleries(line)
        self.images: Images[L] = Images(line)
        self.archives: Archives[L] = Archives(line)
        self.asides: Asides[L] = Asides(line)
        self.cases: Cases[L] = Cases(line)
        self.exhibits: Exhibits[L] = Exhibits(line)
        self.evidence: Evidence[L] = Evidence(line)
        self.notices: Notices[L] = Notices(line)
        self.soughts: Soughts[L] = Soughts(line)
        self.authorities: Authorities[L] = Authorities(line)
        self.exigents: Exigents[L] = Exigents(line)
        self.searches: Searches[L] = Searches(line)
        self.comparisons: Comparisons[L] = Comparisons(line)
        self.reviews: Reviews[L] = Reviews(line)
        self.examinations: Examinations[L] = Examinations(line)
        self.disclosures: Disclosures[L] = Disclosures(line)
        self.references: References[L] = References(line)
        self.requests: Requests[L] = Requests(line)
        self.photographs: GivenPhotographs[L] = GivenPhotographs(line)
        self.restrictions: Restrictions[L] = Restrictions(line)
        self.erasures: Erasures[L] = Erasures(line)
        self.models: Models[L] = Models(line)
        self.evaluations: Evaluations[L] = Evaluations(line)
        self.calibrations: Calibrations[L] = Calibrations(line)
        self.pictures: Pictures[L] = Pictures(line)
        self.incidents: Incidents[L] = Incidents(line)
        self.patterns: OffPattern[L] = OffPattern(line)
        self.samples: Samples[L] = Samples(line)
        self.orders: Orders[L] = Orders(line)
        self.log: Log[L] = Log(line)
        self.readiness: Ready[L] = Ready(line)


class Client(Nouns[Line]):
    def __init__(
        self,
        address: str,
        *,
        bearer: str = "",
        timeout_s: float = TIMEOUT_S,
        page: int = PAGE,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`bearer`: a key that signing in gave before. `page`: how many of a list are fetched at a time, 1 to 200. `tls`:
        where the system's own authorities do not know the server's certificate.

        Raises `BadInput` for an address of another machine that is not https.
        """
        super().__init__(Line(exchange_at(address, bearer, page), timeout_s, tls))

    def close(self) -> None:
        """Forget the key and let the connections go. The session goes on; `sign_out` ends it."""
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self._line.exchange.origin!r})"


class AsyncClient(Nouns[AsyncLine]):
    def __init__(
        self,
        address: str,
        *,
        bearer: str = "",
        timeout_s: float = TIMEOUT_S,
        page: int = PAGE,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """As `Client`; every operation is awaited, and lists are gone through with `async for`."""
        super().__init__(AsyncLine(exchange_at(address, bearer, page), timeout_s, tls))

    async def close(self) -> None:
        """Forget the key and let the connections go. The session goes on; `sign_out` ends it."""
        await self._line.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncClient({self._line.exchange.origin!r})"
