"""What a page shows and says is read as a browser would, and no page makes the reading slow or makes it fail."""

from __future__ import annotations

import random
import time

import pytest

from beholden.formats.web_pages import MOST_CAPTION, MOST_IMAGES, MOST_TITLE, Page, plain, read_page
from beholden.records.addresses import address
from beholden.records.web import Code

AT = address("https://a.example/dir/page.html")
assert AT is not None


def page_of(html: str | bytes, charset: str = "utf-8") -> Page:
    assert AT is not None
    return read_page(html if isinstance(html, bytes) else html.encode(), AT, charset=charset)


def shown(html: str) -> list[tuple[str, str, str]]:
    return [
        (image.image.text.removeprefix("https://a.example/"), image.alt, image.caption)
        for image in page_of(html).images
    ]


@pytest.mark.parametrize(
    ("html", "images"),
    [
        ("<img src=1.jpg>", ["dir/1.jpg"]),
        ("<IMG SRC='/1.jpg' />", ["1.jpg"]),
        ('<img\nsrc\n=\n"1.jpg"\n>', ["dir/1.jpg"]),
        ("<img src=a.jpg src=b.jpg>", ["dir/a.jpg"]),
        ("<img src='a&amp;b.jpg'>", ["dir/a&b.jpg"]),
        ("<img title='a > b' src=1.jpg>", ["dir/1.jpg"]),
        ("<img title=don't src=1.jpg>it's", ["dir/1.jpg"]),
        ("<img srcset='1.jpg, 2.jpg 2x, /3,4.jpg 640w' src=1.jpg>", ["dir/1.jpg", "dir/2.jpg", "3,4.jpg"]),
        ("<img srcset='1.jpg 1x,2.jpg 2x'>", ["dir/1.jpg", "dir/2.jpg"]),
        ("<img data-src=lazy.jpg src='data:image/gif;base64,R0lG'>", ["dir/lazy.jpg"]),
        (
            "<picture><source srcset=a.avif><source srcset='b.webp 2x'><img src=c.jpg></picture>",
            ["dir/a.avif", "dir/b.webp", "dir/c.jpg"],
        ),
        ("<meta property='og:image' content='https://a.example/o.jpg'>", ["o.jpg"]),
        ("<meta name=twitter:image content=/t.jpg>", ["t.jpg"]),
        ("<img src=1.jpg><base href=/other/><base href=/third/>", ["other/1.jpg"]),
        ("<base href='javascript:x'><img src=1.jpg>", ["dir/1.jpg"]),
        ("<!-- <img src=1.jpg> --><img src=2.jpg>", ["dir/2.jpg"]),
        ("<!--><img src=1.jpg>", ["dir/1.jpg"]),
        ("<!-- <img src=1.jpg>", []),
        ("<script>'<img src=1.jpg>'</script ><img src=2.jpg>", ["dir/2.jpg"]),
        ("<script><img src=1.jpg>", []),
        ("<textarea><img src=1.jpg></textarea>", []),
        ("<title><img src=1.jpg></title>", []),
        ("<noscript><img src=1.jpg></noscript>", ["dir/1.jpg"]),
        ("a < b <img src=1.jpg> <3 <img src=2.jpg", ["dir/1.jpg"]),
        ("<img src='1.jpg>", []),
        ("<?php <img src=0.jpg> ?><!doctype html><img src=1.jpg>", ["dir/1.jpg"]),
        ("<img src=''><img src><img>", []),
        ("<img src=ftp://a.example/x.jpg><img src='https://[x'>", []),
    ],
)
def test_the_images_that_a_page_shows(html: str, images: list[str]) -> None:
    assert [text for text, _, _ in shown(html)] == images


def test_a_caption_is_that_of_the_figure_around_the_image() -> None:
    html = """<figure><a href=x><img src=1.jpg alt="A&nbsp;child"></a>
      <figcaption>First <b>day</b>
      of school<!-- not this --></figcaption></figure> between
      <figure><figcaption>Above</figcaption><img src=2.jpg></figure><img src=3.jpg alt=alone>"""
    assert shown(html) == [
        ("dir/1.jpg", "A child", "First day of school"),
        ("dir/2.jpg", "", "Above"),
        ("dir/3.jpg", "alone", ""),
    ]


def test_the_first_title_counts_on_one_line() -> None:
    assert page_of("<title> A\n &lt;title&gt; </title><svg><title>drawn</title></svg>").title == "A <title>"
    assert page_of("no title").title == ""


def test_what_is_kept_of_a_page_is_short_and_turns_nothing_around() -> None:
    html = f"<title>{'t' * 999}</title><figure><img src=1.jpg alt='{'a' * 9_999}'><figcaption>{'c' * 9_999}</figcaption></figure>"
    page = page_of(html)
    assert len(page.title) == MOST_TITLE
    assert [(len(image.alt), len(image.caption)) for image in page.images] == [(MOST_CAPTION, MOST_CAPTION)]
    assert plain("a\u202eb\x00c\x1b[2Jd\r\ne", 100) == "abc[2Jd e"
    many = page_of("".join(f"<img src={number}.jpg>" for number in range(MOST_IMAGES + 10)))
    assert len(many.images) == MOST_IMAGES


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<meta name=robots content='noai, noimageai'>", ["meta robots: noai", "meta robots: noimageai"]),
        ("<META NAME='Robots' CONTENT='NoImageIndex'>", ["meta robots: noimageindex"]),
        ("<meta name=googlebot-image content=noindex>", ["meta googlebot-image: noindex"]),
        ("<meta name=somebot content=noindex>", []),
        ("<meta name=robots content='index, follow'>", []),
        ("<body><meta name=robots content=none>", ["meta robots: none"]),
        ("<!-- <meta name=robots content=noai> -->", []),
    ],
)
def test_the_opt_outs_that_a_page_states(html: str, words: list[str]) -> None:
    page = page_of(html)
    assert [said.words for said in page.opt_outs] == words
    assert {(said.code, said.said_at) for said in page.opt_outs} <= {(Code.OPT_OUT_TAG, page.at.text)}


@pytest.mark.parametrize(
    ("html", "reserves"),
    [
        ("<meta name=tdm-reservation content=1>", True),
        ("<meta name=tdm-reservation content=0>", False),
        ("<meta name=tdm-reservation content=1><meta name=tdm-reservation content=0>", True),
        ("<meta name=tdm-reservation content=yes>", None),
        ("", None),
    ],
)
def test_whether_a_page_reserves_the_mining_of_it(html: str, reserves: bool | None) -> None:
    assert page_of(html).reserves is reserves


@pytest.mark.parametrize(
    ("content", "charset", "title"),
    [
        ("<title>Änne</title>".encode(), "", "Änne"),
        ("<title>Änne</title>".encode("latin-1"), "iso-8859-1", "Änne"),
        ("<title>“Änne”</title>".encode("cp1252"), "ISO-8859-1", "“Änne”"),
        ("<meta charset=windows-1251><title>Анна</title>".encode("cp1251"), "", "Анна"),
        ("<title>Änne</title>".encode("utf-16"), "", "Änne"),
        (b"\xef\xbb\xbf<title>\xc3\x84nne</title>", "latin1", "Änne"),
        ("<title>Änne</title>".encode(), "zlib_codec", "Änne"),
        ("<title>Änne</title>".encode(), "unicode_escape", "Änne"),
        (b"<title>\xffnne</title>", "utf-8", "nne"),
    ],
)
def test_letters_are_read_by_what_the_server_or_the_page_says(content: bytes, charset: str, title: str) -> None:
    assert page_of(content, charset).title.replace("\ufffd", "") == title


@pytest.mark.parametrize("begin", ["", "<img ", "<img srcset='", "<figure><figcaption>"])
@pytest.mark.parametrize(
    "again",
    [
        "<!--",
        "<a ",
        "<a x='",
        "</a",
        "<",
        "a ",
        "= ",
        '<a a="',
        "<script>",
        "<script></",
        "&#9",
        "&a",
        "<![CDATA[",
        "<title>",
        "a ,",
    ],
)
def test_a_page_made_to_be_slow_is_read_in_a_moment(begin: str, again: str) -> None:
    html = (begin + again * 60_000)[:60_000]
    started = time.process_time()
    page_of(html)
    assert time.process_time() - started < 2  # html.parser takes up to 58 s for some of these; this takes 0.1 s


def test_a_number_of_thousands_of_digits_is_no_letter() -> None:
    assert page_of(f"<title>a&#{'9' * 5_000};</title>").title.startswith("a")


def test_whatever_a_page_holds_it_is_read() -> None:
    rng = random.Random(20_261_122)
    parts = [
        "<",
        ">",
        "'",
        '"',
        "=",
        "/",
        "!--",
        "-->",
        "img",
        " src",
        "srcset",
        " ",
        "<title>",
        "</title>",
        "<figure>",
        "&#x",
    ]
    parts += [
        "&",
        ";",
        "a",
        "\x00",
        "\udcff",
        "meta name=robots content=",
        "noai",
        "<base href=",
        "//x",
        ":99999",
        "[",
        "]]>",
    ]
    for _ in range(2_000):
        html = "".join(rng.choices(parts, k=40)).encode("utf-8", "surrogateescape")
        page = page_of(html, rng.choice(["", "utf-8", "utf-16", "gbk", "latin1", "no such"]))
        assert all(image.image.text.startswith(("http://", "https://")) for image in page.images)
