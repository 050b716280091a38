"""A proof of one entry, for whoever has nothing else of the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from beholden.actions import log, review
from beholden.actions.proofs import prove_entry
from beholden.errors import Missing
from beholden.formats import proofs
from beholden.formats.notes import text_of
from beholden.formats.tiles import read_head
from beholden.records.people import Person, Role
from beholden.records.tree import inclusion_holds, leaf_hash
from tests.actions.test_witnessing import refused_by, watched
from tests.agency import Agency, last
from tests.trials.place import verify


def test_req_91_every_entry_can_be_proven_alone_and_its_proof_opens_no_value(agency: Agency, tmp_path: Path) -> None:
    watched(agency, tmp_path)
    agency.ready(1, 2)
    file = tmp_path / "proof.tlog-proof"
    for n in (0, 7, len(agency.leaves()) - 1):
        file.write_bytes(prove_entry(agency.system, agency["aude"], n=n))
        assert last(agency) == ("entry.proven", "done", [])
        proof = proofs.read(file.read_bytes())
        head = read_head(text_of(proof.checkpoint))
        assert inclusion_holds(leaf_hash(proof.extra), n, head.size, proof.steps, head.root)
        told = verify("proof", file, log.vkeys(agency.system), "--witnesses", "1")
        assert (told["holds"], told["entry"]["n"], told["entry"]["event"]) == (True, n, agency.leaves()[n]["event"])
    content = file.read_bytes()
    for at in range(0, len(content), 7):
        file.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
        assert not verify("proof", file, log.vkeys(agency.system), "--witnesses", "1")["holds"], at


def test_an_entry_that_is_not_there_and_a_person_who_may_not_get_no_proof(agency: Agency) -> None:
    assert refused_by(agency, lambda: prove_entry(agency.system, agency["ines"], n=0)) == ["role-exports-log"]
    with pytest.raises(Missing, match="no entry 9999"):
        prove_entry(agency.system, agency["aude"], n=9999)
    assert last(agency) == ("entry.proven", "failed", [])


def test_who_became_a_privacy_officer_with_a_list_open_has_no_proof_before_the_opinion(agency: Agency) -> None:
    found = agency.search(agency.ready(1, 2).authority)
    review.open_review(agency.system, agency["rosa"], search_id=found.id)
    agency.change(agency.get(Person, agency.ids["rosa"]), roles=(Role.PRIVACY_OFFICER,))
    with pytest.raises(Missing, match="lock the opinion that you owe first"):
        prove_entry(agency.system, agency["rosa"], n=0)
    assert last(agency) == ("entry.proven", "failed", [])
