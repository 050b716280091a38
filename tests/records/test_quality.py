"""Reasons of a low quality: each is about one component, and a face without fault has none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from beholden.database.rows import layout_of
from beholden.records.exhibits import ExhibitFace
from beholden.records.faces import Quality
from beholden.records.quality import Component, quality_reasons
from beholden.web.quality import WORDS, reasons

FINE = Quality(80, 0.95, 60.0, 120.0, 110.0, 0.9, 7.2, 1.5)
SHORT = {
    Component.INTER_EYE_DISTANCE: {"eyes_px": 34.0},
    Component.HEAD_POSE: {"frontality": 0.1},
    Component.SHARPNESS: {"sharpness": 4.0},
    Component.UNDER_EXPOSURE: {"luminance": 20.0},
    Component.OVER_EXPOSURE: {"luminance": 230.0},
    Component.DYNAMIC_RANGE: {"dynamic_range": 4.5},
    Component.FACE_OCCLUSION: {"detail": 0.5},
}


def test_a_face_without_fault_has_no_reason() -> None:
    assert quality_reasons(FINE) == ()


@pytest.mark.parametrize("component", list(Component))
def test_req_34_each_component_that_falls_short_is_told_with_what_can_be_done(component: Component) -> None:
    [reason] = quality_reasons(replace(FINE, **SHORT[component]))
    assert reason.component is component
    assert [reason.measured] == list(SHORT[component].values())
    assert reason.words
    assert reason.advice.startswith("look for")


def test_everything_at_once_is_told_at_once_and_what_was_not_measured_is_passed_over() -> None:
    bad = Quality(2, 0.3, 9.0, 1.0, 10.0, 0.0, 1.0, 0.0)
    assert [one.component for one in quality_reasons(bad)] == [
        one for one in Component if one is not Component.OVER_EXPOSURE
    ]
    told = {one.component for one in quality_reasons(replace(bad, dynamic_range=None, detail=None))}
    assert not told & {Component.DYNAMIC_RANGE, Component.FACE_OCCLUSION}


def test_the_pages_say_it_in_the_words_of_the_records() -> None:
    for component in Component:
        [reason] = quality_reasons(replace(FINE, **SHORT[component]))
        assert WORDS[component] == (reason.words, reason.advice)
        assert reasons(replace(FINE, **SHORT[component])) == [(reason.words, reason.advice)]


def test_a_face_of_an_older_row_reads_back_without_the_new_measures() -> None:
    column = layout_of(ExhibitFace).column("quality")
    older = '{"unified": null, "detector": 0.9, "eyes_px": 61.5, "sharpness": 1.0, "luminance": 2.0, "frontality": 0.5}'
    assert column.read is not None
    assert column.read(older) == Quality(None, 0.9, 61.5, 1.0, 2.0, 0.5)
