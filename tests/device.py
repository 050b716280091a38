"""A device with passkeys, in software: it answers a page's options as a browser and its authenticator would."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from beholden.actions import passkeys
from beholden.ports.authenticators import Site
from beholden.records.authenticators import Passkey
from tests.agency import Agency

SITE = Site("localhost", "http://localhost:8000")
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Device:
    """`flags`, `count` and `tells` can be bent, to answer as no honest device would."""

    site: Site
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int = 0
    flags: int = PRESENT | VERIFIED
    tells: dict[str, Any] = field(default_factory=dict)  # more of the client's data

    def make(self, options: Mapping[str, Any]) -> str:
        assert options["rp"]["id"] == self.site.rp_id
        assert options["authenticatorSelection"]["userVerification"] == "required"
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self._cose()
        data = self._data(ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": text_of(client), "attestationObject": text_of(attestation)})

    def use(self, options: Mapping[str, Any]) -> str:
        assert options["rpId"] == self.site.rp_id
        assert options["userVerification"] == "required"
        data = self._data()
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        told = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer({name: text_of(value) for name, value in told.items()})

    def _data(self, more: int = 0) -> bytes:
        rp = hashlib.sha256(self.site.rp_id.encode()).digest()
        return rp + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.site.origin, "crossOrigin": False, **self.tells}
        return json.dumps(told).encode()

    def _cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _answer(self, response: Mapping[str, str]) -> str:
        id = text_of(self.id)
        return json.dumps(
            {"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}}
        )


def add_device(agency: Agency, name: str, device: Device) -> Passkey:
    options = passkeys.options_to_add(agency.system, agency[name], site=device.site)
    return passkeys.add_passkey(
        agency.system, agency[name], site=device.site, answer=device.make(options), name="blue key"
    )


def text_of(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
