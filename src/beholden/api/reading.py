"""A request is read strictly and in memory: no second meaning in its JSON, and no uploaded picture on a disk."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

MAX_JSON = 2**20  # bytes of a body that is no upload
MAX_DEPTH = 32
# Bytes of a form around its file. A part that is no file has at most 64 KiB: sixteen of them fill it.
FORM_ROOM = 2**20
MAX_PART = 2**16


class InMemoryForm(MultiPartParser):
    """The library writes a file of more than 1 MiB to a temporary file: a photograph would lie open on the disk."""

    spool_max_size = 2**40


class StrictRequest(Request):
    """As the library's, with a limit, one meaning of its JSON, and its form in memory."""

    limit = MAX_JSON
    _read: bytes | None = None

    async def body(self) -> bytes:
        """Raises 413 as soon as it is too long, whatever its length was said to be."""
        if self._read is None:
            said = self.headers.get("content-length", "")
            if said.isdigit() and (len(said) > 15 or int(said) > self.limit):
                raise HTTPException(413)
            parts, size = [], 0
            async for part in super().stream():
                size += len(part)
                if size > self.limit:
                    raise HTTPException(413)
                parts.append(part)
            self._read = b"".join(parts)
        return self._read

    async def stream(self) -> AsyncGenerator[bytes, None]:
        yield await self.body()

    async def json(self) -> Any:
        return read_json(await self.body())

    async def form(self, **_: Any) -> FormData:  # type: ignore[override]  # FastAPI awaits it, and uses it no other way
        if not self.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise HTTPException(415)
        parser = InMemoryForm(self.headers, self.stream(), max_files=1, max_fields=16, max_part_size=MAX_PART)
        try:
            form = await parser.parse()
        except MultiPartException as error:
            raise HTTPException(400) from error
        try:
            _check_form(form)
        except ValueError as error:
            await form.close()
            raise HTTPException(400) from error
        return form


def _check_form(form: FormData) -> None:
    if len(form) != len(form.multi_items()):
        raise ValueError("one name twice: which of the two is meant?")
    for value in form.values():
        if isinstance(value, str):
            _check_text(value)


def read_json(body: bytes) -> Any:
    """Raises `JSONDecodeError` for what could be read in two ways, or by nobody: doubled names, NaN, half characters."""
    try:
        text = body.decode("utf-8")
        read = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_int)
        _check(read, 0)
    except json.JSONDecodeError:
        raise
    except UnicodeDecodeError:
        raise json.JSONDecodeError("the body is not UTF-8", "", 0) from None
    except RecursionError:
        raise json.JSONDecodeError(f"it is nested more than {MAX_DEPTH} deep", "", 0) from None
    except ValueError as error:
        raise json.JSONDecodeError(str(error), "", 0) from None
    return read


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has the same name twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _int(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError("a number is far too large")
    return int(digits)


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"it is nested more than {MAX_DEPTH} deep")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)


def _check_text(text: str) -> None:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("a text has a character that no text has (U+0000, or half of one)")
