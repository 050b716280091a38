"""Web archives made by warcio for tests, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from beholden.formats.warc import LIMITS, LeftOut, Limits, Survey, Taken, survey, taken_from
from beholden.records.addresses import place_in
from beholden.records.web import Agreement, Instrument

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CAPTURED = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
DATE = "2026-03-01T12:30:15Z"
SITE = "https://photos.example"
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4


def agreement(
    *places: str,
    visitors: Sequence[str] = (),
    most_a_day: int = 1_000,
    valid_from: datetime = CAPTURED - timedelta(days=30),
    valid_until: datetime = CAPTURED + timedelta(days=200),
) -> Agreement:
    where = tuple(place_in(place) for place in places or ("photos.example",))
    return Agreement(where, tuple(place_in(place) for place in visitors), valid_from, valid_until, most_a_day)


def instrument(*places: str) -> Instrument:
    like = agreement(*places)
    return Instrument(like.places, like.valid_from, like.valid_until)


class Archive:
    """Write records one after the other; then `content` is the file."""

    def __init__(self, *, gzip: bool = False) -> None:
        self._out = BytesIO()
        self._writer = WARCWriter(self._out, gzip=gzip)

    @property
    def content(self) -> bytes:
        return self._out.getvalue()

    def record(
        self,
        kind: str,
        url: str,
        body: bytes,
        http: StatusAndHeaders | None = None,
        warc: Mapping[str, str] | None = None,
    ) -> Archive:
        head = {"WARC-Date": DATE, "WARC-Record-ID": f"<urn:uuid:{len(self.content)}>", **(warc or {})}
        made = self._writer.create_warc_record(
            url, kind, BytesIO(body), len(body), warc_headers_dict=head, http_headers=http
        )
        self._writer.write_record(made)
        return self

    def response(
        self,
        url: str,
        body: bytes,
        kind: str,
        *headers: tuple[str, str],
        status: str = "200 OK",
        warc: Mapping[str, str] | None = None,
    ) -> Archive:
        address = url if "://" in url else SITE + url
        http = StatusAndHeaders(status, [("Content-Type", kind), *headers], protocol="HTTP/1.1")
        return self.record("response", address, body, http, warc)

    def image(
        self,
        url: str,
        *headers: tuple[str, str],
        body: bytes = JPEG,
        status: str = "200 OK",
        warc: Mapping[str, str] | None = None,
    ) -> Archive:
        return self.response(url, body, "image/jpeg", *headers, status=status, warc=warc)

    def page(self, url: str, html: str, *headers: tuple[str, str], warc: Mapping[str, str] | None = None) -> Archive:
        return self.response(url, html.encode(), "text/html; charset=utf-8", *headers, warc=warc)

    def robots(self, text: str, *, status: str = "200 OK", host: str = SITE) -> Archive:
        return self.response(f"{host}/robots.txt", text.encode(), "text/plain", status=status)


def shown(*urls: str) -> str:
    """A page that shows these images and says nothing of them."""
    return "<title>A page</title>" + "".join(f"<img src='{url}'>" for url in urls)


def read(
    archive: Archive | bytes,
    terms: Agreement | Instrument | None = None,
    *,
    taken_before: Mapping[tuple[str, str], int] | None = None,
    limits: Limits = LIMITS,
) -> tuple[Survey, list[Taken | LeftOut]]:
    file = BytesIO(archive if isinstance(archive, bytes) else archive.content)
    surveyed = survey(file, terms or agreement(), limits=limits)
    return surveyed, list(taken_from(file, surveyed, now=NOW, taken_before=taken_before, limits=limits))


def taken(answers: Sequence[Taken | LeftOut]) -> list[Taken]:
    return [answer for answer in answers if isinstance(answer, Taken)]


def codes(answers: Sequence[Taken | LeftOut]) -> list[str]:
    """What became of each record: "taken", or the codes of its reasons."""
    return ["taken" if isinstance(one, Taken) else " ".join(why.code for why in one.reasons) for one in answers]


def fate(
    archive: Archive | bytes, terms: Agreement | Instrument | None = None, *, limits: Limits = LIMITS
) -> Taken | LeftOut:
    """The answer for the last record."""
    return read(archive, terms, limits=limits)[1][-1]
