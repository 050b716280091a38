"""The synthetic publisher's archive is the same wherever it is made, and shows what is taken, out of scope and opted out."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO

import pytest

from beholden.demo import publisher
from beholden.errors import BadInput
from tests.web_archive import CAPTURED, JPEG, agreement, codes, read, taken

SHA256 = "0dcb10ae51f6ff585a367bb685e2172c0fbfb500d62171e7668769e17c6b32dd"
PORTRAITS = [(f"person-{number}.jpg", JPEG + bytes([number])) for number in range(5)]


def made() -> bytes:
    out = BytesIO()
    publisher.write_site(out, PORTRAITS, captured_at=CAPTURED)
    return out.getvalue()


def test_the_same_site_is_the_same_file() -> None:
    assert hashlib.sha256(made()).hexdigest() == SHA256
    assert made() == made()


def test_under_its_agreement_one_lies_out_of_scope_and_one_is_opted_out() -> None:
    terms = agreement(*publisher.PLACES, visitors=publisher.VISITORS, most_a_day=publisher.MOST_A_DAY)
    surveyed, answers = read(made(), terms)
    assert surveyed.damage == ""
    images = [code for code in codes(answers) if not code.startswith("record.")]
    assert images == ["taken", "taken", "taken", "scope.outside", "opt-out.robots-tag"]
    assert [(image.content, image.page_title, image.caption) for image in taken(answers)] == [
        (content, publisher.TITLE, f"Rendered portrait person-{number}")
        for number, (_, content) in enumerate(PORTRAITS[:3])
    ]
    assert all(image.archived_at == CAPTURED and len(image.checked) == 2 for image in taken(answers))


def test_a_day_of_the_site_is_full_where_its_agreement_says_so() -> None:
    terms = agreement(*publisher.PLACES, most_a_day=1, valid_until=CAPTURED + timedelta(days=1))
    assert codes(read(made(), terms)[1]).count("scope.day-full") == 2


def test_too_few_portraits_make_no_site() -> None:
    with pytest.raises(BadInput, match="at least 3 portraits"):
        publisher.write_site(BytesIO(), PORTRAITS[:2], captured_at=CAPTURED)
