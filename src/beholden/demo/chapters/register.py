"""Chapter 2: a source is proposed by one person and approved by another, and a gallery is opened."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from beholden.actions import register
from beholden.demo.stage import PIA, PURPOSE, STELLA, Stage
from beholden.records.galleries import Gallery
from beholden.records.sources import Source

# Stands for the instrument that gives the authority: a real source has a warrant, an order or an agreement here.
GENERATOR_MANIFEST = b"Portraits rendered for Beholden's demo: nobody in them exists.\n"


def register_source(stage: Stage) -> tuple[Source, Gallery]:
    system, now = stage.system, stage.system.clock.now()
    proposed = register.propose_source(
        system,
        stage[STELLA],
        name="Rendered people",
        controller="the authors of Beholden",
        authority_kind="synthetic",
        citation="generator manifest 1",
        document_sha256=hashlib.sha256(GENERATOR_MANIFEST).hexdigest(),
        jurisdiction="CA",
        purposes=(PURPOSE,),
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=365),
    )
    stage.act(
        STELLA,
        f"proposes the source “{proposed.name}”: authority kind {proposed.authority_kind}, citation “{proposed.citation}”, "
        f"valid until {proposed.valid_until:%Y-%m-%d}, permitted purposes: {', '.join(proposed.purposes)}.",
    )
    stage.act(STELLA, "tries to approve her own proposal.")
    stage.expect_refusal(
        "to approve one's own source",
        lambda: register.approve_source(system, stage[STELLA], source_id=proposed.id),
    )
    source = register.approve_source(system, stage[PIA], source_id=proposed.id)
    stage.act(PIA, "approves the source.")
    gallery = register.open_gallery(system, stage[PIA], name="References", purposes=(PURPOSE,))
    stage.act(PIA, f"opens the gallery “{gallery.name}” for the purpose {PURPOSE}, and for no other.")
    return source, gallery
