"""The card of a model pack, as a page in Markdown and as a document: what its manifest says, and what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from beholden.model.calibration import calibration_of
from beholden.model.manifest import Manifest, PinnedFile, Recognising, space_of
from beholden.ports.model import FIT_LICENCES

KINDS = {
    "permissive": "permissive: may be used for an agency's work",
    "agreement": "by an agreement with whoever made the weights",
    "research-only": "for research only: an operational system does not load it",
    "unknown": "not known: an operational system does not load it",
}


def document_of(manifest: Manifest) -> dict[str, object]:
    """All that the manifest says, and what follows from it, for programs."""
    told = asdict(manifest)
    for name in ("folder", "sha256"):
        del told[name]
    for name in ("detector", "embedder"):
        del told[name]["folder"]
    return {
        **told,
        "space_id": space_of(manifest),
        "manifest_sha256": manifest.sha256,
        "ships": manifest.folder is None,
        "fit_for_operational_systems": manifest.licence_kind in FIT_LICENCES,
    }


def page_of(manifest: Manifest) -> str:
    """Markdown. The same manifest gives the same page."""
    return "\n".join(_lines(manifest)) + "\n"


def _lines(manifest: Manifest) -> Iterator[str]:
    yield f"# Model card: {manifest.name}"
    yield ""
    yield f"Made by `beholden model card {manifest.name}` from the manifest of the pack."
    yield "A score of this model is a lead, and never says who anybody is."
    yield from _list("What it is for", manifest.intended_uses)
    yield from _list("What it must not be used for", manifest.prohibited_uses)
    yield from _list("What it cannot do", manifest.limits)
    yield from _list("What was not measured", manifest.not_measured)
    yield from _heading("What it was trained on")
    yield manifest.training_data
    yield from _heading("Licence")
    yield f"{manifest.licence}. Kind: {KINDS[manifest.licence_kind]}."
    if manifest.agreement:
        yield f"Agreement: {manifest.agreement}"
    yield from _heading("Files")
    yield "Another digest, and nothing is loaded."
    yield ""
    parts = (("finds faces", manifest.detecting, manifest.detector), ("makes templates", "", manifest.embedder))
    rows = [(what, kind or manifest.recognising.kind, *_file(pinned)) for what, kind, pinned in parts]
    yield from _table(("what it does", "kind", "file", "from", "SHA-256", "licence"), rows)
    yield from _heading("How a template is made")
    yield from _table(("what", "how"), _making(manifest, manifest.recognising))
    yield from _measured(manifest)


def _measured(manifest: Manifest) -> Iterator[str]:
    yield from _heading("What was measured")
    if not manifest.measured and not manifest.thresholds:
        yield "Nothing. Run `beholden evaluate` on photographs like yours before you rely on it."
        return
    yield "On public research sets, and not on your photographs."
    for about in dict.fromkeys(row.about for row in manifest.measured):
        own = [row for row in manifest.measured if row.about == about]
        yield from _heading(about, level=3)
        yield from _table(
            ("what", "figure", "on", "measured by"), [(row.what, row.figure, row.on, row.how) for row in own]
        )
    if manifest.thresholds:
        yield from _heading("Rates at a score", level=3)
        yield "All pairs of photographs. Nothing is decided by a threshold."
        yield "Whoever has hundreds of photographs is in most of the pairs of one person: of other photographs, as in any table"
        yield "above, rates and scores differ, and so they will of yours."
        yield ""
        rates = [(f"{row.fmr:g}", f"{row.cosine:.4f}", f"{row.tmr:.2%}", row.measured) for row in manifest.thresholds]
        yield from _table(("FMR", "score (cosine)", "TMR", "on"), rates)
    if calibration := calibration_of(manifest, space_of(manifest)):
        yield ""
        yield f"Lists quote what was measured on {calibration.measured_on}, until a calibration of your own is in force."


def _making(manifest: Manifest, told: Recognising) -> list[tuple[str, str]]:
    turned = "summed of the face's and its mirror image's" if told.mirror else "of the face as it is"
    fixed = told.kind == "sface"
    scaled = "inside the graph" if fixed else f"(value − {_colours(told.mean)}) / {_colours(told.std)}"
    return [
        ("space", f"`{space_of(manifest)}`: templates compare with those of the same space only"),
        (
            "preprocessing",
            f"version {manifest.preprocessing}; aligned by five landmarks to 112 × 112 ({told.alignment})",
        ),
        ("channels and scale", f"{told.channels.upper()}, {scaled}"),
        ("template", f"{manifest.dimension} numbers of unit length, {turned}"),
        ("precision", f"{manifest.precision}, whatever the runtime"),
        (
            "quality 0–100",
            "from the length of the raw template: "
            + ", ".join(
                f"{length:g} is {share:g}" for length, share in zip(told.lengths, told.percentiles, strict=True)
            ),
        ),
    ]


def _file(pinned: PinnedFile) -> tuple[str, str, str, str]:
    where = f"the package {pinned.package} {pinned.version}" if pinned.package else "beside the manifest"
    return pinned.name, where, f"`{pinned.sha256}`", pinned.licence


def _colours(three: tuple[float, float, float]) -> str:
    return f"{three[0]:g}" if len(set(three)) == 1 else "(" + ", ".join(f"{one:g}" for one in three) + ")"


def _heading(words: str, *, level: int = 2) -> Iterator[str]:
    yield ""
    yield f"{'#' * level} {words}"


def _list(heading: str, items: Sequence[str]) -> Iterator[str]:
    yield from _heading(heading)
    for item in items:
        yield f"- {' '.join(item.split())}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.replace('|', '/').split()) for cell in row)} |"
