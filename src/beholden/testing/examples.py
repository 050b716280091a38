"""Whole records to try things with; they say nothing of anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from beholden.records.audit import Entry
from beholden.records.cases import Case, CaseState
from beholden.records.examination import Examination, ExaminationState, Part
from beholden.records.faces import Box, Face, FaceState, Quality
from beholden.records.retention import Kept

NOON = datetime(2026, 11, 22, 12, 0, 0, 123_000, UTC)
KEPT = Kept("reference", NOON, "system", "pack@0123", NOON, NOON + timedelta(days=1825), False)


def a_face(number: int, **changes: Any) -> Face:
    face = Face(
        id=f"{number:032x}",
        version=1,
        kept=KEPT,
        face_no=number,
        image_id=f"image {number % 3}",
        gallery_id="gallery",
        source_id="source",
        space_id="space",
        person_mark="",
        box=Box(0.1, 0.2, 0.3, 0.4),
        landmarks=((0.1, 0.2), (0.3, 0.2), (0.2, 0.3), (0.1, 0.4), (0.3, 0.4)),
        quality=Quality(None, 0.9, 61.5, 120.25, 99.0, 0.8),
        template=bytes([number % 256]) * 40,
        state=FaceState.LIVE,
        change_no=number,
    )
    return replace(face, **changes)


def a_case(number: int, **changes: Any) -> Case:
    case = Case(f"case {number}", 1, KEPT, f"R-{number}", "Zoë — 中文 \x00 '; --", "victim", (), CaseState.OPEN, "")
    return replace(case, **changes)


def an_examination(handle: str, opinion: int | None) -> Examination:
    seen = (("eyes", "similar"), ("nose", "not-comparable"))
    return Examination(
        handle,
        1,
        KEPT,
        "search",
        "candidate",
        "person",
        Part.FIRST,
        seen,
        "",
        opinion,
        "",
        False,
        ExaminationState.OPEN,
    )


def an_entry(n: int) -> Entry:
    return Entry(n, KEPT, b"leaf", bytes(32))
