"""The text of a request to bring back an administrator, `beholden/recovery/v1`: canonical JSON that custodians sign as a note."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from beholden.errors import Untrusted
from beholden.formats import notes
from beholden.records.audit import canonical, instant
from beholden.records.names import wrong_in_name
from beholden.records.recovery import Recovery

HEADER = "beholden/recovery/v1"
FIELDS = ("origin", "administrator", "nonce", "at")
MOST_BYTES = 4000


def written(recovery: Recovery) -> str:
    """The text, still unsigned. Raises ValueError for a name that nobody can have."""
    if wrong := wrong_in_name(recovery.administrator):
        raise ValueError(wrong)
    content = {
        "origin": recovery.origin,
        "administrator": recovery.administrator,
        "nonce": recovery.nonce,
        "at": instant(recovery.at),
    }
    return f"{HEADER}\n{canonical(content).decode()}\n"


def recovery_of(text: str) -> Recovery:
    """What a text asks for. Raises `Untrusted` for any other, and for one that is not in the one canonical form."""
    header, _, line = text.partition("\n")
    try:
        content = json.loads(line)
        if header != HEADER or not isinstance(content, dict) or set(content) != set(FIELDS):
            raise ValueError("it has another header, or other fields")
        if not all(isinstance(one, str) for one in content.values()) or not re.fullmatch(
            "[0-9a-f]{32}", content["nonce"]
        ):
            raise ValueError("a field is not what it must be")
        if wrong_in_name(content["administrator"]) or canonical(content).decode() + "\n" != line:
            raise ValueError("it is not written in the one canonical form, or names nobody")
        at = datetime.strptime(content["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as wrong:
        raise Untrusted(f"this is no request to bring back an administrator: {wrong}") from wrong
    return Recovery(content["origin"], content["administrator"], content["nonce"], at)


def signed_by(given: Sequence[bytes], vkeys: Mapping[str, str]) -> tuple[Recovery, str, tuple[str, ...]]:
    """The one request that all these notes are of, its text, and who signed it: the ids that `vkeys` has for their keys.

    Signatures by other keys count for nothing. Raises `Untrusted` for a bad signature by one of these keys, for what is no
    note, and for notes of several texts.
    """
    texts: set[str] = set()
    signers: set[str] = set()
    for note in given:
        if len(note) > MOST_BYTES * 10:
            raise Untrusted("a signed request has a few thousand bytes, and this is longer: check what you gave")
        text, signed = notes.verified(note, sorted(vkeys))
        texts.add(text)
        signers.update(vkeys[one.key.vkey] for one in signed)
    if len(texts) != 1:
        raise Untrusted("these are several requests; let the custodians sign one and the same")
    [text] = texts
    return recovery_of(text), text, tuple(sorted(signers))
