"""Passkeys by py_webauthn (W3C Web Authentication)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Any

from beholden.ports.authenticators import Claim, NewPasskey, Site

MAX_ANSWER = 65_536  # a browser's answer has two or three thousand characters
NAME = "Beholden"


class WebAuthnPasskeys:
    """Implements `ports.authenticators.Passkeys`. The library is loaded when the first passkey is used (0.3 s)."""

    def options_to_make(
        self, site: Site, *, person_id: str, name: str, challenge: bytes, known: Sequence[str]
    ) -> dict[str, object]:
        import webauthn
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        return _plain(
            webauthn.generate_registration_options(
                rp_id=site.rp_id,
                rp_name=NAME,
                user_name=name,
                user_id=person_id.encode(),  # random, and says nothing of the person
                challenge=challenge,
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement.REQUIRED,  # signing in asks for no name, so none can be tried out
                    user_verification=UserVerificationRequirement.REQUIRED,
                ),
                exclude_credentials=_named(known),
            )
        )

    def options_to_use(self, site: Site, *, challenge: bytes, known: Sequence[str]) -> dict[str, object]:
        import webauthn
        from webauthn.helpers.structs import UserVerificationRequirement

        return _plain(
            webauthn.generate_authentication_options(
                rp_id=site.rp_id,
                challenge=challenge,
                allow_credentials=_named(known),
                user_verification=UserVerificationRequirement.REQUIRED,
            )
        )

    def claim(self, answer: str) -> Claim | None:
        if len(answer) > MAX_ANSWER:
            return None
        try:
            told = json.loads(answer)
            signed = json.loads(_bytes(told["response"]["clientDataJSON"]))
            if signed.get("crossOrigin"):  # a page within another site's page: this one is never shown in a frame
                return None
            return Claim(_bytes(signed["challenge"]), str(told["id"]))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def made(self, site: Site, answer: str, *, challenge: bytes) -> NewPasskey | None:
        import webauthn
        from webauthn.helpers import bytes_to_base64url

        try:
            found = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=site.rp_id,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001  # anybody may send anything, in CBOR and ASN.1: whatever it breaks, it is no passkey
            return None
        return NewPasskey(bytes_to_base64url(found.credential_id), found.credential_public_key, found.sign_count)

    def used(self, site: Site, answer: str, *, challenge: bytes, public_key: bytes, sign_count: int) -> int | None:
        import webauthn

        try:
            found = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=site.rp_id,
                expected_origin=site.origin,
                credential_public_key=public_key,
                credential_current_sign_count=sign_count,
                require_user_verification=True,
            )
        except Exception:  # noqa: BLE001  # as above: no proof is a no
            return None
        return found.new_sign_count


def _named(ids: Sequence[str]) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(id)) for id in ids]


def _plain(options: Any) -> dict[str, object]:
    import webauthn

    plain: dict[str, object] = json.loads(webauthn.options_to_json(options))
    return plain


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
