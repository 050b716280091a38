"""`beholden examination`: one pair to an examiner of another agency and back; that examiner needs no system for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from beholden.actions import travel
from beholden.cli import documents, folders, naming, printing
from beholden.cli.door import HERE, Door
from beholden.cli.examine import Components, ComponentsFile, Limitations, OpinionGiven, components_given, opinion_given
from beholden.cli.folders import content_of, new_file, new_folder
from beholden.cli.printing import Told
from beholden.errors import BadInput
from beholden.records.examination import COMPONENTS, Description, Observation, Opinion, Side
from beholden.records.travel import TASK, OutsideOpinion, SentExamination

if TYPE_CHECKING:
    from beholden.records.travel import Packet

app = App(name="examination")
EXAMPLE = '{"probe": {"suitable": true, "seen": ["nose"], "words": ""}, "reference": {"suitable": false, "words": "too dark"}}'
MOST = 2**25  # bytes of a packet: its chips are 224 pixels wide
MOST_KEY = 2**16

PacketFile = Annotated[Path, Parameter(help="The encrypted packet, as it was sent.")]
Identity = Annotated[Path, Parameter(name="--age-key", help="The age identity of the examiner (of `age-keygen`).")]


@app.command
def register(
    name: Annotated[str, Parameter(help="The examiner of another agency.")],
    /,
    *,
    agency: Annotated[str, Parameter(help="Their agency.")],
    vkey: Annotated[str, Parameter(help="The public key (vkey) that signs their opinions.")],
    recipient: Annotated[str, Parameter(help="Their age recipient: age1…")],
    door: Door = HERE,
) -> Told:
    """Register an examiner of another agency with their keys, as a privacy officer: who sends a pair does not choose the key.

    Example: beholden examination register "Olga Outside" --agency "Police of Elsewhere" --vkey olga+1a2b… --recipient age1…
    """
    with door.enter() as (system, officer):
        made = travel.register_examiner(system, officer, name=name, agency=agency, vkey=vkey, recipient=recipient)
    return Told(documents.document(made), (f"{made.name}, {made.agency}, is registered as {printing.short(made.id)}.",))


@app.command
def examiners(*, door: Door = HERE) -> Told:
    """The examiners of other agencies that are registered.

    Example: beholden examination examiners
    """
    with door.enter() as (system, officer):
        there = travel.examiners(system, officer)
    lines = [(printing.short(one.id), one.name, one.agency, one.vkey) for one in there]
    table = printing.rows(("id", "name", "agency", "key"), lines, "Nobody is registered.")
    return Told([documents.document(one) for one in there], (table,))


@app.command
def send(
    search: Annotated[str, Parameter(help="A search's id; the whole where you have no part in it.")],
    examiner: Annotated[str, Parameter(help="A registered examiner: name or id.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="The new file for the encrypted packet.")],
    days: Annotated[int, Parameter(help="The opinion must be back within so many days, 30 at most.")] = travel.DAYS,
    door: Door = HERE,
) -> Told:
    """Send the next pair that waits for its second opinion, as a supervisor. It is a disclosure to the examiner's agency.

    Example: beholden examination send 3fa9c1 "Olga Outside" --out packet.age --days 7
    """
    with new_file(out) as file, door.enter() as (system, officer):
        known = (naming.Known(one.id, one.name) for one in travel.examiners(system, officer))
        sent, packet = travel.send_examination(
            system,
            officer,
            search_id=naming.search(system, officer, search),
            examiner_id=naming.resolve(examiner, "registered examiner", known),
            days=days,
        )
        file.write_bytes(packet)
    words = f"{out}: one pair, which only {examiner} opens. The opinion must be back before {printing.at(sent.due_at)}."
    return Told(_document(sent) | {"packet": str(out)}, (words,))


@app.command(name="list")
def list_sent(*, door: Door = HERE) -> Told:
    """What was sent, and what became of it; nothing of a candidate and nothing of an opinion.

    Example: beholden examination list
    """
    with door.enter() as (system, officer):
        names = {one.id: f"{one.name}, {one.agency}" for one in travel.examiners(system, officer)}
        there = travel.sent_examinations(system, officer)
    lines = [
        (printing.at(one.kept.created_at), names[one.examiner_id], printing.at(one.due_at), one.state.replace("_", " "))
        for one in there
    ]
    table = printing.rows(("sent", "to", "back before", "state"), lines, "Nothing was sent.")
    return Told([_document(one) for one in there], (table,))


@app.command
def make_keys(
    name: Annotated[str, Parameter(help="A name for the signing key, such as olga.example.")],
    out: Annotated[Path, Parameter(help="A new folder for both private keys.")],
    /,
) -> Told:
    """Make the two keys of an examiner of another agency: one that signs, and one that packets are for.

    Example: beholden examination make-keys olga.example ./keys
    """
    from beholden.formats.notes import vkey
    from beholden.keys.entrusting import make_identity
    from beholden.policy.handover import make_signer

    signer, pem = make_signer(name)
    identity, recipient = make_identity()
    try:
        line = vkey(signer.name, signer.public)
    except ValueError as wrong:
        raise BadInput(f"no key was made: {wrong}") from wrong
    with new_folder(out):
        folders.write(out, {"signing.pem": pem, "age-key.txt": identity})
    lines = (f"Both private keys are in {out}; keep them. Give to the agency that asks:", line, recipient)
    return Told({"vkey": line, "recipient": recipient, "folder": str(out)}, lines)


@app.command
def look(
    packet: PacketFile,
    /,
    *,
    identity: Identity,
    out: Annotated[Path, Parameter(help="A new folder for the photographs.")],
    side: Annotated[
        Side | None,
        Parameter(help="One side alone: the probe first, then the reference; afterwards both, without this."),
    ] = None,
) -> Told:
    """Open a packet that was sent to you. It needs no system and no network.

    Example: beholden examination look packet.age --age-key age-key.txt --out ./probe --side probe
    """
    read, _ = _opened(packet, identity)
    files = {f"sought-{i}.jpg": chip for i, chip in enumerate(read.probes, 1)} if side is not Side.REFERENCE else {}
    if side is not Side.PROBE:
        files["reference.jpg"] = read.reference
    with new_folder(out):
        folders.write(out, files)
    lines = (
        f"The photographs are in {out}. Remove that folder and the packet when you have answered.",
        TASK,
        *(() if side else (read.cautions,)),
        *(
            (f"Which of these can be judged in it: {', '.join(COMPONENTS)}? Write it down under “{side}”:", EXAMPLE)
            if side and read.edition > 1
            else ()
        ),
        f"Observe each of: {', '.join(COMPONENTS)}.",
        f"Say of each one of: {', '.join(Observation)}.",
        "Give one of: " + "; ".join(f"{int(one)} {one.words}" for one in Opinion) + ".",
        f"The opinion must be back before {printing.at(read.due_at)}.",
    )
    document = {
        "task": TASK,
        "cautions": "" if side else read.cautions,
        "due_at": printing.at(read.due_at),
        "files": [str(out / name) for name in files],
        "components": list(COMPONENTS),
        "observations": [str(one) for one in Observation],
    }
    return Told(document, lines)


@app.command
def answer(
    packet: PacketFile,
    out: Annotated[Path, Parameter(help="The new file for your signed opinion.")],
    /,
    *,
    identity: Identity,
    key: Annotated[Path, Parameter(help="Your private key (PEM), which was registered before.")],
    name: Annotated[str, Parameter(help="The name of that key, as in its vkey.")],
    opinion: OpinionGiven,
    component: Components = None,
    components_file: ComponentsFile = None,
    limitations: Limitations = "",
    described: Annotated[Path | None, Parameter(help=f"What you said of each side alone, as JSON: {EXAMPLE}")] = None,
) -> Told:
    """Sign your opinion on a packet that was sent to you. It needs no system and no network.

    Example: beholden examination answer packet.age opinion.note --age-key age-key.txt --key signing.pem --name olga.example
    --opinion 1 --described sides.json --components-file seen.json --limitations "low light"
    """
    from beholden.formats.travel import digest_of, write_opinion
    from beholden.policy.handover import signer_of

    read, content = _opened(packet, identity)
    now = datetime.now(UTC)
    given = OutsideOpinion(
        origin=read.origin,
        nonce=read.nonce,
        packet_sha256=digest_of(content),
        components=tuple(components_given(component, components_file)),
        limitations=" ".join(limitations.split()),
        opinion=opinion_given(opinion),
        answered_at=now.replace(microsecond=now.microsecond // 1000 * 1000),
        described=_described(described) if described and read.edition > 1 else (),
        edition=read.edition,
    )
    signer = signer_of(name, content_of(key, most=MOST_KEY))
    try:
        note = write_opinion(given, signer.name, signer.public, signer.sign)
    except ValueError as wrong:
        raise BadInput(f"no opinion was signed; it lacks: {wrong}") from wrong
    with new_file(out) as file:
        file.write_bytes(note)
    words = Opinion(given.opinion).words
    lines = (
        f"{out}: your opinion, “{words}”, is signed by {name}. Send that file back; it holds no photograph.",
        f"It must be back before {printing.at(read.due_at)}. Destroy the packet and the photographs.",
    )
    return Told({"opinion": given.opinion, "opinion_words": words, "note": str(out)}, lines)


@app.command
def take_back(note: Annotated[Path, Parameter(help="The signed opinion.")], /, *, door: Door = HERE) -> Told:
    """Take back the opinion that an outside examiner signed, as a supervisor. It is locked as the second opinion.

    Example: beholden examination take-back opinion.note
    """
    content = content_of(note, most=MOST_KEY)
    with door.enter() as (system, officer):
        taken = travel.take_back(system, officer, note=content)
    return Told(_document(taken), ("The opinion is locked; it is read with the others when the search is unsealed.",))


def _described(file: Path) -> tuple[Description, ...]:
    """Raises `BadInput` for what is not written as in `EXAMPLE`; whether all is there, whoever signs is told."""
    try:
        told = json.loads(content_of(file, most=MOST_KEY))
        return tuple(
            Description(
                side,
                told[side]["suitable"] is True,
                tuple(str(name) for name in told[side].get("seen", ())),
                " ".join(str(told[side].get("words", "")).split()),
            )
            for side in Side
            if side in told
        )
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise BadInput(f"{file} does not describe the sides ({wrong!r}); write it as {EXAMPLE}") from wrong


def _opened(packet: Path, identity: Path) -> tuple[Packet, bytes]:
    from beholden.formats.travel import read_packet
    from beholden.keys.entrusting import Entrusted

    content, key = content_of(packet, most=MOST), content_of(identity, most=MOST_KEY)
    try:
        opened = Entrusted(content, key).content
    except (BadInput, ValueError, KeyError, TypeError) as wrong:
        raise BadInput(f"{identity} does not open {packet}: give the age identity that it was encrypted to") from wrong
    return read_packet(opened), opened


def _document(sent: SentExamination) -> dict[str, object]:
    return {
        "id": sent.id,
        "search_id": sent.search_id,
        "examiner_id": sent.examiner_id,
        "nonce": sent.nonce,
        "due_at": printing.at(sent.due_at),
        "state": str(sent.state),
    }
