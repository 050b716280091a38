"""OpenID Connect Core 1.0, the authorization code flow with PKCE (RFC 7636), against the one issuer that the settings name."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode, urlsplit

from beholden.errors import BadInput, Fault
from beholden.ports.providers import Vouched

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "ES256", "Ed25519", "EdDSA")  # never "none", never one with a shared secret
SKEW_S = 60  # that two honest clocks may be apart
MOST_BYTES = 1_000_000  # of an answer; a set of keys has a few thousand
WAIT_S = 10.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")
DISCOVERY = "/.well-known/openid-configuration"


class Told(Protocol):
    """What the settings say of it."""

    @property
    def issuer(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def secret_file(self) -> str: ...
    @property
    def claim(self) -> str: ...


class OpenIdProvider:
    """Implements `ports.providers.Provider`. Nothing is fetched before somebody signs in by it, and then from the issuer alone.

    `secret_file` holds the client's secret; without one the client is a public one, and PKCE alone binds the code to us.
    `claim`: which claim of the ID token names the person. Raises `BadInput` for an issuer that is neither https nor on this
    machine, or that has a query.
    """

    def __init__(self, issuer: str, client_id: str, *, secret_file: Path | None = None, claim: str = "sub") -> None:
        place = urlsplit(issuer)
        here = place.scheme == "http" and place.hostname in LOOPBACK
        if not (place.hostname and (place.scheme == "https" or here)) or place.query or place.fragment:
            raise BadInput(f"[oidc] issuer {issuer!r} is no https address without a query")
        if not client_id or not claim:
            raise BadInput("[oidc] names no client_id, or no claim")
        self._issuer = issuer
        self._client_id = client_id
        self._secret_file = secret_file
        self._claim = claim

    @property
    def issuer(self) -> str:
        return self._issuer

    @property
    def known_as(self) -> str:
        return f"{self._issuer} {self._client_id} {self._claim}"

    def address(self, *, redirect: str, state: str, nonce: str, verifier: str, anew: bool) -> str:
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        if anew:
            asked |= {"prompt": "login", "max_age": "0"}
        place = self._place(self._configuration(), "authorization_endpoint", elsewhere=True)
        return f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    def vouched(self, *, redirect: str, code: str, verifier: str, nonce: str, now: datetime) -> Vouched | None:
        configuration = self._configuration()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
            "client_id": self._client_id,
        }
        secret = self._secret()
        said = self._asked("POST", self._place(configuration, "token_endpoint"), form=asked, secret=secret)
        token = said.get("id_token") if said else None
        if not isinstance(token, str):
            return None
        keys = self._asked("GET", self._place(configuration, "jwks_uri"))
        if keys is None:
            raise Fault(f"the keys of {self._issuer} cannot be had; try again, or sign in with a passphrase")
        return checked(
            token,
            keys,
            issuer=self._issuer,
            client_id=self._client_id,
            claim=self._claim,
            nonce=nonce,
            now=now,
        )

    def _configuration(self) -> Mapping[str, Any]:
        told = self._asked("GET", self._issuer.rstrip("/") + DISCOVERY)
        if told is None or told.get("issuer") != self._issuer:
            raise Fault(f"{self._issuer} does not say of itself that it is that issuer; look at [oidc] in the settings")
        return told

    def _place(self, configuration: Mapping[str, Any], name: str, *, elsewhere: bool = False) -> str:
        """An address of the configuration, which must be at the issuer; that of the browser alone may be `elsewhere`."""
        place, own = urlsplit(str(configuration.get(name, ""))), urlsplit(self._issuer)
        same = (place.scheme, place.netloc) == (own.scheme, own.netloc)
        if not (same or (elsewhere and place.scheme == "https" and place.netloc)):
            raise Fault(f"{self._issuer} names a {name} that is not its own; nothing is fetched from there")
        return place.geturl()

    def _secret(self) -> str:
        if self._secret_file is None:
            return ""
        try:
            return self._secret_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise Fault(
                f"[oidc] secret_file {self._secret_file} cannot be read; check the path and who owns it"
            ) from None

    def _asked(
        self, method: str, url: str, *, form: Mapping[str, str] | None = None, secret: str = ""
    ) -> dict[str, Any] | None:
        """The JSON object that is answered; None for an answer that is no such. Raises `Fault` where nobody answers."""
        import httpx2

        auth = httpx2.BasicAuth(self._client_id, secret) if secret else None
        # No proxy and no .netrc of the environment, and no redirect: what is asked goes to the issuer and nowhere else.
        with httpx2.Client(trust_env=False, follow_redirects=False, timeout=WAIT_S) as http:
            try:
                with http.stream(method, url, data=form, auth=auth) as answer:
                    content = b""
                    for part in answer.iter_bytes():
                        content += part
                        if len(content) > MOST_BYTES:
                            return None
            except httpx2.HTTPError as error:
                raise Fault(
                    f"{self._issuer} cannot be reached ({type(error).__name__}); try again, or sign in with a passphrase"
                ) from error
        if answer.status_code != 200:
            return None
        try:
            import json

            told = json.loads(content)
        except ValueError:
            return None
        return told if isinstance(told, dict) else None


def provider_of(told: Told | None, data: Path) -> OpenIdProvider | None:
    """The provider that the settings of the data folder name, if they name one."""
    if told is None:
        return None
    secret = data / told.secret_file if told.secret_file else None  # as it stands, where the path is a whole one
    return OpenIdProvider(told.issuer, told.client_id, secret_file=secret, claim=told.claim)


def checked(
    token: str,
    keys: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    claim: str,
    nonce: str,
    now: datetime,
) -> Vouched | None:
    """What the ID token says, after all of OpenID Connect Core 3.1.3.7; None where any of it does not hold."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        told = jwt.decode(token, _signing(KeySet.import_key_set({"keys": list(keys["keys"])})), list(ALGORITHMS)).claims
    except (JoseError, KeyError, TypeError, ValueError):
        return None
    audience = told.get("aud")
    many = audience if isinstance(audience, list) else [audience]
    present, ends, issued = now.timestamp(), _number(told.get("exp")), _number(told.get("iat"))
    subject = told.get(claim)
    holds = (
        told.get("iss") == issuer
        and client_id in many
        and (len(many) == 1 or told.get("azp") == client_id)
        and told.get("azp", client_id) == client_id
        and ends is not None
        and present < ends + SKEW_S
        and issued is not None
        and issued < present + SKEW_S
        and nonce != ""
        and told.get("nonce") == nonce
        and isinstance(subject, str)
        and subject != ""
    )
    if not holds:
        return None
    at = _number(told.get("auth_time"))
    amr = told.get("amr")
    return Vouched(
        subject=str(subject),
        authenticated_at=None if at is None or at > present + SKEW_S else datetime.fromtimestamp(at, UTC),
        acr=str(told.get("acr", "")),
        amr=tuple(str(one) for one in amr) if isinstance(amr, list) else (),
    )


def _signing(keys: KeySet) -> KeySet:
    """Without keys of a shared secret: with one, whoever knows it could sign."""
    from joserfc.jwk import KeySet, OctKey

    return KeySet([key for key in keys.keys if not isinstance(key, OctKey)])


def _number(told: object) -> float | None:
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) else None


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
