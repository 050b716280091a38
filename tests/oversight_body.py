"""The oversight body of a test's agency: it holds a key, and writes orders."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from beholden.formats.notes import vkey
from beholden.formats.orders import write_order
from beholden.policy.handover import make_signer
from beholden.policy.packs import Signer
from beholden.records.orders import Ordered, OrderKind

GIVEN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REASON = "searches outside cases, under inquiry"


@cache
def _made() -> tuple[Signer, bytes]:
    return make_signer("oversight")


def signer() -> Signer:
    return _made()[0]


def pem(*, another: bool = False) -> bytes:
    """The private key of the oversight body, or one of somebody else."""
    return make_signer("oversight")[1] if another else _made()[1]


def pins() -> tuple[str, str]:
    """The public keys of the agency, whose private one nobody here needs, and of the oversight body."""
    bodies = (make_signer("agency")[0], signer())
    agency, oversight = (vkey(body.name, body.public) for body in bodies)
    return agency, oversight


def order(
    kind: str,
    *scope: str,
    number: int = 1,
    origin: str,
    reason: str = REASON,
    given_at: datetime = GIVEN,
    until: datetime | None = None,
    by: Signer | None = None,
) -> bytes:
    """A signed order, by the oversight body unless somebody else signs."""
    body = by or signer()
    ordered = Ordered(origin, number, OrderKind(kind), scope, given_at, until, reason)
    return write_order(ordered, body.name, body.public, body.sign)
