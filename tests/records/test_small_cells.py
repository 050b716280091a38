"""Cells that are too small to be told, and those that would give them away."""

from __future__ import annotations

from beholden.records.small_cells import withheld


def test_what_is_too_small_to_be_told_cannot_be_worked_out_either() -> None:
    assert withheld((0, 5, 60)) == (0, 5, 60)
    assert withheld((4, 9, 60)) == (None, None, 60), "one alone follows from the sum: the least of the others goes too"
    assert withheld((1, 2, 60, 70)) == (None, None, None, 70)
    assert withheld((1, 1, 20, 30)) == (None, None, None, 30), "both are 1 by their sum"
    assert withheld((0, 5, 5, 1)) == (0, None, None, None), "6 without one 5 would leave 1"
    assert withheld((3,)) == (None,)
    assert withheld(()) == ()
