"""The register: sources proposed by one person and approved by another, and the galleries they feed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from beholden.actions import audit
from beholden.actions.audit import millis
from beholden.errors import BadInput
from beholden.ports.system import System
from beholden.records.archives import ArchiveTerms, wrong_in_terms
from beholden.records.faces import Face
from beholden.records.galleries import Gallery, GalleryState
from beholden.records.names import wrong_in_name
from beholden.records.people import Officer, Role
from beholden.records.sources import AuthorityKind, Source, SourceState

# contexts of sealed values: a ciphertext put in another's place does not open
GALLERY_SECRET = "gallery/secret"  # noqa: S105 - the name of a context, not a secret

NO_ARCHIVES = ArchiveTerms()


def propose_source(
    system: System,
    officer: Officer,
    *,
    name: str,
    controller: str,
    authority_kind: str,
    citation: str,
    document_sha256: str,
    jurisdiction: str,
    purposes: Sequence[str],
    valid_from: datetime,
    valid_until: datetime,
    archives: ArchiveTerms = NO_ARCHIVES,
) -> Source:
    """Raises `BadInput` for an authority kind that is not on the closed list, for a digest that is none, and for terms of
    web archives that could not be used."""
    with audit.act(system, "source.proposed", officer) as act, act.begin() as tx:
        if Role.STEWARD in act.person.roles:  # what anybody else writes there is not kept
            act.tell("authority_kind", authority_kind, audit.SYSTEM)
            if authority_kind not in set(AuthorityKind):
                raise BadInput(
                    f"{authority_kind!r} is no authority to hold images; it must be one of: {', '.join(AuthorityKind)}"
                )
        act.permit(
            authority_kind=authority_kind,
            citation_chars=len(citation.strip()),
            purposes=tuple(purposes),
            pack_purposes=system.policy.pack.purposes,
            valid_from=millis(valid_from),
            valid_until=millis(valid_until),
            archive_places=len(archives.places),
            control_chars=len(archives.control.strip()),
        )
        if wrong := wrong_in_name(name, "a source"):
            raise BadInput(wrong)
        if len(document_sha256) != 64 or not set(document_sha256.lower()) <= set("0123456789abcdef"):
            raise BadInput("the document's SHA-256 must be 64 hexadecimal digits; take it with `sha256sum FILE`")
        if wrong := wrong_in_terms(AuthorityKind(authority_kind), archives, valid_from, valid_until):
            raise BadInput(wrong)
        source = Source(
            id=act.new_id(),
            version=0,
            kept=act.keep("source"),
            name=name,
            controller=controller,
            authority_kind=AuthorityKind(authority_kind),
            citation=citation,
            document_sha256=document_sha256.lower(),
            jurisdiction=jurisdiction,
            purposes=tuple(purposes),
            valid_from=valid_from,
            valid_until=valid_until,
            state=SourceState.PROPOSED,
            proposed_by=act.person.id,
            decided_by="",
            reason="",
            places=archives.places,
            visitors=archives.visitors,
            most_a_day=archives.most_a_day,
            control=archives.control.strip(),
        )
        tx.add(source)
        act.tell("source", source.id, source.id)
    return source


def approve_source(system: System, officer: Officer, *, source_id: str) -> Source:
    return _decide(system, officer, "source.approved", source_id, SourceState.ACTIVE, "")


def refuse_source(system: System, officer: Officer, *, source_id: str, reason: str) -> Source:
    return _decide(system, officer, "source.refused", source_id, SourceState.REFUSED, reason)


def suspend_source(system: System, officer: Officer, *, source_id: str, reason: str) -> Source:
    """From the next search on, none of its references is compared."""
    return _turn(system, officer, "source.suspended", source_id, SourceState.SUSPENDED, reason)


def resume_source(system: System, officer: Officer, *, source_id: str) -> Source:
    return _turn(system, officer, "source.resumed", source_id, SourceState.ACTIVE, "")


def open_gallery(system: System, officer: Officer, *, name: str, purposes: Sequence[str]) -> Gallery:
    with audit.act(system, "gallery.opened", officer) as act, act.begin() as tx:
        act.permit(purposes=tuple(purposes), pack_purposes=system.policy.pack.purposes)
        if wrong := wrong_in_name(name, "a gallery"):
            raise BadInput(wrong)
        id = act.new_id()
        gallery = Gallery(
            id=id,
            version=0,
            kept=act.keep("gallery"),
            name=name,
            purposes=tuple(purposes),
            secret=system.keys.seal(id, secrets.token_bytes(32), GALLERY_SECRET),
            state=GalleryState.OPEN,
        )
        tx.add(gallery)
        act.tell("gallery", gallery.id, gallery.id)
    return gallery


def certify_gallery(system: System, officer: Officer, *, gallery_id: str, words: str) -> Gallery:
    """Somebody looked through it: what may no longer be held is out (REQ 08). `words` say what was checked and taken out."""
    with audit.act(system, "gallery.certified", officer) as act, act.begin() as tx:
        gallery = tx.get(Gallery, gallery_id)
        act.tell("gallery", gallery.id, gallery.id)
        act.permit(state=str(gallery.state), words_chars=len(words.strip()))
        act.tell("words", words.strip(), gallery.id)
        return tx.change(gallery, certified_at=act.now, certified_by=act.person.id)


def close_gallery(system: System, officer: Officer, *, gallery_id: str) -> Gallery:
    """Its references are kept to their term, and compared no more."""
    with audit.act(system, "gallery.closed", officer) as act, act.begin() as tx:
        gallery = tx.get(Gallery, gallery_id)
        act.tell("gallery", gallery.id, gallery.id)
        act.permit(state=str(gallery.state))
        return tx.change(gallery, state=GalleryState.CLOSED)


def _decide(system: System, officer: Officer, event: str, source_id: str, state: SourceState, reason: str) -> Source:
    with audit.act(system, event, officer) as act, act.begin() as tx:
        source = tx.get(Source, source_id)
        act.tell("source", source.id, source.id)
        act.permit(state=str(source.state), proposed_by=source.proposed_by, valid_until=millis(source.valid_until))
        return tx.change(source, state=state, decided_by=act.person.id, reason=reason)


def _turn(system: System, officer: Officer, event: str, source_id: str, state: SourceState, reason: str) -> Source:
    with audit.act(system, event, officer) as act, act.begin() as tx:
        source = tx.get(Source, source_id)
        act.tell("source", source.id, source.id)
        act.permit(state=str(source.state))
        source = tx.change(source, state=state, reason=reason)
        tx.next("changes")  # suspending and resuming are changes that an index must have seen
        act.tell("references", tx.count(Face, source_id=source.id), source.id)
    return source
