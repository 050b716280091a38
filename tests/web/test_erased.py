"""What an erasure found is told in sentences, and not as a program wrote it down."""

from __future__ import annotations

import pytest

from beholden.web.erased import in_sentences

SUMMARY = (
    ("stores", "data, keys, index, segments"),
    ("files_scanned", "1204"),
    ("bytes_scanned", "7340032"),
    ("needles", "31"),
    ("post_delete_rank", "null"),
    ("damaged_pictures", "0"),
    ("self_test", "2 of 2 templates searched after removal"),
)


def changed(**how: str) -> list[str]:
    return in_sentences(tuple((name, how.get(name, value)) for name, value in SUMMARY))


def test_an_erasure_is_told_in_three_sentences_of_what_was_read_what_was_looked_for_and_who_is_found() -> None:
    assert in_sentences(SUMMARY) == [
        "It is erased from: the data folder, the keys, the index, its sealed segments. "
        "All 1,204 files there, 7.0 MiB, were read byte by byte.",
        "31 traces were looked for, pieces of keys and of sealed data, and none was found.",
        "After the removal, the templates of 2 of 2 records were searched for once more. What was erased is on no list any more.",
    ]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"self_test": "0 of 1 templates searched after removal"}, "No template was left to search with"),
        ({"post_delete_rank": "[3]"}, "What was erased is still on a list"),
        ({"damaged_pictures": "2"}, "2 pictures "),
        ({"needles": "1"}, "One trace was looked for"),
        ({"files_scanned": "many"}, "It is erased from: the data folder, the keys, the index, its sealed segments."),
    ],
)
def test_what_is_out_of_the_ordinary_is_told(how: dict[str, str], said: str) -> None:
    assert any(sentence.startswith(said) or said in sentence for sentence in changed(**how))


def test_what_an_erasure_of_another_version_noted_is_said_as_it_stands() -> None:
    assert in_sentences((("moons_seen", "2"),)) == ["moons seen: 2"]
    assert in_sentences(()) == []
