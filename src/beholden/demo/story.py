"""The story, from an empty folder to a checked log. Read it from top to bottom: each line is one chapter of the demo."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from rich.console import Console

from beholden.demo import photographs
from beholden.demo.chapters import (
    archiving,
    authority,
    casework,
    disclosing,
    emergency,
    enrolment,
    erasing,
    founding,
    logbook,
    opinions,
    register,
    searching,
)
from beholden.demo.stage import Places, Stage
from beholden.demo.telling import Teller
from beholden.errors import BadInput
from beholden.opening import open_folder


@dataclass(frozen=True, slots=True)
class Summary:
    """What the demo did and made."""

    folder: Path
    packet: Path  # folder: disclosure.json, contact-sheet.png, disclosure.pdf (with the extra `report`), manifest.note
    contact_sheet: Path
    receipt: Path
    bundle: Path
    altered_bundle: Path
    trusted_keys: Path
    images: int
    references: int
    already_held: tuple[str, ...]
    rejected: tuple[tuple[str, str], ...]  # file, row or face → reason
    refusals: tuple[tuple[str, tuple[str, ...]], ...]  # what was tried → ids of the rules
    coverage: str
    people_listed: int
    place_of_lead: int
    packet_fields: tuple[str, ...]
    records_erased: int
    coverage_after: str
    people_left: int  # of the first list, each still proved by the log
    answer_to_same_file: str
    log_entries: int
    altered_entry: int
    named_entry: int
    problem: str
    chapters: tuple[tuple[str, float], ...]  # title → seconds
    seconds: float

    def document(self) -> dict[str, object]:
        """As JSON can have it."""
        told: dict[str, object] = json.loads(json.dumps(asdict(self), default=str))
        return told


def run(folder: Path, *, console: Console, json_out: bool = False, people: int | None = None) -> Summary:
    """Tell the whole story in `folder`, new or empty; with `json_out` nothing is told, only done.

    `people` takes the portraits of so many people instead of all. Raises `BadInput` for a folder that is not empty, and
    the product's own errors if anything does not go as it must.
    """
    began = perf_counter()
    folder = folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} is not an empty folder; name a new one for the demo")
    if people is not None and people < 3:
        raise BadInput("the demo needs the portraits of at least 3 people")
    folder.mkdir(parents=True, exist_ok=True)
    places, teller = Places(folder), Teller(Console(quiet=True) if json_out else console)
    summary = _tell(places, photographs.choose(people), teller, began)
    _conclude(summary, teller)
    return summary


def _tell(places: Places, chosen: photographs.Photographs, teller: Teller, began: float) -> Summary:
    teller.say("Beholden's main job from end to end, on rendered portraits of people who do not exist.")
    with teller.chapter("An empty system"):
        token = founding.make_system(places, teller)
        system = open_folder(places.data, client="demo")
    with closing(system):
        with teller.chapter("Its people"):
            officers = founding.bring_in_people(system, places, teller, token)
        stage = Stage(system, teller, officers, chosen, places)
        with teller.chapter("A source and a gallery"):
            source, gallery = register.register_source(stage)
        with teller.chapter("Enrolment"):
            taken = enrolment.enrol_everything(stage, source, gallery)
            archived = archiving.enrol_site(stage, gallery)
        with teller.chapter("A case, its exhibits, and the sought"):
            case, sought = casework.open_case(stage)
        with teller.chapter("Authority"):
            given = authority.obtain_authority(stage, case, sought, gallery)
        with teller.chapter("The search"):
            found = searching.run_search(stage, given)
            searching.try_to_read_early(stage, found)
        with teller.chapter("Blind review and examination"):
            opinions.say_that_they_are_scripted(stage)
            potential = opinions.review_blind(stage, found)
            opinions.examine_blind(stage, found, potential)
            leads = opinions.read_leads(stage, found)
            opinions.say_what_a_list_is_not(stage, leads)
        with teller.chapter("A disclosure"):
            packet = disclosing.disclose_lead(stage, found, leads)
        with teller.chapter("Search before approval"):
            emergency.search_before_approval(stage, case, sought)
        with teller.chapter("An erasure"):
            gone = erasing.erase_lookalike(stage, source, gallery, given, found)
        with teller.chapter("The log"):
            checked = logbook.check_log(stage, found, erased=1)
    return Summary(
        folder=places.folder,
        packet=places.packet,
        contact_sheet=places.packet / "contact-sheet.png",
        receipt=places.receipt,
        bundle=places.bundle,
        altered_bundle=places.altered,
        trusted_keys=places.trusted_keys,
        images=taken.images + archived.images,
        references=taken.references + archived.references,
        already_held=taken.already_held,
        rejected=taken.rejected + archived.rejected,
        refusals=tuple(teller.refusals),
        coverage=found.coverage.words(),
        people_listed=found.people,
        place_of_lead=int(packet["leads"][0]["rank"]),
        packet_fields=tuple(packet),
        records_erased=len(gone.erasure.face_ids),
        coverage_after=gone.again.coverage.words(),
        people_left=checked.proofs_left,
        answer_to_same_file=gone.answer_to_same_file,
        log_entries=checked.entries,
        altered_entry=checked.altered_entry,
        named_entry=checked.named_entry,
        problem=checked.problem,
        chapters=tuple(teller.seconds),
        seconds=perf_counter() - began,
    )


def _conclude(summary: Summary, teller: Teller) -> None:
    teller.console.print()
    teller.console.rule("[bold]What it came to", align="left")
    figures = [
        ("enrolled", f"{summary.references} references in {summary.images} images"),
        ("not taken", f"{len(summary.rejected)} files, rows, records and faces, each with its reason"),
        ("refused", f"{len(summary.refusals)} acts, each with every reason"),
        ("searched", f"{summary.coverage}; {summary.people_listed} people listed"),
        ("disclosed", f"the lead at place {summary.place_of_lead}, as a lead only"),
        ("erased", f"{summary.records_erased} records; the same search then: {summary.coverage_after}"),
        ("same file again", summary.answer_to_same_file),
        ("log", f"{summary.log_entries} entries hold; with one byte changed, entry {summary.named_entry} is named"),
    ]
    teller.table("Figures", ("what", "how it went"), figures)
    times = [(title, f"{seconds:.1f}") for title, seconds in summary.chapters]
    teller.table("Seconds", ("chapter", "s"), [*times, ("all", f"{summary.seconds:.1f}")])
    made = [
        ("disclosure packet", summary.packet / "disclosure.json"),
        ("contact sheet", summary.contact_sheet),
        ("its signed manifest", summary.packet / "manifest.note"),
        ("erasure receipt", summary.receipt),
        ("log bundle", summary.bundle),
        ("its altered copy", summary.altered_bundle),
        ("the auditor's keys", summary.trusted_keys),
        ("the system itself", summary.folder / "data"),
    ]
    teller.say("Made:")
    for what, path in made:  # not in a table: a path must not be broken
        teller.console.print(f"  {what}: {path}", soft_wrap=True, highlight=False, markup=False)
