"""A first reading of a whole web archive: which pages show which images and what they say, and what its sites opt out of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from beholden.errors import BadInput
from beholden.formats.payloads import Unusable, payload_of
from beholden.formats.site_rules import ROBOTS_PATH, TDM_PATH, SiteRules, refusing, reserved_in, robots_in
from beholden.formats.warc_records import LIMITS, Damage, Http, Limits, Recorded, Unpacked, records
from beholden.formats.web_pages import ShownImage, plain, read_page
from beholden.records.addresses import Address, address, covered, whole_hosts
from beholden.records.web import Agreement, Code, OptOut, Terms, Why, faults_in, instant_of, tag_words

HTML = ("text/html", "application/xhtml+xml")
SITE_RULES = (ROBOTS_PATH, TDM_PATH)
MOST_OPT_OUTS = 16  # that are kept of one image: one is enough to leave it out


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer of a web server, as far as its heads."""

    at: Address
    captured_at: datetime
    http: Http


@dataclass(frozen=True, slots=True)
class Showing:
    """A page that shows an image, and what it says of it."""

    page: Address
    title: str
    caption: str
    alt: str


@dataclass(slots=True)
class Shown:
    """Who shows one image: of the pages, the first that says most of it, and the first where visitors post."""

    showing: Showing | None = None
    by_visitors: Address | None = None
    opt_outs: tuple[OptOut, ...] = ()  # of all pages that show it

    @property
    def pages(self) -> tuple[Address, ...]:
        pages = (self.showing.page if self.showing else None, self.by_visitors)
        return tuple(page for page in pages if page is not None)


@dataclass(frozen=True, slots=True)
class Survey:
    """What the archive holds, and where it ends."""

    terms: Terms
    sha256: str  # of the file as it lies
    records: int
    images: int  # responses that say they are images, covered or not
    pages: int  # covered, and read
    robots_of: tuple[str, ...]  # covered hosts whose robots.txt the archive holds
    damage: str  # empty if it could be read to its end
    shown: Mapping[str, Shown] = field(repr=False)  # by the image's address
    rules: Mapping[str, tuple[SiteRules, ...]] = field(repr=False)  # by host
    unread: Mapping[int, Why] = field(repr=False)  # by record: pages and site rules that could not be read


def survey(file: BinaryIO, terms: Terms, *, limits: Limits = LIMITS) -> Survey:
    """Read it once. Raises `BadInput`: it is no web archive, a bomb, or too large to be read; or the terms cannot be used."""
    if faults := faults_in(terms):
        raise BadInput("; ".join(faults))
    reading = _Reading(terms, limits)
    stream = Unpacked(file, limits)
    for record in records(stream, limits, reading.wanted):
        if isinstance(record, Damage):
            reading.damage = record.words
        else:
            reading.take(record)
    return Survey(
        terms=terms,
        sha256=stream.digest(),
        records=reading.records,
        images=reading.images,
        pages=reading.pages,
        robots_of=tuple(sorted(reading.robots_of)),
        damage=reading.damage,
        shown=reading.shown,
        rules={host: tuple(said) for host, said in reading.rules.items()},
        unread=reading.unread,
    )


def response_in(record: Recorded) -> Response | tuple[Why, ...]:
    """The response that this record holds whole, or why it holds none."""
    if record.kind == "revisit":
        return (Why(Code.REVISIT, "it only says that the content was the same as before, and holds none"),)
    if record.kind != "response":
        kind = plain(record.kind, 40)
        return (
            Why(Code.NOT_A_RESPONSE, f"it is {f'a {kind} record' if kind else 'of no kind'}, not what a server sent"),
        )
    if record.faults:
        return record.faults
    if record.header("warc-segment-number"):
        return (Why(Code.SEGMENT, "it is one part of a longer record; have it archived in one"),)
    if cut := record.header("warc-truncated"):
        return (Why(Code.CUT_SHORT, f"its archiver cut it short ({plain(cut, 40)})"),)
    if record.http is None:
        return (Why(Code.NOT_AN_IMAGE, "it is no answer of a web server"),)
    at, captured_at = address(record.url), instant_of(record.header("warc-date"))
    if at is None:
        return (Why(Code.ADDRESS, "it has no address of the web that can be read in one way only"),)
    if captured_at is None:
        return (Why(Code.DATE, "it does not say to the second when it was captured"),)
    return Response(at, captured_at, record.http)


def content_of(record: Recorded, http: Http, most: int) -> tuple[bytes, tuple[str, ...]]:
    """As `payload_of`, for a body that was asked for. Raises `Unusable`."""
    if record.body is None:
        raise Unusable(Code.TOO_LARGE, f"it has {record.body_size:,} bytes, more than the {most:,} that are read")
    return payload_of(record, http, record.body, most=most)


def tags_in(response: Response) -> Iterator[OptOut]:
    for said in response.http.all("x-robots-tag"):
        for word in tag_words(said):
            yield OptOut(Code.OPT_OUT_TAG, response.at.text, f"X-Robots-Tag: {word}")


def reservation_in(http: Http) -> bool | None:
    """What its TDM-Reservation header says; None if there is none that says 0 or 1."""
    said = {value.strip() for value in http.all("tdm-reservation")} & {"0", "1"}
    return "1" in said if said else None


class _Reading:
    """Gathers what pages and sites say, and no more of it than fits."""

    def __init__(self, terms: Terms, limits: Limits) -> None:
        self._terms, self._limits = terms, limits
        self._hosts = whole_hosts(terms.places)
        self._held = self._showings = 0
        self.records = self.images = self.pages = 0
        self.damage = ""
        self.robots_of: set[str] = set()
        self.shown: dict[str, Shown] = {}
        self.rules: dict[str, list[SiteRules]] = {}
        self.unread: dict[int, Why] = {}

    def wanted(self, record: Recorded) -> int:
        response = response_in(record)
        if isinstance(response, tuple):
            return 0
        if self._is_rules(response) and response.http.status == 200:
            return self._limits.site_rules
        return self._limits.page if self._is_page(response) else 0

    def take(self, record: Recorded) -> None:
        self.records += 1
        response = response_in(record)
        if isinstance(response, tuple):
            return
        self.images += response.http.content_type.startswith("image/")
        try:
            if self._is_rules(response):
                self._take_rules(record, response)
            elif self._is_page(response):
                self._take_page(record, response)
        except Unusable as error:
            self._hold(len(error.why.words))
            self.unread[record.number] = Why(
                error.why.code, f"it could not be read for what it says: {error.why.words}"
            )

    def _is_rules(self, response: Response) -> bool:
        return response.at.path in SITE_RULES and covered(self._hosts, response.at)

    def _is_page(self, response: Response) -> bool:
        """What was captured outside the validity is not read for captions either."""
        terms, http = self._terms, response.http
        fits = http.status == 200 and http.content_type in HTML and covered(terms.places, response.at)
        return fits and terms.valid_from <= response.captured_at < terms.valid_until

    def _take_rules(self, record: Recorded, response: Response) -> None:
        at, status = response.at, response.http.status
        rules, is_robots = self.rules.setdefault(at.host, []), at.path == ROBOTS_PATH
        if is_robots:
            self.robots_of.add(at.host)
        if status >= 500 and is_robots:
            rules.append(refusing(at, f"its server answered {status}"))
        if status != 200:
            return
        try:
            content, _ = content_of(record, response.http, self._limits.site_rules)
        except Unusable as error:
            if is_robots and error.why.code is not Code.EMPTY:
                rules.append(refusing(at, "the archive holds it damaged, or it is too long"))
            raise
        self._hold(len(content))
        said = robots_in(content, at) if is_robots else reserved_in(content, at)
        if said:
            rules.append(said)

    def _take_page(self, record: Recorded, response: Response) -> None:
        content, _ = content_of(record, response.http, self._limits.page)
        self.pages += 1
        charset = response.http.first("content-type").lower().partition("charset=")[2].partition(";")[0]
        page = read_page(content, response.at, charset=charset)
        opt_outs = [*page.opt_outs, *tags_in(response)]
        if (
            reservation_in(response.http) if page.reserves is None else page.reserves
        ):  # its own words stand over its header
            opt_outs.append(OptOut(Code.OPT_OUT_TDM, page.at.text, "tdm-reservation: 1"))
        for image in page.images:
            if covered(self._terms.places, image.image):
                self._show(image, Showing(page.at, page.title, image.caption, image.alt), opt_outs)

    def _show(self, image: ShownImage, showing: Showing, opt_outs: list[OptOut]) -> None:
        self._showings += 1
        if self._showings > self._limits.showings:
            raise BadInput(
                f"its pages show images in more than {self._limits.showings:,} places; give the archive in parts"
            )
        self._hold(len(image.image.text) + len(image.caption) + len(image.alt))
        shown = self.shown.setdefault(image.image.text, Shown())
        shown.opt_outs = tuple(dict.fromkeys((*shown.opt_outs, *opt_outs)))[:MOST_OPT_OUTS]
        if isinstance(self._terms, Agreement) and covered(self._terms.visitors, showing.page):
            shown.by_visitors = shown.by_visitors or showing.page
        elif shown.showing is None or _telling(showing) > _telling(shown.showing):
            shown.showing = showing

    def _hold(self, characters: int) -> None:
        self._held += characters
        if self._held > self._limits.text:
            raise BadInput(
                f"its pages say more than the {self._limits.text:,} characters that are held; give the archive in parts"
            )


def _telling(showing: Showing) -> tuple[bool, bool]:
    return bool(showing.caption), bool(showing.alt)
