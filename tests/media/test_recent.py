"""What was made of a file a moment ago: by what it was made from, for minutes, within bytes."""

from __future__ import annotations

import pytest

from beholden.media.recent import Recent


class Maker:
    def __init__(self, *made: bytes) -> None:
        self.made, self.times = made, 0

    def __call__(self) -> tuple[bytes, ...]:
        self.times += 1
        return self.made


def test_what_was_made_is_given_again_until_its_time_is_over() -> None:
    now = [0.0]
    recent, maker = Recent(lasts=10, now=lambda: now[0]), Maker(b"one", b"two")
    for now[0] in (0.0, 9.9):
        assert recent.get("a", maker) == (b"one", b"two")
    assert maker.times == 1
    assert recent.get("b", Maker(b"other")) == (b"other",)
    now[0] = 10.0
    assert recent.get("a", maker) == (b"one", b"two")
    assert maker.times == 2


def test_the_oldest_goes_for_what_is_newer_and_what_is_larger_than_all_room_is_not_kept() -> None:
    recent, first, second, large = Recent(most=10), Maker(b"12345"), Maker(b"123456"), Maker(b"x" * 11)
    for maker in (first, second, second, first, large, large):
        recent.get(maker, maker)
    assert (first.times, second.times, large.times) == (2, 1, 2)


def test_what_could_not_be_made_is_asked_for_again() -> None:
    recent = Recent()

    def breaks() -> tuple[bytes, ...]:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        recent.get("a", breaks)
    assert recent.get("a", Maker(b"whole")) == (b"whole",)
