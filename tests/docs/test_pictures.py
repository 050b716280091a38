"""The pictures in the documents: each is shown, none is large, and each says in words what is on it."""

from __future__ import annotations

import re

from tests.docs.pages import DOCS, page

MOST_BYTES = 150 * 1024


def test_every_picture_is_shown_with_its_words_and_none_is_large() -> None:
    there = sorted((DOCS / "screenshots").iterdir())
    told = page("pages.md") + page("interface.md")
    shown = re.findall(r"^!\[(.+)\]\(screenshots/(.+)\)$", told, re.MULTILINE)
    assert sorted(name for _, name in shown) == [path.name for path in there]
    assert all(len(words) > 10 for words, _ in shown)
    assert [path.name for path in there if path.stat().st_size > MOST_BYTES or path.suffix != ".png"] == []
