"""Why a record of a web archive was left out, in words of the command line with the code behind them."""

from __future__ import annotations

from beholden.actions import archives
from beholden.cli import codes
from beholden.records.web import Code


def test_every_code_has_its_words() -> None:
    assert set(codes.WORDS) == set(Code)
    assert set(codes.ORDINARY) == archives.ORDINARY
    assert len(set(codes.WORDS.values())) == len(Code)


def test_a_reason_is_said_with_words_first_and_any_other_as_it_is() -> None:
    reason = "http.status: its server answered 404; only 200 is a whole image; scope.outside: a.example/b lies outside"
    assert codes.words_first(reason) == (
        "its server answered 404; only 200 is a whole image [http.status]; a.example/b lies outside [scope.outside]"
    )
    assert codes.words_first("line 2: the file is damaged; export it") == "line 2: the file is damaged; export it"
    assert (
        codes.words_first("a.b: it is no code; scope.outsider: nor this")
        == "a.b: it is no code; scope.outsider: nor this"
    )
    assert codes.in_words("scope.visitors") == "it lies where visitors post [scope.visitors]"
    assert codes.in_words("the file is damaged") == "the file is damaged"
