"""What an erasure found, in sentences: what was looked through, for what, and that nobody finds the person any more."""

from __future__ import annotations

import re
from collections.abc import Sequence

from beholden.web.words import _, named, ngettext, number

STORES = {
    "data": named("the data folder"),
    "keys": named("the keys"),
    "database": named("the database"),
    "blobs": named("the pictures"),
    "log": named("the log"),
    "index": named("the index"),
    "segments": named("its sealed segments"),
    "memory": named("the memory"),
}
MIB = 2**20


def in_sentences(summary: Sequence[tuple[str, str]]) -> list[str]:
    """Of a summary that this version wrote; what it does not know is said as it stands."""
    told = dict(summary)
    said = [
        *_scanned(told.pop("stores", ""), told.pop("files_scanned", ""), told.pop("bytes_scanned", "")),
        *_traces(told.pop("needles", "")),
        *_searched(told.pop("self_test", ""), told.pop("post_delete_rank", "")),
        *_damaged(told.pop("damaged_pictures", "")),
        *_chosen(told.pop("share_missed", "")),
    ]
    return said + [f"{name.replace('_', ' ')}: {value}" for name, value in told.items()]


def _scanned(stores: str, files: str, size: str) -> list[str]:
    if not stores:
        return []
    where = ", ".join(_(STORES.get(store, store)) for store in stores.split(", "))
    if not files.isdigit() or not size.isdigit():
        return [_("It is erased from: %(where)s.") % {"where": where}]
    words = ngettext(
        "It is erased from: %(where)s. One file of %(size)s MiB was read there, byte by byte.",
        "It is erased from: %(where)s. All %(files)s files there, %(size)s MiB, were read byte by byte.",
        int(files),
    )
    return [words % {"where": where, "files": number(int(files), ",d"), "size": number(int(size) / MIB, ",.1f")}]


def _traces(needles: str) -> list[str]:
    if not needles.isdigit():
        return []
    words = ngettext(
        "One trace was looked for, a piece of a key or of sealed data, and it was not found.",
        "%(number)s traces were looked for, pieces of keys and of sealed data, and none was found.",
        int(needles),
    )
    return [words % {"number": number(int(needles), ",d")}]


def _searched(self_test: str, ranks: str) -> list[str]:
    tried = re.fullmatch(r"(\d+) of (\d+) templates searched after removal", self_test)
    if not tried:
        return []
    done, faces = int(tried[1]), int(tried[2])
    if not done:
        return [_("No template was left to search with after the removal, so nobody was searched for.")]
    said = ngettext(
        "After the removal, the template of %(done)s of %(faces)s record was searched for once more.",
        "After the removal, the templates of %(done)s of %(faces)s records were searched for once more.",
        faces,
    ) % {"done": done, "faces": faces}
    if ranks == "null":
        return [said + " " + _("What was erased is on no list any more.")]
    return [said + " " + _("What was erased is still on a list: tell whoever keeps this server.")]


def _damaged(pictures: str) -> list[str]:
    if not pictures.isdigit() or not int(pictures):
        return []
    words = ngettext(
        "One picture with other people in it was damaged before: nobody can see it any more.",
        "%(number)s pictures with other people in them were damaged before: nobody can see them any more.",
        int(pictures),
    )
    return [words % {"number": pictures}]


def _chosen(how: str) -> list[str]:
    if not how:
        return []
    return [_("The records were chosen by a privacy officer out of what was nearest to a photograph of the person.")]
