"""An age file for somebody outside: opened by the private key that signs, or by an age identity, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from beholden.errors import BadInput, Fault, Untrusted
from beholden.formats.notes import vkey
from beholden.keys.entrusting import Entrusted, recipient_of
from beholden.keys.memory import MemoryKeys
from beholden.keys.vault import Vault
from beholden.keys.wrapping import KeyFile
from beholden.policy.handover import make_signer
from beholden.ports.keys import Keys


@pytest.fixture(params=["memory", "vault"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keys]:
    in_memory = request.param == "memory"
    there: Keys = MemoryKeys() if in_memory else Vault.make(tmp_path / "keys", KeyFile.make(tmp_path / "file"))
    there.create(["a", "b"])
    yield there
    there.close()


SIGNER, PEM = make_signer("oversight")
PUBLIC = vkey(SIGNER.name, SIGNER.public)


def test_who_signs_opens_the_content_and_what_the_keys_sealed(keys: Keys) -> None:
    sealed = keys.seal("a", b"secret", "context")
    packet = keys.entrust(["a", "never"], [PUBLIC], b"content")
    keys.destroy(["a", "b"])
    opened = Entrusted(packet, PEM)
    assert (opened.content, opened.names) == (b"content", {"a"})
    assert opened.open("a", sealed, "context") == b"secret"
    with pytest.raises(KeyError):
        opened.open("b", sealed, "context")
    assert Entrusted(keys.entrust(["a"], [PUBLIC], b""), PEM).names == frozenset()


def test_an_age_identity_and_an_open_ssh_key_open_it_too(keys: Keys) -> None:
    identity = pyrage.x25519.Identity.generate()
    packet = keys.entrust(["b"], [PUBLIC, str(identity.to_public())], b"content")
    assert Entrusted(packet, f"# made today\n{identity}\n".encode()).content == b"content"
    private = load_pem_private_key(PEM, password=None)
    ssh = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    assert Entrusted(packet, ssh).names == {"b"}


def test_nobody_else_opens_it(keys: Keys) -> None:
    packet = keys.entrust(["a"], [PUBLIC], b"content")
    assert b"content" not in packet
    with pytest.raises(BadInput, match="does not open the packet"):
        Entrusted(packet, make_signer("oversight")[1])
    for wrong in (b"", b"no key", b"AGE-SECRET-KEY-1", PEM[:60]):
        with pytest.raises(BadInput, match="no private key"):
            Entrusted(packet, wrong)


def test_what_nobody_could_open_is_not_made(keys: Keys) -> None:
    with pytest.raises(Fault, match="nobody to whom"):
        keys.entrust(["a"], [], b"content")
    with pytest.raises(Fault, match="none that age knows"):
        keys.entrust(["a"], ["age1nobody"], b"content")
    with pytest.raises(Untrusted):
        keys.entrust(["a"], ["oversight+nobody"], b"content")


def test_the_recipient_is_the_public_key_as_ssh_writes_it() -> None:
    private = load_pem_private_key(PEM, password=None)
    written = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert recipient_of(PUBLIC) == written
