"""Images out of a web archive (WARC): each record gets an answer, taken with what its pages say of it, or left out and why.

The file is read twice from its beginning to its end, first by `survey`, since a page, or what a site says to robots, may come
after the image. One record is held at a time, beside what pages say. Nothing is ever fetched: an address is only text here.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from beholden.errors import BadInput
from beholden.formats.payloads import Unusable
from beholden.formats.warc_records import LIMITS, Damage, Headers, Limits, Recorded, Unpacked, records
from beholden.formats.web_pages import plain
from beholden.formats.web_survey import (
    HTML,
    SITE_RULES,
    Response,
    Shown,
    Survey,
    content_of,
    reservation_in,
    response_in,
    survey,
    tags_in,
)
from beholden.records.addresses import covered
from beholden.records.web import Capture, Code, OptOut, Terms, Why, day_of, outside, reasons_against

__all__ = ["LIMITS", "LeftOut", "Limits", "Survey", "Taken", "survey", "taken_from"]

DRAWN = "image/svg+xml"
MOST_HEADERS, MOST_HEADER = 60, 1_000  # kept of a response, and characters of each
_SECRET = ("set-cookie", "set-cookie2")  # says nothing of the image, and may open somebody's session


@dataclass(frozen=True, slots=True)
class Taken:
    """An image that the authority covers, with what the archive says of it."""

    number: int  # of the record, from 1
    record_id: str
    host: str
    image_url: str
    page_url: str  # empty where no page in the archive shows it
    page_title: str
    caption: str
    alt: str
    archived_at: datetime  # WARC-Date: when it was captured from the web, which does not say when it was photographed
    http_date: str
    headers: Headers  # of the response
    content_type: str
    sha256: str
    checked: tuple[str, ...]  # recorded digests, and whether they could be checked
    opt_outs: tuple[OptOut, ...]  # under an agreement there is none
    content: bytes = field(repr=False)

    @property
    def host_and_day(self) -> tuple[str, str]:
        """By which what was taken is counted, for `taken_before`."""
        return self.host, day_of(self.archived_at)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A record that is not taken, with every reason for it."""

    number: int
    kind: str  # of WARC; empty where that could not be read
    url: str
    reasons: tuple[Why, ...]

    @property
    def code(self) -> Code:
        return self.reasons[0].code

    @property
    def words(self) -> str:
        return "; ".join(why.words for why in self.reasons)


def taken_from(
    file: BinaryIO,
    surveyed: Survey,
    *,
    now: datetime,
    taken_before: Mapping[tuple[str, str], int] | None = None,
    limits: Limits = LIMITS,
) -> Iterator[Taken | LeftOut]:
    """Read it again: an answer for every record, in their order, and for damage that ends the reading.

    `taken_before` counts what other archives of the same source gave, by `Taken.host_and_day`. Raises `BadInput` at the end if
    the file is another one than was surveyed.
    """
    counts = Counter(taken_before or {})
    stream = Unpacked(file, limits)

    def wanted(record: Recorded) -> int:
        return limits.image if isinstance(_image_in(record, surveyed.terms), Response) else 0

    for record in records(stream, limits, wanted):
        if isinstance(record, Damage):
            yield LeftOut(record.number, "", "", (Why(Code.DAMAGED, record.words),))
            continue
        answer = _answer(record, surveyed, counts, now, limits)
        if isinstance(answer, Taken):
            counts[answer.host_and_day] += 1
        yield answer
    if stream.digest() != surveyed.sha256:
        raise BadInput("the archive was changed while it was read; let nobody write to it, and give it again")


def _answer(
    record: Recorded, surveyed: Survey, counts: Counter[tuple[str, str]], now: datetime, limits: Limits
) -> Taken | LeftOut:
    if why := surveyed.unread.get(record.number):
        return _left(record, why)
    response = _image_in(record, surveyed.terms)
    if isinstance(response, tuple):
        return _left(record, *response)
    at, captured_at = response.at, response.captured_at
    try:
        content, checked = content_of(record, response.http, limits.image)
    except Unusable as error:
        return _left(record, error.why)
    shown = surveyed.shown.get(at.text, Shown())
    opt_outs = tuple(dict.fromkeys((*_said_of(response, surveyed), *shown.opt_outs)))
    capture = Capture(at, captured_at, shown.pages, opt_outs)
    reasons = reasons_against(capture, surveyed.terms, taken_that_day=counts[at.host, day_of(captured_at)], now=now)
    if reasons:
        return _left(record, *reasons)
    showing = shown.showing
    return Taken(
        number=record.number,
        record_id=plain(record.header("warc-record-id"), MOST_HEADER),
        host=at.host,
        image_url=at.text,
        page_url=showing.page.text if showing else "",
        page_title=showing.title if showing else "",
        caption=showing.caption if showing else "",
        alt=showing.alt if showing else "",
        archived_at=captured_at,
        http_date=plain(response.http.first("date"), 60),
        headers=_kept(response.http.headers),
        content_type=response.http.content_type,
        sha256=hashlib.sha256(content).hexdigest(),
        checked=checked,
        opt_outs=opt_outs,
        content=content,
    )


def _image_in(record: Recorded, terms: Terms) -> Response | tuple[Why, ...]:
    """The image of a covered address that this record may hold, by its heads alone; or why it is none."""
    response = response_in(record)
    if isinstance(response, tuple):
        return response
    at, http = response.at, response.http
    is_covered = covered(terms.places, at)
    if at.path in SITE_RULES:
        return (Why(Code.SITE_RULES, "it is read for what the site says to robots, and is no image"),)
    if http.content_type in HTML:
        is_read = is_covered and terms.valid_from <= response.captured_at < terms.valid_until and http.status == 200
        words = "read for what it says of its images" if is_read else "not read: it is not covered, or no whole answer"
        return (Why(Code.PAGE, f"it is a page, {words}"),)
    if not http.content_type.startswith("image/") or http.content_type == DRAWN:
        named = plain(http.content_type, 60) or "nothing"
        return (Why(Code.NOT_AN_IMAGE, f"its server calls it {named}, which is no photograph"),)
    if http.status != 200:
        return (Why(Code.STATUS, f"its server answered {http.status}; only 200 is a whole image"),)
    return response if is_covered else (outside(at),)


def _said_of(response: Response, surveyed: Survey) -> Iterator[OptOut]:
    """What the image's site and its own response say. A response's own TDM header stands over the file of its site."""
    reserved = reservation_in(response.http)
    for rule in surveyed.rules.get(response.at.host, ()):
        said = rule.opt_out(response.at)
        if said and (said.code is not Code.OPT_OUT_TDM or reserved is None):
            yield said
    yield from tags_in(response)
    if reserved:
        yield OptOut(Code.OPT_OUT_TDM, response.at.text, "TDM-Reservation: 1")


def _kept(headers: Headers) -> Headers:
    kept = [(plain(name, 60), plain(value, MOST_HEADER)) for name, value in headers if name.lower() not in _SECRET]
    return tuple(kept[:MOST_HEADERS])


def _left(record: Recorded, *reasons: Why) -> LeftOut:
    return LeftOut(record.number, plain(record.kind, 40), plain(record.url, 4_000), reasons)
