"""What somebody typed into a form: read once, held so that it can be shown again, and taken apart with words for errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser

from beholden.errors import BadInput
from beholden.web import csrf
from beholden.web.who import Seat

MOST_FIELDS = 500  # a review has fifty pairs; nothing of ours asks for more
# A photograph of a case must not lie on a disk before it is sealed: Starlette would put what is over 1 MB into a temporary
# file. 0 is "never" to SpooledTemporaryFile; how much memory it may take is limited by the guard's limit of a body.
MultiPartParser.spool_max_size = 0


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


async def own_form(request: Request, _seat: Seat) -> AsyncIterator[Typed]:
    """The form of somebody who is signed in, with the token of their session. Raises `Refused` for any other."""
    try:
        typed = await read(request)
        csrf.check(request, typed.get("csrf", ""))
        yield typed
    finally:
        await request.close()  # its files


async def read(request: Request) -> Typed:
    """Raises `BadInput` for what is no form."""
    try:
        return Typed(await request.form(max_files=20, max_fields=MOST_FIELDS))
    except HTTPException as broken:  # starlette's word for a form that cannot be read
        raise BadInput(
            f"the form cannot be read ({broken.detail}); load the page again and send it once more"
        ) from None


Form = Annotated[Typed, Depends(own_form)]
OWN = [Depends(own_form)]  # for a form that has nothing but its button
