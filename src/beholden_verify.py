"""Check what a Beholden log, and whoever keeps it, says, with Python's standard library alone and no code of Beholden.

    python beholden_verify.py log BUNDLE [--keys KEYS] [--old-checkpoint FILE] [--statement FILE] [--witnesses N] [--json]
    python beholden_verify.py receipt|proof|manifest FILE --keys KEYS [--witnesses N] [--json]

Take KEYS from somebody other than who gave you the rest. Exit codes: 0 it holds, 7 not proven, 2 usage, 4 cannot be read, 1 what
is said was not read to its end. C2SP signed-note, tlog-checkpoint, -tiles, -cosignature (no ML-DSA), -proof; RFC 6962, 8032. It is
not noticed when a line of `opened.jsonl`, or file of `checkpoints/`, is left out: a bundle holds as many as its reader may see.
"""

import argparse
import base64
import functools
import hashlib
import itertools
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Keys = dict[tuple[str, bytes], bytes]  # (name, key id) → type and public key
Read = Callable[[str], bytes]  # a file of the bundle by its path; empty if it is not there
Report = dict[str, Any]
Point = tuple[int, int, int, int]


# Ed25519 (RFC 8032 § 5.1) in extended coordinates: 0.6 ms a signature, once the multiples of a key are there (measured).
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ZERO, BASE = (0, 1, 1, 0), (4 * pow(5, -1, P) % P).to_bytes(32, "little")


def add(a: Point, b: Point) -> Point:
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


@functools.cache
def multiples(encoded: bytes) -> list[list[Point]]:
    """0 to 15 times the point, times 1, 16, 16², …: a scalar is then 64 additions. None if it is not the form of a point."""
    y, sign, rows = int.from_bytes(encoded, "little") & (2**255 - 1), encoded[31:] > b"\x7f", list[list[Point]]()
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if len(encoded) != 32 or y >= P or (x * x - square) % P or (x == 0 and sign):
        return rows
    x = P - x if x & 1 != sign else x
    times = (x, y, 1, x * y % P)
    for _ in range(64):
        *row, times = itertools.accumulate([times] * 16, add, initial=ZERO)
        rows.append(row)
    return rows


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether R = sB − kA: the equation without cofactor, R compared as bytes, s and A in their only form."""
    if len(signature) != 64 or not multiples(public) or (s := int.from_bytes(signature[32:], "little")) >= L:
        return False
    k, r = -int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L, ZERO
    for of_base, of_key in zip(multiples(BASE), multiples(public), strict=True):
        r, s, k = add(add(r, of_base[s & 15]), of_key[k & 15]), s >> 4, k >> 4
    x, y = (r[i] * pow(r[2], -1, P) % P for i in (0, 1))
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# Keys and signed notes: only "\n" ends a line, base64 has one form, and no byte is skipped.
NOTES, WITNESS = b"\1", b"\4"  # the type of a key: what it signs. Keys of other types are let stand, and not used


def unbase64(text: str) -> bytes:
    found = base64.b64decode(text) if len(text) % 4 == 0 and re.fullmatch("[A-Za-z0-9+/]*={0,2}", text) else b""
    return found if base64.b64encode(found).decode() == text else b""


def parse_keys(path: str, content: bytes, *, comments: bool) -> Keys:
    """In a comment no byte is covered, so the list in a bundle has none."""
    keys: Keys = {}
    for line in content.decode().removesuffix("\n").split("\n"):
        name, id, encoded = [*line.split("+", 2), "", ""][:3]
        key = unbase64(encoded)
        digest = hashlib.sha256(f"{name}\n".encode() + key).digest()[:4]
        if re.fullmatch(r"\S+", name) and key and id == digest.hex():
            keys[name, digest] = key
        elif not comments or (line and line[0] != "#"):
            raise ValueError(f"{path}: {line!r} is no line of a key")
    if not keys or (not comments and content[-1:] != b"\n"):
        raise ValueError(f"{path}: the list of keys is empty or cut short")
    return keys


def open_note(path: str, note: bytes, keys: Keys) -> tuple[str, list[str], dict[bytes, tuple[str, int]]]:
    """Text, known signers, and known witnesses (key → name and time). Signatures by others prove nothing."""
    whole = note.decode(errors="replace")
    text, parted, tail = whole.rpartition("\n\n")
    if whole.encode() != note or re.search(r"[\x00-\x09\x0b-\x1f]", whole) or not parted or tail[-1:] != "\n":
        raise ValueError(f"{path}: it is no signed note, or holds a control character")
    signers, witnesses, seen = list[str](), dict[bytes, tuple[str, int]](), set[tuple[str, bytes]]()
    for line in tail[:-1].split("\n"):
        parts = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        name, blob = (parts[1], unbase64(parts[2])) if parts else ("", b"")
        if len(blob) < 5 or (name, blob[:4]) in seen:
            raise ValueError(f"{path}: {line!r} is no signature line, or there twice")
        seen.add((name, blob[:4]))
        key, message, signature = keys.get((name, blob[:4]), b""), f"{text}\n", blob[4:]
        if key[:1] == WITNESS:
            at, signature = int.from_bytes(blob[4:12], "big"), blob[12:] if blob[4] < 128 else b""
            message, witnesses[key[1:]] = f"cosignature/v1\ntime {at}\n{message}", (name, at)
        elif key[:1] == NOTES:
            signers.append(name)
        if key[:1] in (NOTES, WITNESS) and not signature_holds(key[1:], message.encode(), signature):
            raise ValueError(f"{path}: the signature of {name} is not over this text: it was altered")
    if not signers:
        raise ValueError(f"{path}: it is signed by {', '.join(name for name, _ in seen)}, and by no key that you trust")
    return f"{text}\n", signers, witnesses


def open_checkpoint(path: str, content: bytes, keys: Keys, wanted: int = 0) -> tuple[str, int, bytes, Report]:
    """Origin, size, root, and what is to be said of it. The log's own key, named as the origin, must have signed."""
    text, signers, witnesses = open_note(path, content, keys)
    found = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,17})\n([^\n]+)\n", text)
    if not found or len(root := unbase64(found[3])) != 32 or found[1] not in signers:
        raise ValueError(f"{path}: it is no checkpoint that the log's own key signed")
    problems = [f"{path}: {len(witnesses)} of {wanted} witnesses cosigned it"] if len(witnesses) < wanted else []
    told = {"problems": problems, "notes": [], "origin": found[1], "size": int(found[2]), "root": root.hex()}
    return found[1], int(found[2]), root, told | {"cosigned": dict(witnesses.values())}


def subtree(row: list[bytes]) -> bytes:
    while len(row) > 1:
        odd = row[len(row) & ~1 :]
        row = [hashlib.sha256(b"\1" + row[i] + row[i + 1]).digest() for i in range(0, len(row) - 1, 2)] + odd
    return row[0]


def rows_over(hashes: list[bytes]) -> list[list[bytes]]:
    """The hashes of tile level 0, 1, …: each row over the full tiles of that below."""
    rows = [hashes]
    while len(row := rows[-1]) >= 256:
        rows.append([subtree(row[i : i + 256]) for i in range(0, len(row) - 255, 256)])
    return rows


def root_at(rows: list[list[bytes]], size: int) -> bytes:
    """The root of the first `size` leaves: each row's last, partial tile with what stands right of it below."""
    right: list[bytes] = []
    for level, row in enumerate(rows):
        chunk = row[size >> 8 * level + 8 << 8 : size >> 8 * level] + right
        right = [subtree(chunk)] if chunk else []
    return right[0] if right else hashlib.sha256(b"").digest()


def root_from(hashed: bytes, n: int, size: int, proof: list[bytes]) -> bytes:
    """The root that an inclusion proof (RFC 6962 § 2.1.1) leads to."""
    if size == 1 or not proof:
        return hashed if (size, n, proof) == (1, 0, []) else b""
    half = 1 << (size - 1).bit_length() - 1
    if n < half:
        return subtree([root_from(hashed, n, half, proof[:-1]), proof[-1]])
    return subtree([proof[-1], root_from(hashed, n - half, size - half, proof[:-1])])


def tiles_of(level: int | str, count: int) -> Iterator[tuple[str, int, int]]:
    """(path, first, how many) of the tiles that hold `count` hashes or entries."""
    for first in range(0, count, 256):
        named = re.sub("^(x000/)+", "", re.sub(r"(\d{3})(?=\d)", r"x\1/", f"{first // 256:09d}"))
        width = min(256, count - first)
        yield f"tile/{level}/{named}" + (f".p/{width}" if width < 256 else ""), first, width


FIELDS = {"n": int, "at": str, "event": str, "outcome": str, "role": str, "purpose": str, "rules": list, "items": list}
OPENED = r'{"n":(0|[1-9][0-9]{0,17}),"name":"([ !#-[\]-~]+)","salt":"([0-9a-f]{64})","value":(.+)}'


def parse(content: bytes) -> dict[str, Any]:
    """The JSON object that the bytes are; empty if they are none."""
    try:
        found = json.loads(content.decode())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class LogCheck:
    """One check of a bundle: its paths and how to read one, what you trust, and what else it is to bear out."""

    def __init__(self, there: set[str], read: Read, keys: Keys, old: bytes | None, n: int, said: Report) -> None:
        self.there, self.read, self.said, self.bad = there, read, said, set[int]()  # entries that are not as signed
        self.rows = Counter[tuple[str, ...]]()  # of the time that a statement is about, by its columns
        heads = self.heads(keys, old, n)
        self.check_tree(self.entries(self.opened()), heads)
        self.problems += [f"the statement: the log does not bear out its {name}" for name in self.wrong_figures()]

    def heads(self, trusted: Keys, old: bytes | None, wanted: int) -> list[tuple[int, bytes, str]]:
        """(size, root, where) of every checkpoint. Raises ValueError without keys and a signed root: nothing can be said."""
        own = parse_keys("keys.txt", self.read("keys.txt"), comments=False)
        keys = trusted or own
        log, self.size, self.root, self.told = open_checkpoint("checkpoint", self.read("checkpoint"), keys, wanted)
        self.problems: list[str] = self.told["problems"]
        if not trusted:
            self.told["notes"].append("the keys are the bundle's own: only --keys shows who made it")
        if not any(key[0] == log and key in keys for key in own):
            self.problems.append("keys.txt: it lacks the key of the log that you trust")
        heads = [(self.size, self.root, "checkpoint")]
        heads += [(self.said["size"], bytes.fromhex(self.said["root"]), "the statement")] if self.said else []
        notes = {path: self.read(path) for path in sorted(self.there) if path.startswith("checkpoints/")}
        for path, note in (notes | ({} if old is None else {"the old checkpoint": old})).items():
            try:
                origin, size, root, _ = open_checkpoint(path, note, keys)
                if origin != log or path not in (f"checkpoints/{size}", "the old checkpoint"):
                    raise ValueError(f"{path}: it is of {origin} at {size} entries, not what it should be")
                heads.append((size, root, path))
            except ValueError as wrong:
                self.problems.append(str(wrong))
        return sorted(heads)

    def opened(self) -> dict[int, list[tuple[int, str, str, str]]]:
        """By entry what was opened: its line, name, commitment and value, which is hashed as it stands in the line."""
        opened: dict[int, list[tuple[int, str, str, str]]] = {}
        last_n, last = -1, ""
        *lines, rest = self.read("opened.jsonl").decode(errors="surrogateescape").split("\n")
        for at, line in enumerate(lines, 1):
            found = re.fullmatch(OPENED, line)
            if not found or not last_n <= int(found[1]) < self.size or line == last:
                self.problems.append(f"opened.jsonl line {at}: it is malformed, out of order, repeated, or of no entry")
            else:
                last_n, last = int(found[1]), line
                hashed = hashlib.sha256(bytes.fromhex(found[3]) + found[4].encode(errors="surrogateescape")).hexdigest()
                opened.setdefault(last_n, []).append((at, found[2], hashed, found[4]))
        if rest or "opened.jsonl" not in self.there:
            self.problems.append("opened.jsonl: it is missing, cut short, or has bytes after its last line")
        return opened

    def entries(self, opened: dict[int, Any]) -> list[bytes]:
        """The hash of each entry as it is stored; empty if it is missing."""
        hashes = list[bytes]()
        for path, first, width in tiles_of("entries", self.size):
            bundle, at = self.read(path), 0
            while len(hashes) < first + width and at < len(bundle):
                leaf = bundle[at + 2 : at + 2 + int.from_bytes(bundle[at : at + 2], "big")]
                at += 2 + int.from_bytes(bundle[at : at + 2], "big")
                self.count(len(hashes), leaf, opened.get(len(hashes), ()))
                hashes.append(hashlib.sha256(b"\0" + leaf).digest())
            if at != len(bundle) or len(hashes) != first + width:
                self.problems += [f"{path} is missing, cut short, or goes on after its {len(hashes) - first} entries"]
            hashes += [b""] * (first + width - len(hashes))
        return hashes

    def count(self, k: int, leaf: bytes, opened: Sequence[tuple[int, str, str, str]]) -> None:
        """Count the entry, and compare with it its number and what was opened of it."""
        entry, said = parse(leaf), self.said
        if entry.get("n") != k or any(type(entry.get(name)) is not kind for name, kind in FIELDS.items()):
            self.problems.append(f"entry {k} calls itself {entry.get('n')}: left out, repeated, moved or malformed")
            self.bad.add(k)
            return
        for line, name, commitment, _ in opened:
            if {"name": name, "commitment": commitment} not in entry["items"]:
                self.problems.append(f"opened.jsonl line {line}: entry {k} committed to another value of {name!r}")
        if said and k < said["size"] and said["from"] <= entry["at"] < said["to"]:
            row = {name: value for _, name, _, value in opened} | entry
            row |= {"month": entry["at"][:7], "rules": " ".join(map(str, entry["rules"]))}
            self.rows[tuple(str(row.get(column, "")) for column in said["columns"])] += 1

    def wrong_figures(self) -> Iterator[str]:
        """The rows of the statement, or the sums of some of them, that the log does not give. Null is withheld."""
        told = {tuple(row): count for *row, count in self.said.get("rows", ())}
        if told.keys() != self.rows.keys() or any(count not in (None, self.rows[row]) for row, count in told.items()):
            yield "rows"
        for name, count, *heads in self.said.get("figures", ()):
            if count not in (None, sum(n for row, n in self.rows.items() if any([*row[: len(h)]] == h for h in heads))):
                yield repr(name)

    def check_tree(self, hashes: list[bytes], heads: list[tuple[int, bytes, str]]) -> None:
        """Find what gives the signed root (the entries, else tile/0), what differs from it, and what was rewritten."""
        rows = rows_over(hashes)
        if root_at(rows, self.size) != self.root:
            tiles = [(self.read(path), width) for path, _, width in tiles_of(0, self.size)]
            stored = [tile[32 * i : 32 * i + 32] for tile, width in tiles for i in range(width)]
            differing = [k for k, hashed in enumerate(hashes) if not hashed or hashed != stored[k]]
            self.problems[:0] = [f"entry {k} was altered or is missing" for k in differing]
            self.bad.update(differing)
            if root_at(rows_over(stored), self.size) == self.root:
                rows = rows_over(stored)
            else:
                self.problems.append("neither the entries nor the hashes in tile/0 give the root that was signed")
        for size, root, path in heads:
            if size > self.size:
                self.problems.append(f"{path}: it is of {size} entries: those after {self.size - 1} were taken away")
            elif root_at(rows, size) != root:
                self.problems.append(f"{path}: one of the first {size} entries was rewritten since it was signed")
                break
        for level, row in enumerate(rows):
            for path, first, width in tiles_of(level, len(row)):
                if self.read(path) != b"".join(row[first : first + width]):
                    self.problems.append(f"{path} is missing, or not of the entries from {first << 8 * level} on")

    def report(self) -> Report:
        return self.told | {"problems": self.problems[:100], "first_bad_entry": min(self.bad, default=None)}


# What a person takes away.
PROOF = rb"c2sp\.org/tlog-proof@v1\nextra (\S+)\nindex (0|[1-9][0-9]{0,17})\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n(.+)"


def open_line(what: str, content: bytes, keys: Keys) -> Report:
    """What one of our own notes says, in its one line of JSON."""
    found = re.fullmatch(rf"beholden/{what}/v1\n(.+)\n", open_note(what, content, keys)[0])
    if not found or not (said := parse(found[1].encode())):
        raise ValueError(f"{what}: the note is no {what}")
    return said


def check_entry(what: str, content: bytes, keys: Keys, wanted: int = 0) -> Report:
    """What a receipt says, and the entry that it, or a tlog-proof with the leaf as `extra`, shows to be in the log."""
    said = open_line(what, content, keys) if what == "receipt" else {}
    found = re.fullmatch(PROOF, content, re.DOTALL)
    try:
        if found:
            n, leaf, point, of = int(found[2]), unbase64(found[1].decode()), found[4], None
            steps = [unbase64(line) for line in found[3].decode().split("\n")[:-1]]
        else:
            proof = said.pop("proof")
            n, leaf, point, of = proof["n"], proof["leaf"].encode(), proof["checkpoint"].encode(), proof["size"]
            steps = [bytes.fromhex(step) for step in proof["inclusion"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{what}: it has not the form of a {what}") from None
    _, size, root, told = open_checkpoint(f"the checkpoint in the {what}", point, keys, wanted)
    entry, hashed = parse(leaf), hashlib.sha256(b"\0" + leaf).digest()
    placed = type(n) is int and of in (size, None) and {len(step) for step in steps} <= {32} and entry.get("n") == n
    if not placed or root_from(hashed, n, size, steps) != root:
        raise ValueError(f"{what}: it does not show that its entry is number {n} of the log of {size} entries")
    return told | {"entry": entry, what: said}


def check_manifest(path: Path, keys: Keys, beside: Path) -> Report:
    """Whether the files beside the manifest, and no others but the file of keys, are those that it lists."""
    text, signers, _ = open_note("manifest", path.read_bytes(), keys)
    if not re.fullmatch(r"beholden/manifest/v1\n([0-9a-f]{64}  .+\n)+", text):
        raise ValueError("manifest: the note is no manifest of files")
    listed = {line[66:]: line[:64] for line in text.split("\n")[1:-1]}
    own = {path.resolve(), beside.resolve()}
    there = {name for name in files_below(path.parent) if name in listed or (path.parent / name).resolve() not in own}
    found = {name: hashlib.sha256((path.parent / name).read_bytes()).hexdigest() for name in there & listed.keys()}
    problems = [f"{name} is missing" for name in sorted(listed.keys() - there)]
    problems += [f"{name} was altered" for name in sorted(found) if found[name] != listed[name]]
    problems += [f"{name} is not in the manifest" for name in sorted(there - listed.keys())]
    return {"problems": problems, "notes": [], "signed_by": signers, "files": listed}


def files_below(folder: Path) -> set[str]:  # rglob alone finds nothing, and says nothing, where no folder is
    return {path.relative_to(folder).as_posix() for path in (*folder.iterdir(), *folder.rglob("*")) if path.is_file()}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="beholden-verify", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=["log", "receipt", "proof", "manifest"], help="what is to be checked")
    parser.add_argument("path", type=Path, help="the folder of the bundle, or the file")
    parser.add_argument("--keys", type=Path, help="the keys that you trust (for a log, else its bundle's own)")
    parser.add_argument("--old-checkpoint", type=Path, help="a checkpoint of this log that you kept from before")
    parser.add_argument("--statement", type=Path, help="a statement of use, to be recounted from this log")
    parser.add_argument("--witnesses", type=int, default=0, help="how many of the witnesses in KEYS must have cosigned")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args(arguments)
    is_log, of_log = asked.what == "log", asked.old_checkpoint or asked.statement
    if (of_log and not is_log) or (not asked.keys and (not is_log or asked.witnesses or asked.statement)):
        parser.error("--old-checkpoint and --statement are for a log; all but a log alone needs --keys")
    try:
        keys = parse_keys("KEYS", asked.keys.read_bytes(), comments=True) if asked.keys else {}
        if is_log:
            there, old = files_below(asked.path), asked.old_checkpoint and asked.old_checkpoint.read_bytes()
            said = open_line("statement", asked.statement.read_bytes(), keys) if asked.statement else {}
            read = lambda path: (asked.path / path).read_bytes() if path in there else b""  # noqa: E731
            found = LogCheck(there, read, keys, old, asked.witnesses, said).report()
        elif asked.what == "manifest":
            found = check_manifest(asked.path, keys, asked.keys)
        else:
            found = check_entry(asked.what, asked.path.read_bytes(), keys, asked.witnesses)
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        found = {"problems": [str(wrong)], "notes": []}
    except OSError as wrong:
        print(f"beholden-verify: {wrong}", file=sys.stderr)
        return 4
    found = {"what": asked.what, "holds": not found["problems"], "keys": str(asked.keys or "the bundle's own"), **found}
    words = "\n  problem: ".join(["HOLDS" if found["holds"] else "NOT PROVEN", *found["problems"]])
    try:
        print("" if asked.json else f"{words}\n", json.dumps(found, ensure_ascii=False, indent=1), sep="", flush=True)
    except BrokenPipeError:  # who read it went away; what is still to be written at the end of the process goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0 if found["holds"] else 7


if __name__ == "__main__":
    sys.exit(main())
