"""Reads a PDF as far as our own pages need it: the words of each page through the fonts' own tables, attachments, pictures."""

from __future__ import annotations

import re
import zlib
from functools import cached_property

OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\s(.*?)\sendobj", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class Read:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.objects = {int(number): body for number, body in OBJECT.findall(content)}

    @cached_property
    def catalog(self) -> bytes:
        (catalog,) = [body for body in self.objects.values() if b"/Type/Catalog" in body]
        return catalog

    @cached_property
    def pages(self) -> list[str]:
        """The words of each page, the lines apart."""
        return [self._words(body) for _, body in sorted(self.objects.items()) if b"<</Type/Page/" in body]

    @cached_property
    def metadata(self) -> str:
        return self.stream(self._number(rb"/Metadata (\d+)", self.catalog)).decode()

    @cached_property
    def attachments(self) -> dict[str, bytes]:
        specs = [body for body in self.objects.values() if b"/Type/Filespec" in body]
        return {
            re.search(rb"/UF\((.*?)\)", spec)[1].decode(): self.stream(self._number(rb"/EF<</F (\d+)", spec))  # type: ignore[index]
            for spec in specs
        }

    @cached_property
    def pictures(self) -> list[bytes]:
        return [self.stream(n) for n, body in self.objects.items() if b"/Subtype/Image/" in body]

    def structure(self, kind: str) -> list[bytes]:
        """The elements of a kind that a screen reader is told of."""
        return [body for body in self.objects.values() if f"/Type/StructElem/S/{kind}/".encode() in body]

    def stream(self, number: int) -> bytes:
        head, _, rest = self.objects[number].partition(b"stream\n")
        content = rest[: self._number(rb"/Length (\d+)", head)]
        return zlib.decompress(content) if b"/FlateDecode" in head else content

    def _number(self, pattern: bytes, body: bytes) -> int:
        found = re.search(pattern, body)
        assert found, pattern
        return int(found[1])

    def _words(self, page: bytes) -> str:
        resources = self.objects[self._number(rb"/Resources (\d+)", page)]
        fonts = {name: self._letters(int(number)) for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", resources)}
        lines = []
        for font, shown in re.findall(
            rb"/(f\d+) [\d.]+ Tf(.*?)ET", self.stream(self._number(rb"/Contents (\d+)", page)), re.DOTALL
        ):
            codes = b"".join(map(_unescaped, _texts(shown)))
            lines.append("".join(fonts[font][codes[at : at + 2]] for at in range(0, len(codes), 2)))
        return "\n".join(lines)

    def _letters(self, font: int) -> dict[bytes, str]:
        table = self.stream(self._number(rb"/ToUnicode (\d+)", self.objects[font]))
        pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", table)
        return {bytes.fromhex(code.decode()): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _texts(shown: bytes) -> list[bytes]:
    """The texts in round brackets, within which brackets that balance stand as they are."""
    texts, depth, begin, at = [], 0, 0, 0
    while at < len(shown):
        letter = shown[at : at + 1]
        if letter == b"(":
            begin = begin if depth else at + 1
            depth += 1
        elif letter == b")":
            depth -= 1
            if not depth:
                texts.append(shown[begin:at])
        at += 2 if letter == b"\\" else 1
    return texts


def _unescaped(text: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        escaped = found[1]
        return bytes([int(escaped, 8)]) if escaped.isdigit() else ESCAPES.get(escaped, escaped)

    return re.sub(rb"\\([0-7]{1,3}|.)", plain, text, flags=re.DOTALL)
