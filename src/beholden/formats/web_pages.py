"""What a web page shows and says: its title, its images with their captions, and its opt-outs; in one pass that never turns back.

`html.parser` was measured on what a hostile page may hold: 60 kB of "<a <a <a …" took it 58 s (Python 3.11.7), for it looks to
the end of the page from every opening. Here each step goes forward: 4 MiB of the same take some seconds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from beholden.records.addresses import Address, address
from beholden.records.web import AGENTS, Code, OptOut, tag_words

MOST_IMAGES = 2_000  # of one page; what it shows beyond them counts as shown by nobody
MOST_TITLE, MOST_CAPTION = 300, 1_000  # characters
_MOST_ATTRIBUTES = 50
_MOST_VALUE = 32_000  # characters; what is longer is an image written into the page, or no value
# Decoders that only read letters. Python knows others by name that unpack, or take time by the square of the length.
_CHARSETS = frozenset(
    [
        "utf-8",
        "utf-16",
        "utf-16le",
        "utf-16be",
        "ascii",
        "us-ascii",
        "iso-8859-1",
        "latin1",
        "macintosh",
        "koi8-r",
        "koi8-u",
    ]
    + ["shift_jis", "shift-jis", "euc-jp", "iso-2022-jp", "gbk", "gb2312", "gb18030", "big5", "euc-kr"]
    + [f"windows-125{number}" for number in range(9)]
    + [f"iso-8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)]
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,8}=\s{0,8}[\"']?([A-Za-z0-9_-]{2,20})", re.IGNORECASE)
_OPENING = re.compile(r"<(?=[A-Za-z/!?])")  # any other one is only a sign of less
_NAME = re.compile(r"[A-Za-z][^\s/>]*+")
_BLANK = re.compile(r"[\s/]*+")
_SPACE = re.compile(r"\s*+")
_ATTRIBUTE = re.compile(r"[^\s/>][^\s/>=]*+")
_BARE = re.compile(r"[^\s>]*+")
_CANDIDATE = re.compile(r"[\s,]*+(\S++)")
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "xmp", "iframe")
}
_SHARED = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")

Attributes = dict[str, str]
Token = tuple[Literal["start", "end", "text"], str, Attributes]


@dataclass(frozen=True, slots=True)
class ShownImage:
    image: Address
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself and of the images that it shows, which need not be in the archive."""

    at: Address
    title: str
    images: tuple[ShownImage, ...]
    opt_outs: tuple[OptOut, ...]
    reserves: bool | None  # what its TDM metadata say; None if it has none


def read_page(content: bytes, at: Address, *, charset: str) -> Page:
    """Raises nothing: of a page that is no HTML, nothing is shown and nothing said."""
    reading = _Reading(at)
    for token in _tokens(_decoded(content, charset)):
        reading.take(*token)
    return reading.page()


@dataclass(slots=True)
class _Figure:
    caption: str = ""


@dataclass(slots=True)
class _Reading:
    at: Address
    base: str = ""
    title: str | None = None
    seen: list[tuple[str, str, _Figure | None]] = field(default_factory=list)  # reference, alt, figure
    figure: _Figure | None = None
    in_caption: bool = False
    opt_outs: list[OptOut] = field(default_factory=list)
    reserves: bool | None = None

    def take(self, kind: str, name: str, attributes: Attributes) -> None:
        if kind == "text":
            if self.in_caption and self.figure and len(self.figure.caption) < MOST_CAPTION:
                self.figure.caption += name
        elif kind == "end":
            self.in_caption = self.in_caption and name not in ("figcaption", "figure")
            self.figure = None if name == "figure" else self.figure
        elif name == "figure":
            self.figure, self.in_caption = _Figure(), False
        elif name == "figcaption":
            self.in_caption = True
        elif name == "title":
            self.title = attributes["text"] if self.title is None else self.title
        elif name == "base":
            self.base = self.base or attributes.get("href", "")
        elif name in ("img", "source"):
            self._image(name, attributes)
        elif name == "meta":
            self._meta(attributes)

    def _image(self, name: str, attributes: Attributes) -> None:
        references = [attributes.get(key, "") for key in ("src", "data-src")] if name == "img" else []
        for key in ("srcset", "data-srcset"):
            references += _candidates(attributes.get(key, ""))
        for reference in dict.fromkeys(references):
            if reference and not reference.startswith("data:") and len(self.seen) < MOST_IMAGES:
                self.seen.append((reference, attributes.get("alt", ""), self.figure))

    def _meta(self, attributes: Attributes) -> None:
        name = (attributes.get("name") or attributes.get("property", "")).strip().lower()
        content = attributes.get("content", "")
        if name in _SHARED and len(self.seen) < MOST_IMAGES:
            self.seen.append((content, "", None))
        elif name == "robots" or name in AGENTS:
            for word in tag_words(content):
                self.opt_outs.append(OptOut(Code.OPT_OUT_TAG, self.at.text, f"meta {name}: {word}"))
        elif name == "tdm-reservation" and content.strip() in ("0", "1"):
            self.reserves = content.strip() == "1" or bool(self.reserves)

    def page(self) -> Page:
        base = address(self.base, self.at) or self.at
        images: dict[tuple[str, str], ShownImage] = {}
        for reference, alt, figure in self.seen:
            if image := address(reference, base):
                caption = plain(figure.caption if figure else "", MOST_CAPTION)
                images.setdefault((image.text, caption), ShownImage(image, plain(alt, MOST_CAPTION), caption))
        opt_outs = tuple(dict.fromkeys(self.opt_outs))
        return Page(self.at, plain(self.title or "", MOST_TITLE), tuple(images.values()), opt_outs, self.reserves)


def plain(words: str, most: int) -> str:
    """One line of it: no control characters, none that turn the direction of what stands beside it."""
    kept = "".join(
        " " if letter.isspace() else letter for letter in words[: 4 * most] if letter.isspace() or letter.isprintable()
    )
    return " ".join(kept.split())[:most]


def _decoded(content: bytes, charset: str) -> str:
    if content.startswith(b"\xef\xbb\xbf"):
        return content[3:].decode("utf-8", "replace")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    told = charset.strip(" \"'").lower()
    if told not in _CHARSETS:
        found = _META_CHARSET.search(content, 0, 1_024)
        told = found[1].decode("ascii").lower() if found else "utf-8"
    told = told if told in _CHARSETS and (charset or not told.startswith("utf-16")) else "utf-8"
    told = {"iso-8859-1": "windows-1252", "latin1": "windows-1252", "macintosh": "mac_roman"}.get(
        told, told
    )  # as browsers do
    return content.decode(told, "replace")


def _candidates(srcset: str) -> Iterator[str]:
    """The addresses of a srcset. One may hold commas, but does not end with one."""
    at = 0
    while found := _CANDIDATE.match(srcset, at):
        yield found[1].rstrip(",")
        at = found.end()
        if not found[1].endswith(","):  # its width or density, to the next comma
            at = srcset.find(",", at)
            if at < 0:
                return


def _tokens(page: str) -> Iterator[Token]:
    """Tags and the text between them. A tag, comment or quotation that does not end is the end: browsers read none of it either."""
    at = 0
    while True:
        found = _OPENING.search(page, at)
        opening = found.start() if found else -1
        yield "text", _unescaped(page[at : opening if opening >= 0 else len(page)]), {}
        if opening < 0:
            return
        after = page[opening + 1 : opening + 2]
        if after not in "!?/":
            ends = _end(_NAME, page, opening + 1)
            name = page[opening + 1 : min(ends, opening + 41)].lower()
            attributes, at = _attributes(page, ends)
            if at >= 0 and name in _RAW:
                ending = _RAW[name].search(page, at)
                attributes["text"] = _unescaped(page[at : ending.start()]) if ending and name == "title" else ""
                at = ending.start() if ending else -1
            if at < 0:
                return
            yield "start", name, attributes
        elif page.startswith("<!--", opening):
            ending_at = page.find("-->", opening + 2)  # "<!-->" is one too
            at = ending_at + 3 if ending_at >= 0 else -1
        else:
            at = page.find(">", opening) + 1
            if after == "/" and (named := _NAME.match(page, opening + 2)):
                yield "end", named[0][:40].lower(), {}
        if at <= opening:
            return


def _attributes(page: str, at: int) -> tuple[Attributes, int]:
    """The attributes of a tag, by the steps of HTML's own tokeniser, and where the tag ends; −1 if it does not."""
    kept: Attributes = {}
    while True:
        at = _end(_BLANK, page, at)
        if at >= len(page):
            return kept, -1
        if page[at] == ">":
            return kept, at + 1
        named = at
        at = _end(_ATTRIBUTE, page, at)
        name = page[named : min(at, named + 40)].lower()
        at = _end(_SPACE, page, at)
        if not page.startswith("=", at):
            continue
        at = _end(_SPACE, page, at + 1)
        quote = page[at : at + 1]
        if quote in ('"', "'") and quote:
            begins, at = at + 1, page.find(quote, at + 1)
            if at < 0:
                return kept, -1
            ends, at = at, at + 1
        else:
            begins, at = at, _end(_BARE, page, at)
            ends = at
        if name not in kept and len(kept) < _MOST_ATTRIBUTES and ends - begins <= _MOST_VALUE:
            kept[name] = _unescaped(page[begins:ends])


def _end(pattern: re.Pattern[str], page: str, at: int) -> int:
    found = pattern.match(page, at)
    return found.end() if found else at


def _unescaped(words: str) -> str:
    try:
        return html.unescape(words) if "&" in words else words
    except ValueError:  # a character reference of more than 4,300 digits
        return words
