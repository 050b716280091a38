"""How long records are kept: every class has a term, every record has its days, and "for ever" cannot be said."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import beholden.records
from beholden.records.retention import Kept, keep
from beholden.records.rules import RETENTION_DAYS, Rules

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
# An item is a part of its entry, by its number, and goes when the entry or the record that it names goes.
# A use is a search or a comparison as the auditor weighs it, and is not kept.
PARTS = {"Cosignature", "Item", "Sequestered", "Spent", "Use"}


def stored_records() -> dict[str, Any]:
    found = {}
    for module in pkgutil.iter_modules(beholden.records.__path__, "beholden.records."):
        for name, kind in vars(importlib.import_module(module.name)).items():
            if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__module__ == module.name:
                found[name] = kind
    return found


def test_req_60_every_record_with_an_id_says_how_long_it_is_kept() -> None:
    with_id = {
        name: kind
        for name, kind in stored_records().items()
        if {"id", "handle", "mark"} & {dataclasses.fields(kind)[0].name}
    }
    assert len(with_id) > 20
    kept = {name: [one for one in dataclasses.fields(kind) if one.name == "kept"] for name, kind in with_id.items()}
    assert {name for name, there in kept.items() if not there} == PARTS
    for name, there in kept.items():
        for field in there:
            assert field.type == "Kept", name
            assert field.default is dataclasses.MISSING, f"{name} can be made without a term"


def test_req_60_a_record_has_its_least_and_its_most_days_when_it_is_made() -> None:
    assert keep("search", "p1", NOW, "ca-2020@abc", Rules()) == Kept(
        retention_class="search",
        created_at=NOW,
        created_by="p1",
        policy="ca-2020@abc",
        keep_until=NOW + timedelta(days=730),
        dispose_after=NOW + timedelta(days=3650),
        legal_hold=False,
    )


def test_req_60_a_class_without_a_term_cannot_be_kept() -> None:
    with pytest.raises(KeyError, match="scrapbook"):
        keep("scrapbook", "p1", NOW, "ca-2020@abc", Rules())


@given(st.sampled_from(sorted(RETENTION_DAYS)))
def test_req_60_every_term_ends_and_none_ends_before_its_least(name: str) -> None:
    kept = keep(name, "p1", NOW, "pack", Rules())
    assert NOW <= kept.keep_until <= kept.dispose_after < NOW + timedelta(days=11 * 365)
    assert kept.dispose_after > NOW


def test_req_60_what_decides_about_a_person_and_the_log_behind_it_are_kept_two_years_at_least() -> None:
    for name in ("authority", "search", "opinion", "disclosure", "request", "erasure", "log"):
        assert RETENTION_DAYS[name][0] >= 730, name
