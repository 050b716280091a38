"""An ID token counts only when its issuer signed it, for us, for this sign-in, and it lasts; all else is nobody."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from beholden.keys.oidc import checked
from beholden.ports.providers import Vouched

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
ISSUER, CLIENT, NONCE = "https://sign-in.example", "beholden", "n" * 64
GOOD = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "8d1f2c",
    "exp": AT + 300,
    "iat": AT,
    "nonce": NONCE,
    "auth_time": AT - 5,
    "acr": "urn:strong",
    "amr": ["hwk", "pin"],
}
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
KEYS = {
    "RS256": RSA,
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
}


def token(claims: dict[str, Any], algorithm: str = "RS256", key: Any = None, **header: str) -> str:
    signing = KEYS[algorithm] if key is None else key
    return jwt.encode({"alg": algorithm, "kid": signing.kid or "", **header}, claims, signing, algorithms=[algorithm])


def published(*keys: Any) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=isinstance(key, OctKey)) for key in keys or KEYS.values()]}


def told(made: str, keys: dict[str, Any] | None = None, claim: str = "sub", nonce: str = NONCE) -> Vouched | None:
    known = published() if keys is None else keys
    return checked(made, known, issuer=ISSUER, client_id=CLIENT, claim=claim, nonce=nonce, now=NOW)


@pytest.mark.parametrize("algorithm", list(KEYS))
def test_a_good_token_tells_who_when_and_how(algorithm: str) -> None:
    at = datetime.fromtimestamp(AT - 5, UTC)
    assert told(token(GOOD, algorithm)) == Vouched("8d1f2c", at, "urn:strong", ("hwk", "pin"))


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://sign-in.example.org"},
        {"iss": ISSUER + "/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": []},
        {"aud": None},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"exp": AT - 60},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": AT + 60},
        {"iat": None},
        {"nonce": "m" * 64},
        {"nonce": ""},
        {"nonce": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": None},
    ],
    ids=str,
)
def test_one_claim_that_does_not_hold_makes_it_nobodys(change: dict[str, Any]) -> None:
    claims = {name: value for name, value in {**GOOD, **change}.items() if value is not None}
    assert told(token(claims)) is None


def test_what_binds_it_to_us_may_be_one_of_several_if_it_was_asked_for_by_us() -> None:
    assert told(token({**GOOD, "aud": [CLIENT, "another"], "azp": CLIENT}))
    assert told(token({**GOOD, "aud": [CLIENT]}))


def test_a_token_without_a_nonce_is_nobodys_even_if_none_was_asked_for() -> None:
    assert told(token({**GOOD, "nonce": ""}), nonce="") is None


def test_only_the_issuers_keys_and_no_shared_secret_sign() -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "rsa"})
    assert told(token(GOOD, key=stranger)) is None
    secret = OctKey.generate_key(256, {"kid": "secret"})
    shared = token(GOOD, "HS256", secret)
    assert told(shared) is None
    assert told(shared, published(secret, RSA)) is None
    # The public key taken for a secret: what a careless check would accept.
    head, body, _ = token(GOOD).split(".")
    by_secret = urlsafe_b64encode(b'{"alg":"HS256","kid":"rsa"}').rstrip(b"=").decode()
    mark = hmac.digest(RSA.as_pem(private=False), f"{by_secret}.{body}".encode(), "sha256")
    assert told(f"{by_secret}.{body}.{urlsafe_b64encode(mark).rstrip(b'=').decode()}") is None
    assert told(f"{head}.{body}.") is None
    unsigned = "eyJhbGciOiJub25lIn0"
    assert told(f"{unsigned}.{body}.") is None
    assert told(token(GOOD, "RS256").replace(head, unsigned)) is None


@pytest.mark.parametrize("made", ["", "a.b", "a.b.c", "é.é.é", "a" * 10_000, "..", "{}"])
def test_what_is_no_token_is_nobodys(made: str) -> None:
    assert told(made) is None


@pytest.mark.parametrize(
    "keys", [{}, {"keys": []}, {"keys": "x"}, {"keys": [{}]}, {"keys": [7]}, {"keys": None}], ids=str
)
def test_keys_that_cannot_be_read_sign_nothing(keys: dict[str, Any]) -> None:
    assert told(token(GOOD), keys) is None


def test_another_claim_may_name_the_person() -> None:
    assert told(token({**GOOD, "employee": "117"}), claim="employee").subject == "117"  # type: ignore[union-attr]
    assert told(token(GOOD), claim="employee") is None


def test_when_it_was_proven_is_not_believed_of_the_future_and_may_be_unsaid() -> None:
    for at in (AT + 61, None, "now"):
        claims = {name: value for name, value in {**GOOD, "auth_time": at}.items() if value is not None}
        vouched = told(token(claims))
        assert vouched is not None
        assert vouched.authenticated_at is None
    assert told(token({**GOOD, "amr": "pwd", "acr": 3})) == Vouched(
        "8d1f2c", datetime.fromtimestamp(AT - 5, UTC), "3", ()
    )
