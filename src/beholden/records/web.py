"""What may be taken from a web archive: the addresses that an authority covers, and what a site says against it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from beholden.records.addresses import Address, Place, covered

CLOCKS_DIFFER = timedelta(days=1)  # an archiver's clock may run ahead of ours by its time zone, not by more

# Who is spoken of when a site speaks to robots: everybody, those that gather images or text to make models or collections of
# them, and the search engines' (of which every site knows the names). A site that refuses one of these refuses us.
AGENTS = (
    "ai2bot",
    "amazonbot",
    "anthropic-ai",
    "applebot-extended",
    "bingbot",
    "bytespider",
    "ccbot",
    "claudebot",
    "cohere-ai",
    "diffbot",
    "facebookbot",
    "google-extended",
    "googlebot",
    "googlebot-image",
    "gptbot",
    "imagesiftbot",
    "img2dataset",
    "meta-externalagent",
    "omgilibot",
    "perplexitybot",
)
# "none" is noindex and nofollow in one word.
OPT_OUT_WORDS = ("noai", "noimageai", "noindex", "noimageindex", "none")
_WITH_VALUE = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")

_INSTANT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?Z")


class Code(StrEnum):
    """Why a record of an archive is not taken. Stable: lists, logs and programs of others use them."""

    NOT_A_RESPONSE = "record.not-a-response"
    REVISIT = "record.revisit"
    PAGE = "record.page"  # read for what it says of its images
    SITE_RULES = "record.site-rules"  # robots.txt or tdmrep.json, read for what it says
    NOT_AN_IMAGE = "record.not-an-image"
    SEGMENT = "record.segment"
    CUT_SHORT = "record.cut-short"
    TOO_LARGE = "record.too-large"
    DAMAGED = "record.damaged"
    STATUS = "http.status"
    LENGTH = "http.length"
    TRANSFER = "http.transfer-encoding"
    ENCODING = "http.content-encoding"
    EMPTY = "http.empty"
    DIGEST = "digest.differs"
    ADDRESS = "address.unusable"
    DATE = "date.unclear"
    FUTURE = "date.in-the-future"
    VALIDITY = "date.outside-validity"
    SCOPE = "scope.outside"
    VISITORS = "scope.visitors"
    NO_PAGE = "scope.no-page"
    DAY_FULL = "scope.day-full"
    OPT_OUT_ROBOTS = "opt-out.robots-txt"
    OPT_OUT_TAG = "opt-out.robots-tag"
    OPT_OUT_TDM = "opt-out.tdm-reservation"


OPT_OUTS = (Code.OPT_OUT_ROBOTS, Code.OPT_OUT_TAG, Code.OPT_OUT_TDM)


@dataclass(frozen=True, slots=True)
class Why:
    code: Code
    words: str


@dataclass(frozen=True, slots=True)
class OptOut:
    """What the archive recorded against the use of an image."""

    code: Code  # one of OPT_OUTS
    said_at: str  # the address of the file, page or image that says so
    words: str  # what it says: "Disallow for gptbot", "noimageai"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a publisher agreed to. What it does not name is not taken, and what its site opts out of is not taken either."""

    places: tuple[Place, ...]
    visitors: tuple[Place, ...]  # where people other than the publisher post
    valid_from: datetime
    valid_until: datetime
    most_a_day: int  # images of one host captured on one day, UTC


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a warrant or an order names. Opt-outs are recorded beside what is taken and decide nothing."""

    places: tuple[Place, ...]
    valid_from: datetime
    valid_until: datetime


Terms = Agreement | Instrument


@dataclass(frozen=True, slots=True)
class Capture:
    """One image as the archive has it: where it was, when it was captured, who showed it and what was said against it."""

    image: Address
    captured_at: datetime
    pages: tuple[Address, ...]  # that show it
    opt_outs: tuple[OptOut, ...]


def reasons_against(capture: Capture, terms: Terms, *, taken_that_day: int, now: datetime) -> tuple[Why, ...]:
    """Every reason for which this image is not taken; none if it is. `taken_that_day`: of its host, of its day of capture."""
    image, at = capture.image, capture.captured_at
    reasons = []
    if not covered(terms.places, image):
        reasons.append(outside(image))
    if at > now + CLOCKS_DIFFER:
        reasons.append(
            Why(Code.FUTURE, f"it says that it was captured at {at:%Y-%m-%d %H:%M} UTC, which is still to come")
        )
    if not terms.valid_from <= at < terms.valid_until:
        span = f"{terms.valid_from:%Y-%m-%d} to {terms.valid_until:%Y-%m-%d}"
        reasons.append(Why(Code.VALIDITY, f"it was captured on {at:%Y-%m-%d}, outside the validity ({span})"))
    if isinstance(terms, Agreement):
        reasons += _against_in(terms, capture, taken_that_day)
    return tuple(reasons)


def outside(image: Address) -> Why:
    return Why(Code.SCOPE, f"{image.host}{image.path} lies outside the addresses that the authority names")


def _against_in(agreement: Agreement, capture: Capture, taken_that_day: int) -> list[Why]:
    reasons = []
    by_visitors = [page for page in capture.pages if covered(agreement.visitors, page)]
    if covered(agreement.visitors, capture.image):
        reasons.append(Why(Code.VISITORS, "it lies where visitors post, which the agreement does not cover"))
    elif not capture.pages:
        reasons.append(
            Why(Code.NO_PAGE, "no page of the publisher that could be read shows it: what is said of it is unknown")
        )
    elif len(by_visitors) == len(capture.pages):
        reasons.append(Why(Code.VISITORS, f"only pages where visitors post show it ({by_visitors[0].text})"))
    said: dict[tuple[Code, str], list[str]] = {}
    for one in capture.opt_outs:  # one place may say several things
        said.setdefault((one.code, one.said_at), []).append(one.words)
    reasons += [Why(code, f"{at} opts out: {', '.join(words)}") for (code, at), words in said.items()]
    if taken_that_day >= agreement.most_a_day:
        day, host = day_of(capture.captured_at), capture.image.host
        reasons.append(
            Why(Code.DAY_FULL, f"{agreement.most_a_day} images of {host} of {day} are taken, the most that are agreed")
        )
    return reasons


def faults_in(terms: Terms) -> tuple[str, ...]:
    """What keeps these terms from being used, in words for whoever writes them down."""
    faults = []
    if not terms.places:
        faults.append("no address is named; name at least one host, with a path where only a part of it is meant")
    if terms.valid_from >= terms.valid_until:
        faults.append("the validity ends before it begins")
    if isinstance(terms, Agreement) and terms.most_a_day < 1:
        faults.append("the most that is taken of a host and day must be at least 1")
    return tuple(faults)


def day_of(captured_at: datetime) -> str:
    return captured_at.astimezone(UTC).date().isoformat()


def instant_of(warc_date: str) -> datetime | None:
    """A WARC-Date to the second. None if it is less exact than that, for then a window cannot be checked."""
    found = _INSTANT.fullmatch(warc_date.strip())
    if not found:
        return None
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError:
        return None


def tag_words(said: str) -> tuple[str, ...]:
    """The opt-outs in an X-Robots-Tag or a robots meta: "noai, noimageai", "googlebot: noindex".

    What is said to a robot that is not among `AGENTS` is said to it alone.
    """
    agent, found = "*", []
    for part in said.lower().split(","):
        word = part.strip()
        head, colon, rest = word.partition(":")
        if colon and head.strip() not in _WITH_VALUE:
            agent, word = head.strip(), rest.strip()
        if word in OPT_OUT_WORDS and (agent == "*" or agent in AGENTS):
            found.append(word)
    return tuple(dict.fromkeys(found))
