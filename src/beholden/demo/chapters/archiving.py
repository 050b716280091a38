"""Chapter 3, its second half: a publisher's site comes in as a web archive that somebody collected; nothing is fetched."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

from beholden.actions import archives, register
from beholden.actions.archives import ORDINARY
from beholden.demo import publisher
from beholden.demo.chapters.enrolment import Taken, show_provenance
from beholden.demo.stage import PIA, PURPOSE, STELLA, Stage
from beholden.records.archives import ArchiveTerms
from beholden.records.galleries import Gallery
from beholden.records.sources import Source

AGREEMENT = b"What a publisher that does not exist agreed to, for Beholden's demo.\n"
CONTROL = "the publisher put a word of ours into the DNS of publisher.example, and it was read there"
COLLECTED_BY = "the archivist of the demo"
SHOWN = ("image_url", "page_url", "page_title", "caption", "alt", "archived_at", "http_date", "checked", "sha256")


def enrol_site(stage: Stage, gallery: Gallery) -> Taken:
    source = _register_publisher(stage)
    path = _collect(stage)
    with path.open("rb") as file:
        read = archives.read_archive(
            stage.system,
            stage[STELLA],
            file,
            file_name=path.name,
            source_id=source.id,
            gallery_id=gallery.id,
        )
        stage.act(
            STELLA,
            f"gives the web archive {path.name}: {read.records} records, {read.images} of them images, "
            f"{read.taken} covered by the agreement. The log has this before any image is enrolled.",
        )
        taken = Taken(tuple(archives.enrol_archive(stage.system, stage[STELLA], read, received_from=COLLECTED_BY)))
    beside = [f"{count} {code}" for code, count in sorted(read.left_out.items()) if code in ORDINARY]
    stage.teller.say(
        f"{taken.images} image enrolled with {taken.references} reference. Beside the images: {', '.join(beside)}."
    )
    stage.teller.table("Left out of the archive, and why", ("record", "reasons"), taken.rejected)
    show_provenance(stage, taken.answers[0], SHOWN)
    return taken


def _register_publisher(stage: Stage) -> Source:
    system, now = stage.system, stage.system.clock.now()
    proposed = register.propose_source(
        system,
        stage[STELLA],
        name="Portraits of a publisher",
        controller="a publisher that does not exist",
        authority_kind="synthetic",
        citation="agreement 1, clause 2",
        document_sha256=hashlib.sha256(AGREEMENT).hexdigest(),
        jurisdiction="CA",
        purposes=(PURPOSE,),
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=365),
        archives=ArchiveTerms(publisher.PLACES, publisher.VISITORS, publisher.MOST_A_DAY, CONTROL),
    )
    stage.act(
        STELLA,
        f"proposes a second source, whose images come out of web archives: {', '.join(proposed.places)}, without "
        f"{', '.join(proposed.visitors)}, at most {proposed.most_a_day} images of a host and day.",
    )
    source = register.approve_source(system, stage[PIA], source_id=proposed.id)
    stage.act(
        PIA, f"reads how the publisher was shown to control its site ({source.control}), and approves the source."
    )
    return source


def _collect(stage: Stage) -> Path:
    """What an archiver would have brought: collecting is nothing that Beholden does."""
    portraits = [(portrait.name, portrait.path.read_bytes()) for portrait in stage.photographs.held_back["published"]]
    with stage.places.site.open("xb") as out:
        publisher.write_site(out, portraits, captured_at=stage.system.clock.now() - timedelta(hours=2))
    return stage.places.site
