"""An entry of the log: a leaf that tells what was done and commits to the rest, with values and salts kept apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from beholden.records.people import Role
from beholden.records.retention import Kept

Value = str | int | bool | list[str]  # what an item may say; never a float: a leaf must have one form only

SALT_BYTES = 32
MAX_LEAF_BYTES = 65_535  # a tlog-tiles entry bundle counts a leaf's length in two bytes


@dataclass(frozen=True, slots=True)
class Entry:
    n: int
    kept: Kept
    leaf: bytes
    leaf_hash: bytes  # RFC 6962


@dataclass(frozen=True, slots=True)
class Item:
    """One value of an entry: sealed with its salt under the key of the record it names, and gone when that is."""

    id: str  # "n/position"
    n: int
    name: str
    record_id: str
    sealed: bytes  # salt ‖ canonical JSON of the value


@dataclass(frozen=True, slots=True)
class Checkpoint:
    size: int
    root: bytes
    note: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Cosignature:
    """That a witness saw a checkpoint continue the log. The line proves it; what was seen on paper, the entry does."""

    id: str  # "size/name"
    size: int
    name: str
    line: str  # with its newline; empty of a witness on paper
    entry: int  # of the log, for a witness on paper; else -1
    at: datetime


@dataclass(frozen=True, slots=True)
class Commitment:
    name: str
    commitment: str


# One for all: making it takes longer than writing most values.
_TEXT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def canonical(value: object) -> bytes:
    """Canonical JSON (RFC 8785) of strings, integers, booleans, null, lists and objects.

    With keys sorted by UTF-16 code units and without floats, the standard library's compact form is the same bytes.
    Raises TypeError for a float.
    """
    return _TEXT(_plain(value)).encode()


def _plain(value: object) -> object:
    if value.__class__ is str:  # most of them
        return value
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value, key=lambda key: str(key).encode("utf-16-be"))}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in the log")


def commit(salt: bytes, value: Value) -> str:
    """SHA-256 of salt ‖ canonical value, in hex. Who has salt and value can check it; who has neither learns nothing."""
    return commit_to(salt + canonical(value))


def commit_to(said: bytes) -> str:
    """The commitment to salt ‖ canonical value, put together already."""
    return hashlib.sha256(said).hexdigest()


def instant(at: datetime) -> str:
    """`2026-11-22T20:41:00.123Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def leaf(
    *,
    n: int,
    at: datetime,
    event: str,
    operation: str,
    role: str,
    purpose: str,
    outcome: str,
    rules: Sequence[str],
    items: Sequence[Commitment],
) -> bytes:
    """The bytes that the tree is built over. Raises ValueError if they are too long for the log."""
    content = canonical(
        {
            "n": n,
            "at": instant(at),
            "event": event,
            "operation": operation,
            "role": role,
            "purpose": purpose,
            "outcome": outcome,
            "rules": list(rules),
            "items": [{"name": item.name, "commitment": item.commitment} for item in items],
        }
    )
    if len(content) > MAX_LEAF_BYTES:
        raise ValueError(
            f"the log entry has {len(content)} bytes (at most {MAX_LEAF_BYTES}): tell it in several entries"
        )
    return content


# The six operations that the Law Enforcement Directive names (Art. 25), and two of our own.
COLLECTION, ALTERATION, CONSULTATION = "collection", "alteration", "consultation"
DISCLOSURE, COMBINATION, ERASURE = "disclosure", "combination", "erasure"
ADMINISTRATION, AUTHORISATION = "administration", "authorisation"

# What reads a stranger's file: the policy is told which walls around the reader are missing.
READS_FILES = ("image.enrolled", "archive.read", "exhibit.added", "photograph.given")

# What asks for a person who proved a short while ago who they are (REQ 114): whose screen was left alone, or whose session
# was stolen, does none of it.
STEPPED_UP = frozenset(
    {
        "backup.made",
        "custodians.changed",
        "disposal.run",
        "search.started",
        "comparison.made",
        "exigent.begun",
        "exigent.upheld",
        "comparison.read",
        "search.read",
        "lead.shown",
        "picture.revealed",
        "search.replayed",
        "sequestration.opened",
        "authority.approved",
        "review.opened",
        "review.shown",
        "examination.opened",
        "examination.shown",
        *("disclosure.made", "disclosure.previewed", "disclosure.read"),
        "examiner.registered",
        "examination.sent",
        "photograph.compared",
        "person.added",
        "person.changed",
        "person.resumed",
        "person.replaced",
        "person.token_renewed",
        "person.linked",
        "person.link_confirmed",
        "certificate.entered",
        "link.made",
        "model.added",
        "upgrade.begun",
        "upgrade.switched",
        "upgrade.returned",
        "upgrade.purged",
        "passkey.added",
        "passkey.removed",
        "totp.begun",
        "totp.removed",
        "api_key.made",
        "recovery_key.pinned",
    }
)

# What asks for a certificate of training that counts today, and for which role (REQ 100). Lists, pairs and opinions that were
# opened before it ended wait for the new one too.
NEEDS_CERTIFICATE: Mapping[str, Role] = MappingProxyType(
    {
        "image.enrolled": Role.STEWARD,
        "archive.read": Role.STEWARD,
        "search.started": Role.INVESTIGATOR,
        "comparison.made": Role.INVESTIGATOR,
        "exigent.begun": Role.INVESTIGATOR,
        "exigent.upheld": Role.SUPERVISOR,
        **dict.fromkeys(("disclosure.made", "disclosure.previewed"), Role.INVESTIGATOR),
        "authority.approved": Role.SUPERVISOR,
        "review.opened": Role.EXAMINER,
        "review.shown": Role.EXAMINER,
        "review.decided": Role.EXAMINER,
        "review.finished": Role.EXAMINER,
        **dict.fromkeys(("examination.opened", "examination.shown"), Role.EXAMINER),
        **dict.fromkeys(("examination.described", "examination.viewed"), Role.EXAMINER),
        **dict.fromkeys(("examination.locked", "examination.revised"), Role.EXAMINER),
        "photograph.compared": Role.PRIVACY_OFFICER,
    }
)

# Every event that the log knows, with its operation. A refused or failed act has the event it would have had.
OPERATIONS = {
    "system.initialised": ADMINISTRATION,
    "system.checked": ADMINISTRATION,
    "system.upgraded": ADMINISTRATION,
    "model.added": ADMINISTRATION,
    "upgrade.begun": ADMINISTRATION,
    "upgrade.switched": ADMINISTRATION,
    "upgrade.returned": ADMINISTRATION,
    "upgrade.purged": ERASURE,
    "upgrade.finished": ERASURE,
    "policy.adopted": AUTHORISATION,
    "policy.announced": AUTHORISATION,
    "order.applied": AUTHORISATION,
    "person.added": ADMINISTRATION,
    "person.changed": ADMINISTRATION,
    "person.suspended": ADMINISTRATION,
    "person.resumed": ADMINISTRATION,
    "person.replaced": ADMINISTRATION,
    "person.token_renewed": ADMINISTRATION,
    "person.accepted": ADMINISTRATION,
    "certificate.entered": ADMINISTRATION,
    "certificate.revoked": ADMINISTRATION,
    "session.opened": ADMINISTRATION,
    "session.refreshed": ADMINISTRATION,
    "session.ended": ADMINISTRATION,
    "passkey.added": ADMINISTRATION,
    "passkey.removed": ADMINISTRATION,
    "totp.begun": ADMINISTRATION,
    "totp.confirmed": ADMINISTRATION,
    "totp.removed": ADMINISTRATION,
    "link.made": ADMINISTRATION,
    "api_key.made": ADMINISTRATION,
    "api_key.revoked": ADMINISTRATION,
    "person.signed_out": ADMINISTRATION,
    "recovery_key.pinned": ADMINISTRATION,
    "recovery_key.removed": ADMINISTRATION,
    "person.recovered": ADMINISTRATION,
    "person.linked": ADMINISTRATION,
    "person.link_confirmed": ADMINISTRATION,
    "person.unlinked": ADMINISTRATION,
    "command.stopped": ADMINISTRATION,
    "source.proposed": ADMINISTRATION,
    "source.approved": AUTHORISATION,
    "source.refused": AUTHORISATION,
    "source.suspended": AUTHORISATION,
    "source.resumed": AUTHORISATION,
    "gallery.opened": ADMINISTRATION,
    "gallery.closed": ADMINISTRATION,
    "gallery.certified": ADMINISTRATION,
    "gallery.turned": ADMINISTRATION,
    "image.enrolled": COLLECTION,
    "archive.read": COLLECTION,
    "aside.shown": CONSULTATION,
    "image.judged": COLLECTION,
    "image.told_apart": ALTERATION,
    "image.fingerprinted": ALTERATION,
    "face.embedded": ALTERATION,
    "case.opened": ADMINISTRATION,
    "case.assigned": ADMINISTRATION,
    "case.closed": ADMINISTRATION,
    "case.reopened": ADMINISTRATION,
    "outcome.read": CONSULTATION,
    "exhibit.added": COLLECTION,
    "exhibit.face_drawn": COLLECTION,
    "exhibit.face_edited": ALTERATION,
    "exhibit.shown": CONSULTATION,
    "exhibit.frame_shown": CONSULTATION,
    "chip.revealed": CONSULTATION,
    "exhibit.removed": ALTERATION,
    "sought.declared": COMBINATION,
    "sought.withdrawn": ALTERATION,
    "authority.drafted": AUTHORISATION,
    "authority.requested": AUTHORISATION,
    "authority.returned": AUTHORISATION,
    "authority.approved": AUTHORISATION,
    "authority.refused": AUTHORISATION,
    "authority.revoked": AUTHORISATION,
    "authority.withdrawn": AUTHORISATION,
    "authority.expired": AUTHORISATION,
    "probe.shown": CONSULTATION,
    "evidence.imported": COLLECTION,
    "notice.sent": ADMINISTRATION,
    "exigent.begun": AUTHORISATION,
    "exigent.upheld": AUTHORISATION,
    "exigent.refused": AUTHORISATION,
    "exigent.lapsed": AUTHORISATION,
    "exigent.lapse_closed": AUTHORISATION,
    "search.started": COMBINATION,
    "search.finished": COMBINATION,
    "comparison.made": COMBINATION,
    "comparison.read": CONSULTATION,
    "search.read": CONSULTATION,
    "lead.shown": CONSULTATION,
    "picture.revealed": CONSULTATION,
    "review.opened": CONSULTATION,
    "review.shown": CONSULTATION,
    "review.decided": ALTERATION,
    "review.finished": ALTERATION,
    "examination.opened": CONSULTATION,
    "examination.shown": CONSULTATION,
    **dict.fromkeys(("examination.described", "examination.viewed"), ALTERATION),
    "examination.locked": ALTERATION,
    "examination.revised": ALTERATION,
    "examiner.registered": ADMINISTRATION,
    "examination.sent": DISCLOSURE,
    "examination.taken_back": ALTERATION,
    "examination.lapsed": ALTERATION,
    "search.unsealed": ALTERATION,
    "exigent.sequestered": ALTERATION,
    "sequestration.sealed": ERASURE,
    "sequestration.opened": CONSULTATION,
    "sequestration.destroyed": ERASURE,
    "disclosure.previewed": CONSULTATION,
    "disclosure.made": DISCLOSURE,
    "disclosure.confirmed": DISCLOSURE,
    "disclosure.recalled": DISCLOSURE,
    "lead.refuted": DISCLOSURE,
    "disclosure.read": CONSULTATION,
    "reference.found": CONSULTATION,
    "reference.shown": CONSULTATION,
    "request.received": ADMINISTRATION,
    "request.read": CONSULTATION,
    "request.identity_checked": ADMINISTRATION,
    "request.records_chosen": ALTERATION,
    "request.granted": AUTHORISATION,
    "request.refused": AUTHORISATION,
    "request.withdrawn": ADMINISTRATION,
    "request.restricted": ALTERATION,
    "restriction.kept": ALTERATION,
    "restriction.ended": ALTERATION,
    "photograph.given": COLLECTION,
    "photograph.shown": CONSULTATION,
    "photograph.compared": COMBINATION,
    "photograph.taken_back": ALTERATION,
    "photograph.destroyed": ERASURE,
    "erasure.started": ERASURE,
    "erasure.finished": ERASURE,
    "erasure.read": CONSULTATION,
    "evaluation.started": COMBINATION,
    "evaluation.finished": COMBINATION,
    "calibration.proposed": AUTHORISATION,
    "calibration.accepted": AUTHORISATION,
    "calibration.refused": AUTHORISATION,
    "pattern.read": CONSULTATION,
    "reference.planted": ADMINISTRATION,
    "reference.unplanted": ADMINISTRATION,
    "sample.drawn": ADMINISTRATION,
    "sample.judged": ADMINISTRATION,
    "sample.read": CONSULTATION,
    "search.replayed": COMBINATION,
    "incident.opened": ADMINISTRATION,
    "incident.reported": ADMINISTRATION,
    "incident.contained": ADMINISTRATION,
    "incident.judged": ADMINISTRATION,
    "incident.closed": ADMINISTRATION,
    "witness.configured": ADMINISTRATION,
    "provider.configured": ADMINISTRATION,
    "witness.refused": ADMINISTRATION,
    "log.witnessed_on_paper": ADMINISTRATION,
    "entry.proven": DISCLOSURE,
    "statement.made": DISCLOSURE,
    "log.read": CONSULTATION,
    "log.verified": ADMINISTRATION,
    "log.exported": DISCLOSURE,
    "index.rebuilt": ADMINISTRATION,
    "index.checked": ADMINISTRATION,
    "epoch.begun": ADMINISTRATION,
    "custodians.changed": ADMINISTRATION,
    "backup.made": ADMINISTRATION,
    "disposal.run": ERASURE,
}
