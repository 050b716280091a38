"""Enrolling in pages: a manifest and its photographs into a gallery, all at once or, by the page's script, a few at a time."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from io import StringIO
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from beholden.actions import desk, intake
from beholden.actions.intake import Answer, Fate, Manifest
from beholden.actions.standing import standing
from beholden.errors import BadInput, BeholdenError, Missing
from beholden.formats.manifest import memory_of
from beholden.records.galleries import GalleryState
from beholden.records.sources import Source, SourceState
from beholden.web.forms import Typed, Upload
from beholden.web.held import MOST_BYTES, PACKET_FOR, Holding, held
from beholden.web.of_process import the_one
from beholden.web.page import in_words, render, said_of, see_other
from beholden.web.waiting import of_source
from beholden.web.who import Seat
from beholden.web.words import _, named

router = APIRouter()

COLUMNS = ("file", "fate", "reason", "image_id", "faces", "rejected_faces")
FATES = {
    Fate.ENROLLED: named("enrolled"),
    Fate.ALREADY_HELD: named("already held"),
    Fate.ASIDE: named("put aside"),
    Fate.REJECTED: named("rejected"),
}
MANIFEST_FOR = timedelta(hours=8)  # five thousand photographs take half an hour, and somebody may fetch more of them
LIST_BYTES = 4 * 1024 * 1024  # of names: the page's script sends 200 at a time
CSV, ANSWERS = "answers.csv", "answers"


@router.get("/sources/{source_id}/images")
def begin_intake(request: Request, seat: Seat, source_id: str) -> Response:
    return _page(request, seat, source_id)


@router.post("/sources/{source_id}/images")
def enrol_at_once(request: Request, seat: Seat, form: Upload, source_id: str) -> Response:
    """Without a script: everything in one form, as much as one form may hold."""
    system, officer = seat
    answers: list[Answer] = []
    try:
        files = form.files("photographs") | form.files("folder")
        content = next(iter(form.files("manifest").values()), None) or files.get(intake.MANIFEST)
        files.pop(intake.MANIFEST, None)
        if content is None:
            raise BadInput(named("no manifest was chosen; choose the manifest.csv of these photographs"))
        gallery_id = form.text("gallery")
        manifest = intake.read_sent(system, officer, content, source_id=source_id, gallery_id=gallery_id)
        absent = {row.file for row in manifest.rows} - set(files)
        for answer in _enrolled(seat, form, manifest, files, absent, (), source_id):
            answers.append(answer)
    except BeholdenError as error:
        kept = _kept(request, seat, source_id, answers) if answers else ""
        return _page(request, seat, source_id, error, form, answers or None, kept)
    return see_other(request, f"/sources/{source_id}/images/{_kept(request, seat, source_id, answers)}")


@router.get("/sources/{source_id}/images/{token}")
def show_answers(request: Request, seat: Seat, source_id: str, token: str) -> Response:
    system, officer = seat
    content = held(request).get(system, officer, token, about=(Source, source_id)).get(ANSWERS)
    if content is None:
        raise Missing("these answers are no longer held for you; give the same files again")
    answers = [Answer(**one) for one in json.loads(content)]
    return _page(request, seat, source_id, answers=answers, kept=token)


@router.post("/sources/{source_id}/images/manifest")
def send_manifest(request: Request, seat: Seat, form: Upload, source_id: str) -> Response:
    """The page's script sends it ahead of the files, and is told which files it names."""
    system, officer = seat
    try:
        desk.source(system, officer, source_id=source_id)
        content = form.file("manifest", "manifest")[1]
        gallery_id = form.text("gallery")
        hangs_on = standing(system, officer, (Source, source_id))
        manifest = intake.read_sent(system, officer, content, source_id=source_id, gallery_id=gallery_id)
    except BeholdenError as error:
        return _stopped(error, [])
    token = _manifests(request).hold(
        hangs_on, manifest, size=memory_of(manifest.rows), now=system.clock.now(), lasts=MANIFEST_FOR
    )
    return JSONResponse({"token": token, "files": [row.file for row in manifest.rows]})


@router.post("/sources/{source_id}/images/{token}")
def send_files(request: Request, seat: Seat, form: Upload, source_id: str, token: str) -> Response:
    """A few files of the manifest. What was answered is enrolled, whatever comes of the rest."""
    system, officer = seat
    answers: list[Answer] = []
    try:
        manifest = _manifests(request).get(system, officer, token, about=(Source, source_id))
        absent, without_row = _names(form, "absent"), _names(form, "without_row")
        for answer in _enrolled(seat, form, manifest, form.files("photographs"), absent, without_row, source_id):
            answers.append(answer)
    except BeholdenError as error:
        return _stopped(error, answers)
    return JSONResponse({"answers": [_told(one) for one in answers]})


def _manifests(request: Request) -> Holding[Manifest]:
    """Those of this process, as they were read, apart from all pictures: one for each session."""
    return the_one(request.app.state, "manifests", lambda: Holding[Manifest](most_of_session=MOST_BYTES, each=1))


def as_csv(answers: Iterable[Answer]) -> bytes:
    """For a spreadsheet, which takes what begins with = for a formula: such a name gets an apostrophe before it."""
    written = StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for one in answers:
        told = (one.file, one.fate, one.reason, one.image_id, one.faces, "; ".join(one.rejected_faces))
        rows.writerow(f"'{cell}" if str(cell).startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in told)
    return "\ufeff".encode() + written.getvalue().encode()


def _kept(request: Request, seat: Seat, source_id: str, answers: list[Answer]) -> str:
    """The token of the page that lists these answers."""
    system, officer = seat
    told = {ANSWERS: json.dumps([asdict(one) for one in answers]).encode(), CSV: as_csv(answers)}
    hangs_on = standing(system, officer, (Source, source_id))
    return held(request).put(hangs_on, told, now=system.clock.now(), lasts=PACKET_FOR)


def _enrolled(
    seat: Seat,
    form: Typed,
    manifest: Manifest,
    files: dict[str, bytes],
    absent: Iterable[str],
    without_row: Iterable[str],
    source_id: str,
) -> Iterable[Answer]:
    return intake.enrol_sent(
        *seat,
        manifest,
        files,
        absent=frozenset(absent),
        without_row=tuple(without_row),
        source_id=source_id,
        gallery_id=form.text("gallery"),
        received_from=form.text("received_from"),
    )


def _names(form: Typed, name: str) -> list[str]:
    """A list of file names, which are more than a field of a form may hold: sent as a small file of JSON."""
    if not form.has_file(name):
        return []
    try:
        content = form.file(name, "list", most=LIST_BYTES)[1]
        told = json.loads(content) if len(content) <= LIST_BYTES else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise BadInput("the list of file names cannot be read; load the page again")
    return told


def _told(one: Answer) -> dict[str, Any]:
    left_out = [_("a face was left out: %(why)s") % {"why": why} for why in one.rejected_faces]
    return asdict(one) | {"words": _(FATES[one.fate]), "left_out": left_out}


def first_what_is_open(answers: list[Answer]) -> list[Answer]:
    """What somebody must look at stands before what is held."""
    return sorted(answers, key=lambda one: one.fate in (Fate.ENROLLED, Fate.ALREADY_HELD))


def _stopped(error: BeholdenError, answers: list[Answer]) -> Response:
    why = [f"{reason.why} {reason.how_to_proceed}" for reason in error.reasons] or [said_of(error)]
    told = {"answers": [_told(one) for one in answers], "title": _(error.title), "why": why}
    return JSONResponse(told, status_code=error.status)


def _page(
    request: Request,
    seat: Seat,
    source_id: str,
    error: BeholdenError | None = None,
    typed: Typed | None = None,
    answers: list[Answer] | None = None,
    kept: str = "",
) -> Response:
    return page_of_source("intake.html.jinja", request, seat, source_id, error, typed, answers, kept)


def page_of_source(
    template: str,
    request: Request,
    seat: Seat,
    source_id: str,
    error: BeholdenError | None,
    typed: Typed | None,
    answers: list[Answer] | None,
    kept: str,
    **more: Any,
) -> Response:
    """A page on which files of a source come into a gallery; with `answers`, and the token under which these are `kept`."""
    system, officer = seat
    try:
        source = desk.source(system, officer, source_id=source_id)
    except Missing as missing:
        raise error or missing from None  # the entry of what was tried, where something was
    fit = [
        (one.id, one.name)
        for one in desk.galleries(system, officer)
        if one.state is GalleryState.OPEN and set(one.purposes) <= set(source.purposes)
    ]
    counts = Counter(one.fate for one in answers or ())
    return render(
        request,
        template,
        error=error,
        typed=typed or {},
        source=source,
        active=source.state is SourceState.ACTIVE,
        waits=of_source(source, system.clock.now()),
        galleries=fit,
        answers=[(one, _(FATES[one.fate])) for one in first_what_is_open(answers)] if answers is not None else None,
        counts=[(str(fate), in_words(said), counts[fate]) for fate, said in FATES.items()],
        csv_at=f"/held/{kept}/{CSV}" if kept else "",
        most_mib=system.media.max_bytes // 2**20,
        **more,
    )
