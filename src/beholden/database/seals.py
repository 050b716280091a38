"""How the marked fields of a record lie in the file: sealed, and bound to their table, row and column.

The key is that of the record which the field names (`records.sealed`), so that whatever erases that record takes the text
along in every copy. Other fields, and those of a record without a key, lie under one secret of the system.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from beholden.database.rows import Column, Layout
from beholden.errors import Fault, KeyDestroyed
from beholden.ports.keys import Keys

OWN, COMMON = "\x1eo1:", "\x1ec1:"  # before what is sealed; whatever anybody typed is sealed, so none is taken for it
NONCE_BYTES = 12
PURPOSE, FIELDS = "records", b"fields"  # the system's secret for this


class Opened:
    """The seals of one database, once it has keys; its connections ask it for what SQLite looks through."""

    def __init__(self) -> None:
        self.seals: Seals | None = None

    def text(self, table: str, column: str, key: object, by: str, stored: bytes | None) -> bytes:
        """What a sealed text says, in UTF-8; one in clear is given as it is."""
        if stored is None or self.seals is None or not is_sealed(stored):
            return stored or b""
        return self.seals.text(table, column, key, by, stored.decode())


def is_sealed(stored: Any) -> bool:
    """Whether a value lies sealed; one in clear is empty, or of before fields were sealed."""
    if isinstance(stored, bytes):
        return stored.startswith((OWN.encode(), COMMON.encode()))
    return isinstance(stored, str) and stored.startswith((OWN, COMMON))


class Seals:
    """Seals what goes into rows, and opens what comes out of them."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._known: AESGCM | None = None

    def close(self, layout: Layout[Any], table: str, row: dict[str, Any]) -> None:
        """Seal the marked fields of a row in clear, in place. Empty ones stay as they are, and say so."""
        for column in layout.sealed:
            stored = row[column.name]
            if stored is None or stored == column.gone:
                continue
            plain = _bound(row[layout.key.name], column.name) + (
                stored if column.storage == "BLOB" else stored.encode()
            )
            row[column.name] = self._closed(column, table, row[column.sealed_by] if column.sealed_by else "", plain)

    def open(self, layout: Layout[Any], table: str, rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """The rows with every field in clear; those whose key was destroyed are empty. All keys are asked for at once.

        Raises `Fault` for a field that is not the one that was sealed in this place.
        """
        opened = [list(row) for row in rows]
        at = {column.name: place for place, column in enumerate(layout.columns)}
        own: list[tuple[list[Any], Column, str, bytes]] = []
        for column in layout.sealed:
            place = at[column.name]
            for row in opened:
                stored = row[place]
                if not is_sealed(stored):
                    continue
                start, sealed = _parts(stored, column.name)
                if start == OWN:
                    own.append((row, column, row[at[column.sealed_by]] if column.sealed_by else "", sealed))
                else:
                    row[place] = _value(row[0], column, self._open_common(table, column.name, sealed))
        plains = self._keys.open_many([(name, sealed) for _, _, name, sealed in own], _context(table)) if own else []
        for (row, column, _, _), plain in zip(own, plains, strict=True):
            row[at[column.name]] = column.gone if plain is None else _value(row[0], column, plain)
        return opened

    def text(self, table: str, column: str, key: object, by: str, stored: str) -> bytes:
        """One text in UTF-8, for SQLite that looks through many: empty where its key was destroyed."""
        start, sealed = _parts(stored, column)
        if start == OWN:
            (plain,) = self._keys.open_many([(by, sealed)], _context(table))
            if plain is None:
                return b""
        else:
            plain = self._open_common(table, column, sealed)
        return _unbound(key, column, plain)

    def _closed(self, column: Column, table: str, name: str, plain: bytes) -> str | bytes:
        start, sealed = COMMON, b""
        if name:
            try:
                start, sealed = OWN, self._keys.seal(name, plain, _context(table))
            except KeyDestroyed:  # or it never had one: what a record of an older version has, for one
                start = COMMON
        if start == COMMON:
            nonce = os.urandom(NONCE_BYTES)
            sealed = nonce + self._common.encrypt(nonce, plain, _context(table).encode())
        if column.storage == "BLOB":
            return start.encode() + sealed
        return start + base64.b64encode(sealed).decode()

    def _open_common(self, table: str, column: str, sealed: bytes) -> bytes:
        try:
            return self._common.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _context(table).encode())
        except (InvalidTag, ValueError):  # ValueError: cut shorter than a nonce
            raise _altered(table, column) from None

    @property
    def _common(self) -> AESGCM:
        if self._known is None:  # not before it is needed: the first time makes the secret
            self._known = AESGCM(self._keys.hmac(PURPOSE, FIELDS))
        return self._known


def _context(table: str) -> str:
    return f"records/{table}"


def _bound(key: object, column: str) -> bytes:
    """What the plain text begins with: it opens in no other row and no other column."""
    return f"{column}\0{key}\0".encode()


def _unbound(key: object, column: str, plain: bytes) -> bytes:
    bound = _bound(key, column)
    if not plain.startswith(bound):
        raise _altered("records", column)
    return plain[len(bound) :]


def _value(key: object, column: Column, plain: bytes) -> str | bytes:
    content = _unbound(key, column.name, plain)
    return content if column.storage == "BLOB" else content.decode()


def _parts(stored: str | bytes, column: str) -> tuple[str, bytes]:
    if isinstance(stored, bytes):
        return stored[: len(OWN)].decode(), stored[len(OWN) :]
    try:
        return stored[: len(OWN)], base64.b64decode(stored[len(OWN) :], validate=True)
    except ValueError:
        raise _altered("records", column) from None


def _altered(table: str, column: str) -> Fault:
    return Fault(
        f"a sealed field ({table}, {column}) is not the one that was sealed there: it was changed in the file; keep a copy "
        "of the file, restore the last backup, and tell the auditor"
    )
