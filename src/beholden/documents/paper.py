"""A checkpoint to print and keep: one HTML page, with the note in letters and as a QR code, in English and French."""

from __future__ import annotations

from html import escape
from io import BytesIO

from beholden.formats import notes, tiles

# A page that is opened from a file and printed by any browser: it loads nothing and runs nothing.
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>
body {{ font: 12pt/1.4 serif; margin: 2cm; }}
pre {{ font: 9pt/1.4 monospace; white-space: pre-wrap; word-break: break-all; border: 1px solid; padding: .5em; }}
svg {{ width: 9cm; height: 9cm; }}
p.line {{ margin-top: 1.5cm; border-top: 1px solid; width: 9cm; }}
</style>
<h1>{origin}</h1>
<p>Checkpoint of the first {size} entries of this log, printed {day}. Whoever keeps this page can show later whether any of
them was changed, removed or put in between: <code>beholden log compare-paper FILE</code>, or
<code>beholden-verify log BUNDLE --old-checkpoint FILE</code>, with what the code holds in FILE.</p>
<p lang="fr">Point de contrôle des {size} premières entrées de ce journal, imprimé le {day}. Qui garde cette page peut montrer plus
tard si l’une d’elles a été modifiée, retirée ou intercalée, par les mêmes commandes, avec le contenu du code dans FILE.</p>
{code}
<pre>{note}</pre>
<p class="line">Printed and kept by · Imprimé et conservé par</p>
</html>
"""


def checkpoint_page(note: bytes, *, day: str) -> bytes:
    """The page of a checkpoint. Raises `Untrusted` for what is none. Loads segno, which draws the code."""
    import segno

    head = tiles.read_head(notes.text_of(note))
    drawn = BytesIO()
    # At least 15 hundredths of the code may be dirt; a code holds 2,331 bytes so, some twenty cosignatures.
    segno.make(note, error="m", boost_error=True, mode="byte").save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, nl=False
    )
    return _PAGE.format(
        title=escape(f"{head.origin} · {head.size}"),
        origin=escape(head.origin),
        size=f"{head.size:,}",
        day=escape(day),
        code=drawn.getvalue().decode(),
        note=escape(note.decode()),
    ).encode()
