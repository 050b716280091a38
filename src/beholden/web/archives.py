"""Web archives in pages: one file of a source into a gallery, with an answer for each image and each record left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from io import BytesIO

from fastapi import APIRouter, Request
from fastapi.responses import Response

from beholden.actions import archives
from beholden.actions.archives import Archive
from beholden.actions.intake import Answer
from beholden.actions.standing import standing
from beholden.errors import BeholdenError, Missing
from beholden.records.sources import Source
from beholden.web.forms import Form, Typed
from beholden.web.held import PACKET_FOR, held
from beholden.web.intakes import ANSWERS, CSV, as_csv, page_of_source
from beholden.web.page import see_other
from beholden.web.who import Seat

router = APIRouter()

READ = "read"


@dataclass(frozen=True, slots=True)
class WasRead:
    """Of an archive, what its page tells."""

    sha256: str
    records: int
    images: int
    taken: int
    left_out: Mapping[str, int]
    damage: str


@router.get("/sources/{source_id}/archives")
def begin_archive(request: Request, seat: Seat, source_id: str) -> Response:
    return _page(request, seat, source_id)


@router.post("/sources/{source_id}/archives")
def give_archive(request: Request, seat: Seat, form: Form, source_id: str) -> Response:
    """Read under the number of the form; enrolled without it, for each image is an act of its own."""
    read: Archive | None = None
    answers: list[Answer] = []
    try:
        name, content = form.file("archive", "web archive")
        read = archives.read_archive(
            *form.once(seat),
            BytesIO(content),
            file_name=name,
            source_id=source_id,
            gallery_id=form.text("gallery"),
            most_answers=archives.MOST_SENT,
        )
        for answer in archives.enrol_archive(*seat, read, received_from=form.text("received_from")):
            answers.append(answer)
    except BeholdenError as error:
        if read is None or not answers:
            return _page(request, seat, source_id, error, form)
        kept = _kept(request, seat, read, answers)
        return _page(request, seat, source_id, error, form, _was_read(read), answers, kept)
    return see_other(request, f"/sources/{source_id}/archives/{_kept(request, seat, read, answers)}")


@router.get("/sources/{source_id}/archives/{token}")
def show_answers(request: Request, seat: Seat, source_id: str, token: str) -> Response:
    there = held(request).get(*seat, token, about=(Source, source_id))
    if READ not in there:
        raise Missing("these answers are no longer held for you; give the same archive again")
    answers = [Answer(**one) for one in json.loads(there[ANSWERS])]
    return _page(request, seat, source_id, read=WasRead(**json.loads(there[READ])), answers=answers, kept=token)


def _kept(request: Request, seat: Seat, read: Archive, answers: list[Answer]) -> str:
    """The token of the page that lists these answers."""
    system, officer = seat
    told = {
        READ: json.dumps(asdict(_was_read(read))).encode(),
        ANSWERS: json.dumps([asdict(one) for one in answers]).encode(),
        CSV: as_csv(answers),
    }
    hangs_on = standing(system, officer, (Source, read.source_id))
    return held(request).put(hangs_on, told, now=system.clock.now(), lasts=PACKET_FOR)


def _was_read(read: Archive) -> WasRead:
    left_out = {str(code): count for code, count in sorted(read.left_out.items())}
    return WasRead(read.sha256, read.records, read.images, read.taken, left_out, read.damage)


def _page(
    request: Request,
    seat: Seat,
    source_id: str,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    read: WasRead | None = None,
    answers: list[Answer] | None = None,
    kept: str = "",
) -> Response:
    return page_of_source("archive.html.jinja", request, seat, source_id, error, typed, answers, kept, read=read)
