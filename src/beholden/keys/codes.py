"""One-time codes by pyotp (RFC 6238: SHA-1, six digits, half a minute), as every app knows them."""

from __future__ import annotations

from datetime import datetime

import pyotp

PERIOD = 30  # seconds
DIGITS = 6


class TotpCodes:
    """Implements `ports.authenticators.Codes`."""

    def secret(self) -> str:
        return pyotp.random_base32()  # 160 bits, as RFC 4226 recommends

    def address(self, secret: str, *, name: str, issuer: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)

    def step(self, secret: str, code: str, now: datetime) -> int | None:
        given = code.replace(" ", "")
        if len(given) != DIGITS or not (given.isascii() and given.isdigit()):
            return None
        totp, present = pyotp.TOTP(secret), int(now.timestamp()) // PERIOD
        # RFC 6238 allows one step for the clock of the telephone. All three are compared, whichever it is.
        right = [
            step for step in (present - 1, present, present + 1) if pyotp.utils.strings_equal(_of(totp, step), given)
        ]
        return max(right) if right else None


def _of(totp: pyotp.TOTP, step: int) -> str:
    return totp.generate_otp(step)
