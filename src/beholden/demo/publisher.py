"""The second source of the story: a publisher that does not exist, and its site as an archiver would have kept it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape
from io import BytesIO
from typing import BinaryIO

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from beholden.errors import BadInput

HOST = "publisher.example"
# What its agreement would say: one part of the site, without the part where its visitors post.
PLACES = (f"{HOST}/portraits/",)
VISITORS = (f"{HOST}/portraits/guestbook/",)
MOST_A_DAY = 100
TITLE = "Portraits of people who do not exist"
ROBOTS = f"User-agent: *\nDisallow: /drafts/\nSitemap: https://{HOST}/sitemap.xml\n"

LEAST = 3  # portraits: one taken, one out of scope, one opted out


def write_site(out: BinaryIO, portraits: Sequence[tuple[str, bytes]], *, captured_at: datetime) -> None:
    """A WARC of the site with these JPEGs, by name: the same bytes for the same portraits and time, wherever it is made.

    The last portrait but one lies outside the agreement's scope, and the last is opted out by its own response. It is written
    unpacked, since two builds of zlib pack differently. Raises `BadInput` for fewer than three portraits.
    """
    if len(portraits) < LEAST:
        raise BadInput(f"the publisher's site needs at least {LEAST} portraits; {len(portraits)} were given")
    site = _Site(out, captured_at)
    *agreed, (staff_name, staff), opted_out = portraits
    shown = [*agreed, opted_out]
    site.info(f"software: the demo of Beholden\r\nisPartOf: {HOST}\r\n".encode())
    site.response("/robots.txt", "text/plain; charset=utf-8", ROBOTS.encode())
    site.response("/portraits/", "text/html; charset=utf-8", _page(TITLE, [_figure(name) for name, _ in shown]))
    for name, content in agreed:
        site.response(f"/portraits/{name}", "image/jpeg", content)
    site.response(
        "/staff/", "text/html; charset=utf-8", _page("Who we are", [f'<img src="{escape(staff_name)}" alt="Us">'])
    )
    site.response(f"/staff/{staff_name}", "image/jpeg", staff)
    site.response(f"/portraits/{opted_out[0]}", "image/jpeg", opted_out[1], ("X-Robots-Tag", "noai, noimageai"))


class _Site:
    def __init__(self, out: BinaryIO, captured_at: datetime) -> None:
        self._writer = WARCWriter(out, gzip=False, warc_version="1.1")
        self._captured_at = captured_at
        self._records = 0

    def info(self, fields: bytes) -> None:
        head = self._head()
        record = self._writer.create_warc_record("", "warcinfo", BytesIO(fields), len(fields), warc_headers_dict=head)
        self._writer.write_record(record)

    def response(self, path: str, content_type: str, content: bytes, *more: tuple[str, str]) -> None:
        headers = [
            ("Date", format_datetime(self._captured_at, usegmt=True)),
            ("Content-Type", content_type),
            ("Content-Length", str(len(content))),
            *more,
        ]
        http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
        record = self._writer.create_warc_record(
            f"https://{HOST}{path}",
            "response",
            BytesIO(content),
            len(content),
            warc_headers_dict=self._head(),
            http_headers=http,
        )
        self._writer.write_record(record)

    def _head(self) -> dict[str, str]:
        """The same for the same record, where a writer would take the clock and chance."""
        self._records += 1
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"https://{HOST}/record/{self._records}")
        return {"WARC-Record-ID": f"<urn:uuid:{name}>", "WARC-Date": f"{self._captured_at:%Y-%m-%dT%H:%M:%SZ}"}


def _figure(name: str) -> str:
    caption = f"Rendered portrait {name.rpartition('.')[0]}"
    return f'<figure><img src="{escape(name)}" alt="A portrait"><figcaption>{escape(caption)}</figcaption></figure>'


def _page(title: str, shown: Sequence[str]) -> bytes:
    body = "\n".join(shown)
    return f"<!doctype html><html lang=en><title>{escape(title)}</title><h1>{escape(title)}</h1>\n{body}\n</html>\n".encode()
