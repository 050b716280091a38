"""What somebody typed into a form: read once, held so that it can be shown again, and taken apart with words for errors."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser

from beholden.errors import BadInput
from beholden.ports.system import System
from beholden.records.people import Officer
from beholden.web import csrf
from beholden.web.who import Seat

MOST_FILES = 5_000  # of one form; a browser with scripts sends a few at a time, and then there is no limit
MOST_FIELDS = 500  # a review has fifty pairs; nothing of ours asks for more
# A photograph of a case must not lie on a disk before it is sealed: Starlette would put what is over 1 MB into a temporary
# file. 0 is "never" to SpooledTemporaryFile; how much memory it may take is limited by the guard's limit of a body.
MultiPartParser.spool_max_size = 0


NUMBER = range(16, 201)  # characters of a form's number


def new_number() -> str:
    """For a form that makes something new: under it the form is obeyed once, by the records and so across a restart."""
    return secrets.token_urlsafe(24)


class Typed(Mapping[str, str]):
    """The fields of a form. As a mapping, what to show again; by its methods, what an act is given."""

    def __init__(self, form: FormData) -> None:
        self._form = form

    def __getitem__(self, name: str) -> str:
        value = self._form[name]
        if isinstance(value, UploadFile):
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter([name for name, value in self._form.items() if isinstance(value, str)])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def text(self, name: str) -> str:
        """Without the spaces around it; empty where nothing was typed."""
        return self.get(name, "").strip()

    def texts(self, name: str) -> list[str]:
        """All values of one name: of check boxes, or of several fields."""
        return [value for value in self._form.getlist(name) if isinstance(value, str) and value]

    def lines(self, name: str) -> list[str]:
        """The lines of one text that have something on them."""
        return [line.strip() for line in self.get(name, "").splitlines() if line.strip()]

    def ticked(self, name: str) -> bool:
        return self.get(name, "") == "yes"

    def number(self, name: str, what: str) -> int:
        """Raises `BadInput` for what is no whole number."""
        typed = self.text(name)
        if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
            raise BadInput(f"{typed[:40]!r} is no {what}; type a whole number")
        return int(typed)

    def moment(self, name: str, what: str) -> datetime:
        """A day or a moment, in UTC. Raises `BadInput` for anything else."""
        typed = self.text(name)
        try:
            there = datetime.fromisoformat(typed)
            return there.replace(tzinfo=UTC) if there.tzinfo is None else there.astimezone(UTC)
        except (ValueError, OverflowError):
            raise BadInput(f"{typed[:40]!r} is no {what}; type it as 2026-01-31 or 2026-01-31T09:00, in UTC") from None

    def once(self, seat: tuple[System, Officer]) -> tuple[System, Officer]:
        """The seat for the act that this form asks for, which is done once under the form's number.

        Raises `BadInput` for a form without one: such is none that a page gave.
        """
        system, officer = seat
        number = self.text("once")
        if len(number) not in NUMBER:
            raise BadInput(
                "this form has no number, by which it would be obeyed once; load the page again and send its form"
            )
        return replace(system, sent=number), officer

    def has_file(self, name: str) -> bool:
        sent = self._form.get(name)
        return isinstance(sent, UploadFile) and bool(sent.filename)

    def file(self, name: str, what: str, *, most: int | None = None) -> tuple[str, bytes]:
        """The name and the content of a file that was sent; of one larger than `most`, only so much that an act can say so.

        Raises `BadInput` where none was sent.
        """
        sent = self._form.get(name)
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise BadInput(f"no file was sent as the {what}; choose one")
        sent.file.seek(0)
        return sent.filename.replace("\\", "/").rpartition("/")[2], sent.file.read(-1 if most is None else most + 1)

    def files(self, name: str) -> dict[str, bytes]:
        """The files of one name, each by the path that the browser gives, without the folder that was chosen."""
        found = {}
        for sent in self._form.getlist(name):
            if isinstance(sent, UploadFile) and sent.filename:
                sent.file.seek(0)
                path = sent.filename.replace("\\", "/")
                found[path.partition("/")[2] or path] = sent.file.read()
        return found


async def own_form(request: Request, _seat: Seat) -> AsyncIterator[Typed]:
    """The form of somebody who is signed in, with the token of their session. Raises `Refused` for any other."""
    try:
        typed = await read(request)
        csrf.check(request, typed.get("csrf", ""))
        yield typed
    finally:
        await request.close()  # its files


async def own_upload(request: Request, _seat: Seat) -> AsyncIterator[Typed]:
    """As `own_form`, with as many files as a person chooses; how many bytes they have together is the guard's to limit."""
    try:
        typed = await read(request, files=MOST_FILES)
        csrf.check(request, typed.get("csrf", ""))
        yield typed
    finally:
        await request.close()


async def read(request: Request, *, files: int = 20) -> Typed:
    """Raises `BadInput` for what is no form."""
    try:
        return Typed(await request.form(max_files=files, max_fields=MOST_FIELDS))
    except HTTPException as broken:  # starlette's word for a form that cannot be read
        raise BadInput(
            f"the form cannot be read ({broken.detail}); load the page again and send it once more"
        ) from None


Form = Annotated[Typed, Depends(own_form)]
Upload = Annotated[Typed, Depends(own_upload)]
OWN = [Depends(own_form)]  # for a form that has nothing but its button
