"""Time-stamps of checkpoints by an authority (RFC 3161): asked for and answered by files, for nothing is fetched.

With the extra `timestamps`. What is stamped is the checkpoint as the log's own key signed it, without cosignatures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec

from beholden.errors import BadInput, Untrusted

LACKING = "time-stamps need the extra `timestamps`: pip install 'beholden[timestamps]'"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time at which the authority saw a checkpoint, as it says."""

    at: datetime
    checkpoint: bytes


def request_for(checkpoint: bytes) -> bytes:
    """A time-stamp query (`.tsq`) over the SHA-512 of the checkpoint. Raises `BadInput` without the extra."""
    _check_there()
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    return TimestampRequestBuilder().data(checkpoint).hash_algorithm(HashAlgorithm.SHA512).build().as_bytes()


def verified(answer: bytes, authority: bytes, checkpoints: Iterable[bytes]) -> Stamp:
    """Which of the checkpoints an answer (`.tsr`) stamps, by an authority under this root certificate (PEM).

    Raises `BadInput` for what is no answer or no certificate, and `Untrusted` for a stamp of something else, or one that is
    not by that authority.
    """
    _check_there()
    from cryptography.x509 import load_pem_x509_certificates
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        roots = load_pem_x509_certificates(authority)
        response = decode_timestamp_response(answer)
        said, at = response.tst_info.message_imprint.message, response.tst_info.gen_time
    except (ValueError, TypeError) as wrong:
        raise BadInput(f"this is no time-stamp, or no certificate in PEM ({wrong}): check both files") from wrong
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    for checkpoint in checkpoints:
        if hashlib.sha512(checkpoint).digest() == said:
            try:
                builder.build().verify_message(response, checkpoint)
            except (VerificationError, ValueError) as wrong:
                raise Untrusted(f"the time-stamp is not by the authority of that certificate ({wrong})") from wrong
            return Stamp(at, checkpoint)
    raise Untrusted("the time-stamp is of no checkpoint of this log: check which answer you gave")


def _check_there() -> None:
    if find_spec("rfc3161_client") is None:
        raise BadInput(LACKING)
