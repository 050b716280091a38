"""The floor under a probe's quality: what is below it is compared for a written reason only, and the reason goes along."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from beholden.actions import authorise, desk
from beholden.actions.compare import Compared, compare, read_comparison
from beholden.actions.search import run_search
from beholden.errors import BadInput, Refused
from beholden.ports.index import Neighbours, Shelf
from beholden.ports.model import Template
from beholden.records.authority import Authority
from beholden.records.comparisons import Comparison
from beholden.records.faces import Face
from beholden.records.limits import DayCount
from beholden.records.quality_floor import MOST_CHARS
from beholden.records.searches import Search
from tests.agency import Agency, Ready, draw, last, rules_of
from tests.parts import CountedIndex, PoorModel

WHY = "No other picture of this child is known to anybody."


def searched(agency: Agency, ready: Ready, why: str = "") -> Search:
    return run_search(
        agency.system,
        agency["ines"],
        authority_id=ready.authority.id,
        sought_id=ready.sought.id,
        override_quality=why,
    )


def compared(agency: Agency, ready: Ready, why: str = "") -> Compared:
    face = agency.find(Face, order="face_no")[2]
    return compare(
        agency.system,
        agency["ines"],
        authority_id=ready.authority.id,
        sought_id=ready.sought.id,
        face_id=face.id,
        override_quality=why,
    )


def told_of_it(lines: tuple[str, ...]) -> list[str]:
    return [line for line in lines if WHY in line]


@pytest.mark.parametrize("use", [searched, compared])
@pytest.mark.parametrize("why", ["", "no", "!" * 40])
def test_req_34_a_probe_below_the_floor_is_refused_and_spends_no_use(agency: Agency, use, why: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    ready = agency.ready(1, 2, 3)
    index = CountedIndex(agency.system.index)
    poor = agency.with_parts(model=PoorModel(4), index=index)
    with pytest.raises(Refused) as caught:
        use(poor, ready, why)
    [reason] = caught.value.reasons
    assert (reason.rule_id, caught.value.status) == ("probe-above-floor", 403)
    assert "better picture" in reason.how_to_proceed
    assert "REQ 34" in reason.source
    event = "search.started" if use is searched else "comparison.made"
    assert last(agency) == (event, "refused", ["probe-above-floor"])
    assert agency.told(len(agency.leaves()) - 1)["probe_quality"] == [4]
    assert (agency.find(Search), agency.find(Comparison), index.depths) == ([], [], [])
    assert agency.get(Authority, ready.authority.id).used == 0
    [day] = agency.find(DayCount, event=event)
    assert (day.done, day.stopped) == (0, 1)


def test_req_34_a_probe_at_the_floor_is_compared_without_a_word_and_a_reason_for_nothing_is_not_kept(
    agency: Agency,
) -> None:
    ready = agency.ready(1, 2, 3)
    at_floor = agency.with_parts(model=PoorModel(5))
    found = searched(at_floor, ready, WHY)
    assert (found.probe_quality, found.quality_override, told_of_it(found.statements)) == ((5,), "", [])
    agency.unsealed(found)
    one = compared(at_floor, ready, WHY)
    assert (one.comparison.quality_override, told_of_it(one.statements)) == ("", [])


def test_req_34_the_best_of_several_faces_is_what_counts(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    both = agency.sought(ready.case, draw(3, seed=8), draw(3, seed=9))
    authority = agency.approve(agency.request(ready.case, both, ready.gallery))
    two = Ready(ready.source, ready.gallery, ready.case, both, authority)
    assert searched(agency.with_parts(model=PoorModel(0, 5)), two).probe_quality == (0, 5)
    with pytest.raises(Refused, match="floor"):
        searched(agency.with_parts(model=PoorModel(0, 4)), two)


def test_req_34_an_overridden_search_carries_its_reason_on_the_list_in_the_log_and_in_the_packet(
    agency: Agency,
) -> None:
    ready = agency.ready(1, 2, 3)
    found = searched(agency.with_parts(model=PoorModel(4)), ready, f"  {WHY}\n ")
    assert (found.quality_override, found.probe_quality) == (WHY, (4,))
    assert agency.get(Search, found.id) == found
    [line] = told_of_it(found.statements)
    assert "a quality of 4 of 100, below the floor of 5" in line
    started = next(leaf["n"] for leaf in agency.leaves() if leaf["event"] == "search.started")
    told = agency.told(started)
    assert (told["quality_override"], told["probe_quality"], told["use"]) == ([WHY], [4], [1])
    leads = agency.unsealed(found, 1)
    packet = agency.disclose(found, leads[0])
    body = json.loads(packet.files["disclosure.json"])
    assert body["probe"]["quality_override"] == WHY
    assert line in body["search"]["statements"]


def test_req_34_an_overridden_comparison_carries_its_reason_beside_its_score_and_in_the_packet(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    one = compared(agency.with_parts(model=PoorModel(3)), ready, WHY)
    assert one.comparison.quality_override == WHY
    assert agency.told(len(agency.leaves()) - 1)["quality_override"] == [WHY]
    read = read_comparison(agency.system, agency["ines"], comparison_id=one.comparison.id)
    assert read.statements == one.statements
    [line] = told_of_it(read.statements)
    found = agency.search(ready.authority)
    leads = agency.unsealed(found, 1)
    body = json.loads(agency.disclose(found, leads[0]).files["disclosure.json"])
    assert body["probe"]["quality_override"] is None
    [kept] = body["leads"][0]["reference"]["compared_one_to_one"]
    assert line in kept["statements"]


def test_req_34_nobody_is_embedded_whom_another_rule_stops_and_a_late_end_is_told_with_the_floor(
    agency: Agency,
) -> None:
    ready = agency.ready(1, 2, 3)

    class Meanwhile(PoorModel):
        def embed(self, pixels, faces):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            authorise.revoke_authority(
                agency.system, agency["sven"], authority_id=ready.authority.id, reason="found otherwise"
            )
            return super().embed(pixels, faces)

    with pytest.raises(Refused) as caught:
        searched(agency.with_parts(model=Meanwhile(4)), ready)
    assert {one.rule_id for one in caught.value.reasons} == {"authority-is-active", "probe-above-floor"}
    model = PoorModel(4)
    poor = agency.with_parts(model=model)
    named = {"authority_id": ready.authority.id, "sought_id": ready.sought.id}
    assert rules_of(poor, run_search, poor.system, poor["ines"], **named) == ["authority-is-active"]
    assert model.embedded == 0


def test_req_34_a_reason_that_fills_a_page_is_none_and_the_longest_fits_beside_a_score(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    poor = agency.with_parts(model=PoorModel(0))
    for use in (searched, compared):
        with pytest.raises(BadInput, match=str(MOST_CHARS)):
            use(poor, ready, "x" * (MOST_CHARS + 1))
    assert agency.get(Authority, ready.authority.id).used == 0
    longest = "\N{GRINNING FACE}" * (MOST_CHARS - 20) + "x" * 20
    one, other = compared(poor, ready, longest), compared(agency, ready)
    assert one.comparison.quality_override == longest
    assert len(one.comparison.result) == len(other.comparison.result)  # a sealed length tells nothing


def test_req_34_whoever_gives_a_blind_opinion_is_not_told_of_it(agency: Agency) -> None:
    found = searched(agency.with_parts(model=PoorModel(4)), agency.ready(1, 2, 3), WHY)
    hidden = desk.search(agency.system, agency["erik"], search_id=found.id)
    assert (hidden.quality_override, hidden.statements, hidden.probe_quality) == ("", (), ())


def test_req_111_the_template_of_a_probe_is_gone_once_its_search_is(agency: Agency) -> None:
    ready = agency.ready(1, 2, 3)
    seen: list[Template] = []

    class Keeping(CountedIndex):
        def nearest(
            self, templates: Sequence[Template], limit: int, shelves: Sequence[Shelf], *, entry: int = -1
        ) -> Neighbours:
            assert all(template.any() for template in templates)
            seen.extend(templates)
            return super().nearest(templates, limit, shelves, entry=entry)

    agency.with_parts(index=Keeping(agency.system.index)).search(ready.authority)
    assert seen
    assert not any(template.any() for template in seen)
