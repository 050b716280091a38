"""What becomes of a probe in the engine: turned for each gallery, compared, and gone; from memory at once, on disk never there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from beholden.actions.follow import follow, keep, open_templates
from beholden.actions.register import GALLERY_SECRET
from beholden.errors import Fault
from beholden.index import exact, kernel
from beholden.index.choosing import best_scanner
from beholden.index.exact import ExactIndex
from beholden.index.passes import Ask
from beholden.index.scanning import Codes, Rows, Scanner
from beholden.index.turning import turn_of, turned
from beholden.records.faces import Face
from beholden.records.galleries import Gallery
from tests.actions.test_on_disk import places_of, template_of, templates_in_any_form
from tests.agency import Agency, agency_on_disk

PROBE = (3, 7)  # the person and the picture that `Agency.ready` searches for


class Watched:
    """The real scanner; keeps the very arrays that it was given to search by, and may fail."""

    def __init__(self, real: Scanner) -> None:
        self.real = real
        self.given: list[Rows] = []
        self.fails = False

    @property
    def name(self) -> str:
        return self.real.name

    def row_bytes(self, dimension: int) -> float:
        return self.real.row_bytes(dimension)

    def codes(self, dimension: int, capacity: int) -> Codes:
        return self.real.codes(dimension, capacity)

    def shortlist(
        self, parts: Sequence[Codes], probes: Sequence[Sequence[Rows]], wanted: Sequence[int], **how: Any
    ) -> list[list[Any]]:
        for probe in probes:
            for of_part in probe:
                assert abs(float(np.linalg.norm(of_part)) - 1) < 1e-3
                self.given.append(of_part)
        if self.fails:
            raise Fault("the scanner stopped")
        return self.real.shortlist(parts, probes, wanted, **how)


def test_req_61_the_engine_wipes_the_probe_in_every_form_when_its_search_ends_or_fails(
    agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks: list[Ask] = []

    def kept(*given: Any) -> Ask:
        asks.append(Ask(*given))
        assert asks[-1].probes.any()
        return asks[-1]

    monkeypatch.setattr(exact, "Ask", kept)
    ready = agency.ready(1, 2, 3, galleries=2)
    watched = Watched(best_scanner())
    searching = agency.with_parts(index=ExactIndex(scanner=watched))
    searching.search(ready.authority)
    assert len(watched.given) >= 2, "turned by the secret of each gallery"
    assert not any(one.any() for one in watched.given)
    watched.fails = True
    before = len(watched.given)
    with pytest.raises(Fault, match="the scanner stopped"):
        searching.search(ready.authority)
    assert len(watched.given) > before
    assert not any(one.any() for one in watched.given)
    assert len(asks) == 2
    assert not any(one.probes.any() for one in asks), "as it was given, before it was turned"


def test_req_61_what_the_kernel_reads_of_a_probe_is_wiped_too(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    on_the_way: list[dict[str, Any]] = []
    coded = kernel._coded

    def at_its_end(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code is coded.__code__:
            on_the_way.append(dict(frame.f_locals))

    def kept(probes: Rows, dimension: int) -> Any:
        sys.setprofile(at_its_end)
        try:
            heads = coded(probes, dimension)
        finally:
            sys.setprofile(None)
        assert heads.any()
        made.append(heads)
        return heads

    monkeypatch.setattr(kernel, "_coded", kept)
    ready = agency.ready(1, 2, 3, galleries=2)
    scanner = kernel.KernelScanner(always_halves=True)
    agency.with_parts(index=ExactIndex(scanner=scanner)).search(ready.authority, limit=1)
    assert len(made) >= 2, "of the probe as it was turned for each gallery"
    assert not any(heads.any() for heads in made)
    assert len(on_the_way) == len(made)
    assert not any(arrays[name].any() for arrays in on_the_way for name in ("exact", "sizes", "codes", "high", "left"))


def test_req_61_of_searches_that_share_a_pass_each_probe_is_wiped(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    authority = agency.approve(agency.request(ready.case, ready.sought, ready.gallery, searches=8))
    watched = Watched(best_scanner())
    searching = agency.with_parts(index=ExactIndex(scanner=watched))
    with ThreadPoolExecutor(4) as pool:
        found = [job.result(timeout=60) for job in [pool.submit(searching.search, authority) for _ in range(8)]]
    assert {one.people for one in found} == {3}
    assert len(watched.given) >= 8
    assert not any(one.any() for one in watched.given)


def test_req_61_neither_the_probe_nor_what_the_engine_makes_of_it_lies_in_any_file(tmp_path: Path) -> None:
    agency = agency_on_disk(tmp_path)
    try:
        ready = agency.ready(1, 2, 3, 4, galleries=2)
        found = agency.search(ready.authority)
        keep(agency.system)
        agency.unsealed(found, 1)
        probe = template_of(*PROBE)
        with agency.system.database.look() as look:
            follow(agency.system, look)
            secrets = [agency.system.keys.open(one.id, one.secret, GALLERY_SECRET) for one in look.find(Gallery)]
        forms = [turned(turn_of(secret, len(probe)), probe[None, :])[0].tobytes()[:32] for secret in secrets]
        assert len(set(forms)) == 2
        assert places_of(tmp_path, *templates_in_any_form(*PROBE), *forms) == []
        faces = agency.find(Face)
        assert agency.system.index.size().rows == len(faces) == 8, "and no row more than there are references"
        assert all(one is not None and not np.array_equal(one, probe) for one in open_templates(agency.system, faces))
    finally:
        agency.system.close()
