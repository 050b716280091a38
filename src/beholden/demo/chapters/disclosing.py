"""Chapter 8: one lead leaves the agency, as JSON with a signed manifest, and with everything that speaks against it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from beholden.actions import disclose
from beholden.actions.examine import Lead
from beholden.demo.chapters.opinions import supported
from beholden.demo.stage import INES, Stage
from beholden.errors import Fault
from beholden.records.searches import Search

RECIPIENT = "Child protection unit 4"


def disclose_lead(stage: Stage, found: Search, leads: Sequence[Lead]) -> Mapping[str, Any]:
    """Disclose the lead that both examiners support; the packet as its recipient reads it."""
    chosen = supported(leads)
    if not chosen:
        raise Fault(
            "no lead of the demo's search is supported by its examiners; the pictures are not those of the demo"
        )
    packet = disclose.make_disclosure(
        stage.system,
        stage[INES],
        search_id=found.id,
        candidate_ids=[lead.candidate.id for lead in chosen],
        recipients=[RECIPIENT],
        basis="Privacy Act s. 8(2)(f), agreement 12 of 2024",
    )
    stage.places.packet.mkdir()
    for name, content in packet.files.items():
        (stage.places.packet / name).write_bytes(content)
    stage.act(INES, f"discloses {len(chosen)} lead to {RECIPIENT}: {', '.join(packet.files)}.")
    told: dict[str, Any] = json.loads(packet.files["disclosure.json"])
    stage.teller.table("What the packet says", ("of what", "words"), _rows(told))
    stage.must_hold("manifest", stage.places.packet / "manifest.note")
    return told


def _rows(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    (lead, *_), others, coverage = told["leads"], told["other_candidates"], told["coverage"]
    files = ", ".join(f"{name} {digest[:16]}…" for name, digest in told["model"]["files"].items())
    return [
        ("lead only", told["statement"]),
        *(("limit", limit) for limit in told["limits"]),
        (
            "lead",
            f"place {lead['rank']} of {told['search']['people_listed']}, score {lead['score']}, "
            f"disagreement: {'yes' if lead['disagreement'] else 'no'}",
        ),
        *(
            (f"opinion, {one['part']}", f"{one['opinion']} (score known: {'yes' if one['score_was_known'] else 'no'})")
            for one in lead["opinions"]
        ),
        ("quality", f"reference {lead['quality']}, probe {', '.join(map(str, told['probe']['quality']))} of 100"),
        ("reference", f"{lead['reference']['page_title']}, {lead['reference']['image_url']}"),
        ("model and hashes", f"{told['model']['name']}: {files}"),
        ("gallery size", coverage["words"]),
        ("other candidates", ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in others.items())),
        ("null results", f"{len(told['null_results'])} searches of this case without a potential candidate"),
        ("identity", "none: the packet has no field for one"),
    ]
