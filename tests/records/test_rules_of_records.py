"""The pure rules: reasons that repeat, faces worth keeping, sources that may be compared, words on a list, numbers of a pack."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beholden.records.authority import Necessity, repeats, shortest_part
from beholden.records.disclosures import LEAD_FIELDS, LEAD_ONLY, PACKET_FIELDS, lacks
from beholden.records.exhibits import persons
from beholden.records.faces import Box, Face, Quality, RejectedFace, rejection, too_many
from beholden.records.galleries import Gallery, GalleryState, is_fit
from beholden.records.images import is_capture_date
from beholden.records.names import same_name, wrong_in_name
from beholden.records.people import Officer
from beholden.records.retention import keep
from beholden.records.review import Outcome, shuffled
from beholden.records.rules import Rules, rules_of
from beholden.records.searches import Coverage, statements
from beholden.records.sources import AuthorityKind, Source, SourceState, is_searchable
from beholden.testing.examples import a_face

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
A, B, C = "a" * 40, "b" * 40, "c" * 40
SAID = "The school, the clinic and the provider were asked and none of them knows the child."
OWN_WORDS = "Two agencies abroad compared their own files before and found nobody who resembles her."
PURPOSE = "victim-id-cse"


def test_the_shortest_part_counts_without_the_spaces_at_its_ends() -> None:
    assert shortest_part(Necessity(A, "  no  ", C)) == 2
    assert shortest_part(Necessity(A, " \n\t ", C)) == 0


@pytest.mark.parametrize(
    ("reasons", "earlier", "expected"),
    [
        (Necessity(A, B, C), (), False),
        (Necessity(A, B, A), (), True),
        (Necessity(A, B, "  A" + "a" * 39 + " "), (), True),
        (Necessity(A, B, C), (Necessity("x", C.upper(), "z"),), True),
        (Necessity("new  words", B, C), (Necessity("x", "New\nWords", "z"),), True),
        (Necessity(A, B, C), (Necessity("x", "y", "z"),), False),
        (Necessity(f"{SAID} Asked again on Monday, by two people.", B, C), (Necessity("x", "y", SAID),), True),
        (Necessity(SAID, B, C), (Necessity(f"{SAID} Asked again on Monday, by two people.", "y", "z"),), True),
        (Necessity(SAID.replace("provider", "hotline"), B, C), (Necessity("x", SAID, "z"),), True),
        (Necessity(SAID.replace(",", ";").upper(), B, C), (Necessity("x", SAID, "z"),), True),
        (Necessity(OWN_WORDS, B, C), (Necessity("x", SAID, "z"),), False),
        (Necessity("nobody knows the child", B, C), (Necessity("nobody knows the children", "y", "z"),), False),
    ],
)
def test_reasons_that_were_copied_are_known_whatever_their_case_and_spaces(
    reasons: Necessity, earlier: tuple[Necessity, ...], expected: bool
) -> None:
    assert repeats(reasons, earlier) is expected


def found(detector: float = 0.95, eyes_px: float = 60.0) -> RejectedFaceLike:
    return RejectedFaceLike(Box(0, 0, 1, 1), Quality(None, detector, eyes_px, 1.0, 1.0, 1.0))


class RejectedFaceLike:
    def __init__(self, box: Box, quality: Quality) -> None:
        self.box, self.quality = box, quality


def test_a_face_is_rejected_with_the_number_that_it_lacks() -> None:
    rules = Rules()
    assert rejection(found(), rules) == ""
    assert rejection(found(detector=0.6, eyes_px=10.0), rules) == ""
    assert rejection(found(detector=0.59), rules) == (
        "the detector is not sure that this is a face (0.59, at least 0.6)"
    )
    assert rejection(found(eyes_px=9.4), rules) == "the eyes are 9 pixels apart (at least 10): too small to compare"


def test_a_crowd_is_no_reference_of_anybody() -> None:
    rules = Rules(max_faces_an_image=2)
    assert too_many([found()] * 2, rules) == ""
    assert too_many([found()] * 3, rules) == "3 faces in one image (at most 2): crop the persons that the source names"


ONE = Box(0.1, 0.1, 0.2, 0.2)


@pytest.mark.parametrize(
    ("boxes", "count"),
    [
        ([], 0),
        ([ONE], 1),
        ([ONE, ONE], 1),
        ([ONE, Box(0.11, 0.1, 0.2, 0.2)], 1),
        ([ONE, Box(0.2, 0.1, 0.2, 0.2)], 2),
        ([ONE, Box(0.5, 0.5, 0.2, 0.2), Box(0.51, 0.5, 0.2, 0.2)], 2),
        ([ONE, Box(0.1, 0.1, 0.0, 0.0)], 2),
        ([Box(0.1, 0.1, 0.0, 0.0)] * 2, 1),
    ],
)
def test_req_13_boxes_that_cover_one_another_show_one_person(boxes: list[Box], count: int) -> None:
    photograph = SimpleNamespace(width=400, height=300)
    assert persons([(photograph, SimpleNamespace(box=box, landmarks=())) for box in boxes]) == count


@pytest.mark.parametrize("words", ["", "2019", "2019-05", "2019-05-04", "2020-02-29"])
def test_req_35_a_capture_date_is_a_date(words: str) -> None:
    assert is_capture_date(words)


@pytest.mark.parametrize(
    "words", ["may 2019", "2019-13", "2019-02-30", "2019-5-4", "2019-05-04T10:00", "0000", " 2019", "2019\n", "٢٠١٩"]
)
def test_req_35_other_words_in_the_place_of_a_capture_date_are_none(words: str) -> None:
    assert not is_capture_date(words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("  ", "a person needs a name"),
        ("x" * 101, "more than 100"),
        ("in\u200bes", "U+200B"),
        ("in\u202ees", "U+202E"),
        ("a\nb", "U+000A"),
    ],
)
def test_a_name_that_is_not_what_it_seems_is_none(name: str, words: str) -> None:
    assert words in wrong_in_name(name)


def test_a_name_of_any_script_is_one() -> None:
    assert [wrong_in_name(name) for name in ("Inès O'Néill", "伊内丝", "x" * 100)] == [""] * 3


@pytest.mark.parametrize("other", ["INES", " ines ", "ｉｎｅｓ", "I\u006ees"])
def test_names_that_read_the_same_are_the_same(other: str) -> None:
    assert same_name("Ines", other)
    assert not same_name("Inès", other)


def test_req_53_a_face_has_no_property_of_a_person() -> None:
    of_a_person = {"age", "sex", "gender", "race", "ethnicity", "skin", "emotion", "beauty", "name", "cohort"}
    for kind in (Face, Quality, RejectedFace):
        names = {part for field in fields(kind) for part in field.name.split("_")}
        assert not names & of_a_person, kind
    assert a_face(1).person_mark == ""


def test_req_06_the_list_of_authority_kinds_is_closed() -> None:
    assert {str(kind) for kind in AuthorityKind} == {
        "statute",
        "warrant",
        "production-order",
        "consent-of-subject",
        "agency-own-record",
        "partner-agreement",
        "publisher-agreement",
        "synthetic",
    }


def a_source(**changes: object) -> Source:
    kept = keep("source", "p", NOW, "pack", Rules())
    source = Source(
        "s", 0, kept, "n", "c", AuthorityKind.WARRANT, "W 1", "0" * 64, "CA", (PURPOSE,), NOW,
        NOW + timedelta(days=1), SourceState.ACTIVE, "a", "b", "",
    )  # fmt: skip
    return replace(source, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", SourceState)
def test_only_an_active_source_is_searchable(state: SourceState) -> None:
    assert is_searchable(a_source(state=state), PURPOSE, NOW) is (state is SourceState.ACTIVE)


def test_a_source_is_searchable_from_its_first_moment_to_just_before_its_last() -> None:
    source = a_source()
    tick = timedelta(milliseconds=1)
    moments = (NOW - tick, NOW, source.valid_until - tick, source.valid_until)
    assert [is_searchable(source, PURPOSE, at) for at in moments] == [False, True, True, False]


def test_a_source_is_searchable_for_its_purposes_only() -> None:
    assert not is_searchable(a_source(), "imminent-threat", NOW)


@pytest.mark.parametrize(
    ("state", "purpose", "expected"),
    [
        (GalleryState.OPEN, PURPOSE, True),
        (GalleryState.CLOSED, PURPOSE, False),
        (GalleryState.OPEN, "imminent-threat", False),
    ],
)
def test_a_gallery_is_fit_when_it_is_open_and_has_the_purpose(
    state: GalleryState, purpose: str, expected: bool
) -> None:
    kept = keep("gallery", "p", NOW, "pack", Rules())
    assert is_fit(Gallery("g", 0, kept, "n", (PURPOSE,), b"", state), purpose) is expected


ALL = "proven exhaustive: no other of them is nearer"


@pytest.mark.parametrize(
    ("coverage", "words"),
    [
        (Coverage(1, 1, 230, True, 0), f"all 230 references of 1 gallery compared, {ALL}"),
        (Coverage(2, 3, 1, True, 0), f"all 1 reference of 2 galleries compared, {ALL}"),
        (
            Coverage(1, 1, 12345, False, 7),
            "all 12,345 references of 1 gallery compared, not proven exhaustive; "
            "7 more waiting for a template were not compared",
        ),
        (Coverage(1, 0, 0, True, 0), "no reference compared"),
        (Coverage(1, 0, 0, True, 2), "no reference compared; 2 more waiting for a template were not compared"),
    ],
)
def test_what_was_compared_is_told_in_one_sentence(coverage: Coverage, words: str) -> None:
    assert coverage.words() == words


def test_every_list_says_what_it_cannot_tell_and_the_empty_one_says_it_is_empty() -> None:
    coverage = Coverage(1, 1, 8, True, 0)
    full, empty = statements(coverage, 3), statements(coverage, 0)
    assert full[:3] == empty[:3]
    assert full[0] == "All 8 references of 1 gallery compared, proven exhaustive: no other of them is nearer."
    assert "Not measured on your data" in full[2]
    assert full[3].endswith("does not mean that the person is not held.")
    assert empty[3] == "The list is empty. That does not mean that the person is not held."


def whole() -> dict[str, object]:
    return {**dict.fromkeys(PACKET_FIELDS, "x"), "leads": [dict.fromkeys(LEAD_FIELDS, "x")] * 2, "null_results": []}


def test_req_40_a_whole_packet_lacks_nothing() -> None:
    assert lacks(whole()) == ()


@pytest.mark.parametrize("name", PACKET_FIELDS)
def test_req_40_a_packet_without_any_one_of_its_fields_is_not_whole(name: str) -> None:
    packet = whole()
    del packet[name]
    assert lacks(packet) == (name,)


@pytest.mark.parametrize("name", LEAD_FIELDS)
def test_req_40_a_lead_without_any_one_of_its_fields_is_not_whole(name: str) -> None:
    packet = whole()
    packet["leads"] = [dict.fromkeys(LEAD_FIELDS, "x"), dict.fromkeys(set(LEAD_FIELDS) - {name}, "x")]
    assert lacks(packet) == (f"leads[1].{name}",)


def test_req_40_leads_that_are_no_list_do_not_pass_for_leads() -> None:
    assert lacks({**whole(), "leads": "none"}) == ("leads",)


def test_req_30_the_statement_on_a_disclosure_names_nobody() -> None:
    assert "names nobody" in LEAD_ONLY
    assert "must not be the only ground" in LEAD_ONLY


def test_req_36_a_review_has_exactly_three_outcomes_besides_none_yet() -> None:
    assert {str(one) for one in Outcome} - {"pending"} == {"potential", "no", "inconclusive"}


@given(st.lists(st.text(), unique=True), st.text())
def test_req_35_an_order_is_given_by_its_seed_alone(ids: list[str], seed: str) -> None:
    order = shuffled(ids, seed)
    assert sorted(order) == sorted(ids)
    assert order == shuffled(list(reversed(ids)), seed)


def test_req_35_another_seed_gives_another_order() -> None:
    ids = [str(n) for n in range(20)]
    orders = {tuple(shuffled(ids, str(seed))) for seed in range(50)}
    assert len(orders) == 50
    assert {order[0] for order in orders} > {"1", "2"}


def test_an_officers_secret_is_not_in_a_traceback() -> None:
    assert repr(Officer("ines", "the-secret")) == "Officer('ines')"


def test_the_rules_take_a_packs_numbers() -> None:
    assert rules_of({"max_candidates": 10, "min_necessity_chars": 80}) == Rules(
        max_candidates=10, min_necessity_chars=80
    )


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"max_candidates": 51}, "the pack loosens 'max_candidates'"),
        ({"max_potential": 3}, "the pack loosens 'max_potential'"),
        ({"max_leads": 3}, "the pack loosens 'max_leads'"),
        ({"max_subjects_of_image": 3}, "the pack loosens 'max_subjects_of_image'"),
        ({"retention_days": 1}, "'retention_days', which is no number"),
        ({"luck": 1}, "'luck', which is no number of the rules"),
    ],
)
def test_req_31_a_pack_may_tighten_a_hard_limit_and_never_loosen_it(numbers: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rules_of(numbers)
    hard = ("max_candidates", "max_potential", "max_leads", "max_subjects_of_image")
    assert [getattr(rules_of(dict.fromkeys(hard, 1)), name) for name in hard] == [1, 1, 1, 1]
