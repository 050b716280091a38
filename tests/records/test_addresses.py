"""Addresses have one form, and a place covers what lies in it and never what is only written alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.errors import BadInput
from beholden.records.addresses import Place, address, covered, place_in, whole_hosts


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://Photos.Example:443/a/../b/./c%7e#part", "https://photos.example/b/c~"),
        ("http://photos.example", "http://photos.example/"),
        ("http://photos.example:8080/a", "http://photos.example:8080/a"),
        ("https://photos.example./a b?q=ä", "https://photos.example/a%20b?q=%C3%A4"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://photos.example\\b\\c", "https://photos.example/b/c"),
        ("https://photos.example/%2e%2E/q/", "https://photos.example/q/"),
        ("https://photos.example/b/..", "https://photos.example/"),
        ("https://photos.example/100%", "https://photos.example/100%25"),
        ("https://photos.example/a%2fb", "https://photos.example/a%2Fb"),
    ],
)
def test_two_ways_to_write_an_address_are_one_address(written: str, read: str) -> None:
    found = address(written)
    assert found is not None
    assert found.text == read
    assert address(found.text) == found


@pytest.mark.parametrize(
    "written",
    [
        "",
        "photos.example/a",
        "ftp://photos.example/a",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https://somebody@photos.example/",
        "https://photos.example:70000/",
        "https://[::1]/",
        "https://[x/",
        "https://photos..example/",
        "https:///a",
        "https://photos.example/\x00",
        "https://photos.example/portraits/..%2Fprivate/x.jpg",
        "https://photos.example/portraits/..%5cprivate/x.jpg",
        "https://photos.example/" + "a" * 4_000,
    ],
)
def test_what_is_no_address_of_the_web_or_can_be_read_in_two_ways_is_none(written: str) -> None:
    assert address(written) is None


@pytest.mark.parametrize(
    ("reference", "read"),
    [
        ("../i.jpg", "https://a.example/i.jpg"),
        ("//cdn.example/i.jpg", "https://cdn.example/i.jpg"),
        ("?size=2", "https://a.example/x/y.html?size=2"),
        (" \n i j.jpg ", "https://a.example/x/i%20j.jpg"),
        ("HTTP://A.example/z", "http://a.example/z"),
    ],
)
def test_a_reference_is_read_from_where_it_stands(reference: str, read: str) -> None:
    base = address("https://a.example/x/y.html")
    found = address(reference, base)
    assert found is not None
    assert found.text == read


@given(st.text(max_size=60))
def test_whatever_is_written_is_an_address_that_stays_itself_or_none(written: str) -> None:
    for words in (written, f"https://a.example/{written}", f"https://{written}/"):
        found = address(words)
        if found is not None:
            assert address(found.text) == found
            assert found.text.isascii()
            assert "/../" not in found.path + "/"


@pytest.mark.parametrize(
    ("place", "at", "is_covered"),
    [
        ("a.example", "https://a.example/any/where?x=1", True),
        ("a.example", "http://a.example/", True),
        ("a.example", "https://www.a.example/", False),
        ("a.example", "https://a.example:8443/", False),
        ("a.example:8443", "https://a.example:8443/", True),
        ("a.example/news", "https://a.example/news", True),
        ("a.example/news", "https://a.example/news/1", True),
        ("a.example/news", "https://a.example/newsletter", False),
        ("a.example/news/", "https://a.example/news", False),
        ("a.example/news/", "https://a.example/news/../private", False),
        ("a.example/news/", "https://a.example/News/1", False),
        ("*.a.example", "https://b.a.example/", True),
        ("*.a.example", "https://c.b.a.example/", True),
        ("*.a.example", "https://a.example/", False),
        ("*.a.example", "https://nota.example/", False),
        ("*.a.example/p/", "https://b.a.example/q", False),
        ("https://a.example/p/", "https://a.example/p/1", True),
    ],
)
def test_a_place_covers_a_host_and_the_whole_names_below_its_path(place: str, at: str, is_covered: bool) -> None:
    found = address(at)
    assert found is not None
    assert covered([place_in("elsewhere.example"), place_in(place)], found) is is_covered
    assert not covered([], found)


@pytest.mark.parametrize(
    "words", ["", "*", "*.example", "a.example/?q", "a.example#x", "a.*.example", "ftp://a.example", "a b"]
)
def test_what_names_no_place_is_refused_with_what_to_write(words: str) -> None:
    with pytest.raises(BadInput, match=r"write a host and a path, as in photos\.example/portraits/"):
        place_in(words)


def test_what_a_site_says_to_robots_lies_at_the_top_of_each_host() -> None:
    places = [place_in("a.example/p/"), place_in("a.example/q/"), place_in("*.b.example/r/")]
    assert whole_hosts(places) == (Place("a.example", "/"), Place("*.b.example", "/"))
