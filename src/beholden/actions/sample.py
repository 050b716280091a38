"""The auditor's sample: drawn by a seed made after the log was signed, judged use by use, and counted."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from beholden.actions import audit, log
from beholden.errors import BadInput, Changed
from beholden.formats import notes, tiles
from beholden.ports.database import Look, OneOf, Saying
from beholden.ports.system import System
from beholden.records.audit import Entry, Item
from beholden.records.authority import Authority, Urgency
from beholden.records.comparisons import Comparison
from beholden.records.disclosures import OVERSIGHT, Notice
from beholden.records.people import Officer
from beholden.records.samples import Sample, Sampled, Verdict, at_most, drawn
from beholden.records.searches import Search

USES = {"search.started": "search", "comparison.made": "comparison"}  # event → the item that names the use
NOT_JUSTIFIED = "an auditor found a use of authority not justified"


@dataclass(frozen=True, slots=True)
class Found:
    """A sample with all it took, and what its verdicts come to."""

    sample: Sample
    taken: tuple[Sampled, ...]  # by the number of their entry
    verdicts: Mapping[Verdict, int]
    not_justified_at_most: float  # of all uses of the time, 0–1, with 95 % confidence; by those that were drawn by lot


def draw_sample(system: System, officer: Officer, *, begins_at: datetime, ends_at: datetime, share: int) -> Found:
    """Take `share` in a hundred uses of a time by lot, and beside them every use before approval.

    The log is signed first and the seed made then, so that whoever made the entries could not know which are taken; seed,
    size and root of the log are told in the entry `sample.drawn`, and whoever has the log can draw again. Raises `Refused`,
    and `BadInput` where nothing was used in that time.
    """
    with audit.act(system, "sample.drawn", officer) as act:
        with act.look():
            act.permit(begins_at=audit.millis(begins_at), ends_at=audit.millis(ends_at), share=share)
        head = tiles.read_head(notes.text_of(log.seal(system)))
        seed = secrets.token_hex(32)
        with act.begin() as tx:
            act.start_over()
            act.permit(begins_at=audit.millis(begins_at), ends_at=audit.millis(ends_at), share=share)
            uses = _uses(tx, begins_at, ends_at, head.size)
            if not uses:
                raise BadInput("no authority was used in that time: name another, which ends before now")
            sample = Sample(
                id=system.clock.new_id(),
                version=0,
                kept=act.keep("log"),
                drawn_by=act.person.id,
                begins_at=begins_at,
                ends_at=ends_at,
                share=share,
                size=head.size,
                root=head.root.hex(),
                seed=seed,
                uses=len(uses),
            )
            by_lot = set(drawn(uses, seed, share))
            taken = []
            for n, use_id in sorted(uses.items()):
                use = _use(tx, use_id)
                if use is None or not (n in by_lot or _was_exigent(tx, use)):
                    continue
                taken.append(
                    Sampled(
                        id=f"{sample.id}/{n}",
                        version=0,
                        kept=act.keep("log"),
                        sample_id=sample.id,
                        entry=n,
                        use_id=use_id,
                        case_id=use.case_id,
                        verdict=Verdict.PENDING,
                        words="",
                        judged_by="",
                        by_lot=n in by_lot,
                    )
                )
            tx.add(sample, *taken)
            for name, value in (("size", sample.size), ("root", sample.root), ("seed", seed), ("share", share)):
                act.tell(name, value, audit.SYSTEM)
            act.tell("uses", len(uses), audit.SYSTEM)
            act.tell("taken", [str(one.entry) for one in taken], audit.SYSTEM)
    return found(sample, taken)


def judge_use(system: System, officer: Officer, *, sample_id: str, use_id: str, verdict: str, words: str) -> Sampled:
    """What the auditor says of one use; it stands. Of a use that is not justified the oversight body gets a notice.

    Raises `Refused` for no reason in writing where the use is not justified or cannot be told, and `Changed` for one
    that was judged.
    """
    with audit.act(system, "sample.judged", officer) as act, act.begin() as tx:
        sample = tx.get(Sample, sample_id)
        taken = tx.find(Sampled, sample_id=sample.id, use_id=use_id)
        act.permit(verdict=verdict, words_chars=len(words.strip()))
        if not taken:
            raise BadInput("the sample did not take this use: name one of those that it lists")
        if taken[0].verdict is not Verdict.PENDING:
            raise Changed("this use was judged before, and a verdict stands")
        act.tell("use", use_id, use_id)
        act.tell("verdict", verdict, use_id)
        act.tell("words", words.strip(), use_id)
        if verdict == Verdict.NOT_JUSTIFIED:
            tx.add(Notice(system.clock.new_id(), 0, act.keep("notice"), OVERSIGHT, use_id, NOT_JUSTIFIED, False))
        return tx.change(taken[0], verdict=Verdict(verdict), words=words.strip(), judged_by=act.person.id)


def read_samples(system: System, officer: Officer) -> list[Found]:
    """Every sample with what it took, the newest first."""
    with audit.act(system, "sample.read", officer) as act, act.begin() as tx:
        act.permit()
        samples = tx.find(Sample)
        taken = tx.find(Sampled, order="entry")
    samples.sort(key=lambda one: one.kept.created_at, reverse=True)
    return [found(sample, [one for one in taken if one.sample_id == sample.id]) for sample in samples]


def found(sample: Sample, taken: list[Sampled]) -> Found:
    judged = [one for one in taken if one.by_lot and one.verdict is not Verdict.PENDING]
    # What cannot be told counts against: a bound must hold whatever the truth of it is.
    against = sum(one.verdict is not Verdict.JUSTIFIED for one in judged)
    return Found(
        sample=sample,
        taken=tuple(taken),
        verdicts=Counter(one.verdict for one in taken),
        not_justified_at_most=at_most(against, len(judged)),
    )


def _uses(look: Look, begins_at: datetime, ends_at: datetime, size: int) -> dict[int, str]:
    """Number of the entry → id of the use: those that were done in the time and stand in the signed log."""
    uses: dict[int, str] = {}
    for event, name in USES.items():
        done = [
            entry.n
            for entry in look.find(Entry, leaf=Saying("event", event))
            if entry.n < size
            and begins_at <= entry.kept.created_at <= ends_at
            and json.loads(entry.leaf)["outcome"] == "done"
        ]
        uses |= {item.n: item.record_id for item in look.find(Item, n=OneOf(done), name=name)}
    return uses


def _was_exigent(look: Look, use: Search | Comparison) -> bool:
    return look.get(Authority, use.authority_id).urgency is Urgency.EXIGENT


def _use(look: Look, id: str) -> Search | Comparison | None:
    """None for one whose record is no longer kept."""
    found: list[Search | Comparison] = [*look.find(Search, id=id), *look.find(Comparison, id=id)]
    return found[0] if found else None
