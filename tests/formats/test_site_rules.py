"""What a site says: the places that it reserves, the robots that it refuses, and refusal where it cannot be read."""

from __future__ import annotations

import json

import pytest

from beholden.formats.site_rules import refusing, reserved_in, robots_in
from beholden.records.addresses import Address, address
from beholden.records.web import Code, OptOut


def at(path: str) -> Address:
    found = address(f"https://s{path if path.startswith('.') else '.example' + path}")
    assert found is not None
    return found


FILE, ROBOTS = at("/.well-known/tdmrep.json"), at("/robots.txt")


@pytest.mark.parametrize(
    ("location", "path", "is_reserved"),
    [
        ("/", "/p/1.jpg", True),
        ("/p", "/p/1.jpg", True),
        ("/q", "/p/1.jpg", False),
        ("/p/1.jpg$", "/p/1.jpg", True),
        ("/p/1.jpg$", "/p/1.jpg?size=2", False),
        ("*", "/p/1.jpg", True),
        ("/*/x/*.jpg", "/p/x/1.jpg", True),
        ("/*/x/*.jpg", "/p/y/1.jpg", False),
        ("/*/x/*.jpg$", "/p/x/1.jpg", True),
        ("/*/x/*.jpg$", "/p/x/1.jpg?", True),
        ("/*/x/*.jpg$", "/p/x/1.png", False),
        ("/p*p$", "/p", False),
        ("https://s.example/p/", "/p/1.jpg", True),
        ("https://s.example", "/p/1.jpg", True),
        ("/" + "*a" * 5_000 + "$", "/" + "a" * 3_000, False),
    ],
)
def test_a_reserved_place_covers_what_its_pattern_says(location: str, path: str, is_reserved: bool) -> None:
    content = json.dumps([{"location": "/other", "tdm-reservation": 1}, {"location": location, "tdm-reservation": 1}])
    rules = reserved_in(content.encode(), FILE)
    assert rules is not None
    said = rules.opt_out(at(path))
    assert (said is not None) is is_reserved
    assert said is None or (said.code, said.said_at) == (Code.OPT_OUT_TDM, FILE.text)


@pytest.mark.parametrize("value", [0, "0", None, 2, "yes", [1], False])
def test_only_the_number_one_reserves(value: object) -> None:
    rules = reserved_in(json.dumps([{"location": "/", "tdm-reservation": value}]).encode(), FILE)
    assert rules is not None
    assert rules.opt_out(at("/1.jpg")) is None


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"[1, 2]", b"nul", b"\xff", b"[" * 99_999, b'{"location": "/"}']
)
def test_a_file_that_lists_no_places_says_nothing(content: bytes) -> None:
    assert reserved_in(content, FILE) is None


def test_all_that_are_refused_are_named() -> None:
    rules = robots_in(
        b"\xef\xbb\xbfUser-agent: ClaudeBot\nUser-agent: GPTBot\nUser-agent: SomeBot\nDisallow: /p/\n", ROBOTS
    )
    assert rules.opt_out(at("/p/1.jpg")) == OptOut(Code.OPT_OUT_ROBOTS, ROBOTS.text, "Disallow for claudebot, gptbot")
    assert rules.opt_out(at("/q/1.jpg")) is None


def test_a_file_that_is_too_much_to_read_refuses_everything() -> None:
    for text in ("Allow: /\n" * 20_001, "User-agent: a\n" * 500 + "Allow: /\n" * 500):
        said = robots_in(text.encode(), ROBOTS).opt_out(at("/1.jpg"))
        assert said is not None
        assert "more than are read" in said.words
    assert refusing(ROBOTS, "its server answered 503").opt_out(at("/1.jpg")) == OptOut(
        Code.OPT_OUT_ROBOTS, ROBOTS.text, "everything is refused, since its server answered 503"
    )
