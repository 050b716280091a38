"""Check a Beholden log, receipt or manifest with Python's standard library alone. No code is shared with Beholden.

    python beholden_verify.py log BUNDLE [--keys keys.txt] [--old-checkpoint FILE] [--json]
    python beholden_verify.py receipt FILE --keys keys.txt
    python beholden_verify.py manifest FILE --keys keys.txt

Take `keys.txt` from somebody other than who gave you the rest. Exit codes: 0 it holds, 7 not proven, 2 usage, 4 cannot
be read. Formats: C2SP signed-note, tlog-checkpoint and tlog-tiles; RFC 6962; RFC 8032. It is not noticed when a whole
line of `opened.jsonl`, or file of `checkpoints/`, is left out: a bundle holds as many as its reader may see.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Keys = dict[tuple[str, bytes], bytes]  # (name, key id) → public key
Opened = dict[int, list[tuple[int, str, str]]]  # entry → (line of opened.jsonl, name, commitment)
Stored = list[tuple[bytes, object]]  # for each entry as it is stored: its hash (empty if missing), the number it says
Report = dict[str, Any]
Point = tuple[int, int, int, int]


# Ed25519 (RFC 8032 § 5.1) in extended coordinates: 2 ms a signature (measured).
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ZERO = (0, 1, 1, 0)
BASE = (4 * pow(5, -1, P) % P).to_bytes(32, "little")


def add(a: Point, b: Point) -> Point:
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def point(encoded: bytes) -> Point | None:
    """None if the 32 bytes are not the one form of a point."""
    y, sign = int.from_bytes(encoded, "little") & (2**255 - 1), encoded[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether R = sB − kA: the equation without cofactor, R compared as bytes, s and A in their only form."""
    base, key, s = point(BASE), point(public), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or not base or not key or s >= L:
        return False
    k = -int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    r, sums = ZERO, [ZERO, base, key, add(base, key)]
    for bit in range(252, -1, -1):  # both scalars at once
        r = add(add(r, r), sums[s >> bit & 1 | (k >> bit & 1) << 1])
    x, y = (r[i] * pow(r[2], -1, P) % P for i in (0, 1))
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# Keys and signed notes: only "\n" ends a line, base64 has one form, and no byte is skipped.
def unbase64(text: str) -> bytes:
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return found if base64.b64encode(found).decode() == text else b""


def parse_keys(path: str, content: bytes, *, comments: bool) -> Keys:
    """In a comment no byte is covered, so the list in a bundle has none."""
    keys: Keys = {}
    for line in content.decode().removesuffix("\n").split("\n"):
        found = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})", line)
        key = base64.b64decode(found[3]) if found else b""
        if found and key[0] == 1 and hashlib.sha256(f"{found[1]}\n".encode() + key).hexdigest()[:8] == found[2]:
            keys[found[1], bytes.fromhex(found[2])] = key[1:]
        elif not comments or (line and line[0] != "#"):
            raise ValueError(f"{path}: {line!r} is no line of an Ed25519 key")
    if not keys or (not comments and content[-1:] != b"\n"):
        raise ValueError(f"{path}: the list of keys is empty or cut short")
    return keys


def open_note(path: str, note: bytes, keys: Keys) -> tuple[str, list[str], list[str]]:
    """Text, names of the known keys that signed, names of others (which prove nothing)."""
    whole = note.decode(errors="replace")
    text, parted, tail = whole.rpartition("\n\n")
    if whole.encode() != note or re.search(r"[\x00-\x09\x0b-\x1f]", whole) or not parted or tail[-1:] != "\n":
        raise ValueError(f"{path}: it is no signed note, or holds a control character")
    text, signers = text + "\n", dict[tuple[str, bytes], bool]()
    for line in tail[:-1].split("\n"):
        found = re.fullmatch(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
        blob = unbase64(found[2]) if found else b""
        if not found or len(blob) < 5 or (key := (found[1], blob[:4])) in signers:
            raise ValueError(f"{path}: {line!r} is no signature line, or there twice")
        signers[key] = key in keys
        if key in keys and not signature_holds(keys[key], text.encode(), blob[4:]):
            raise ValueError(f"{path}: the signature of {found[1]} is not over this text: it was altered")
    known, others = ([name for (name, _), is_known in signers.items() if is_known is asked] for asked in (True, False))
    if not known:
        raise ValueError(f"{path}: it is signed by {', '.join(others)}, and by no key that you trust")
    return text, known, others


def open_checkpoint(path: str, note: bytes, keys: Keys) -> tuple[str, int, bytes, list[str]]:
    """Origin, size, root, and the signers that are not known. The log's own key, named as the origin, must be."""
    text, known, others = open_note(path, note, keys)
    found = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,17})\n([^\n]+)\n", text)
    if not found or len(root := unbase64(found[3])) != 32 or found[1] not in known:
        raise ValueError(f"{path}: it is no checkpoint that the log's own key signed")
    return found[1], int(found[2]), root, others


# The tree and its tiles.
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
        digits = str(first // 256)
        named = re.sub(r"(\d{3})(?=\d)", r"x\1/", digits.zfill(-(-len(digits) // 3) * 3))
        width = min(256, count - first)
        yield f"tile/{level}/{named}" + (f".p/{width}" if width < 256 else ""), first, width


# A log.
FIELDS = {"n": int, "at": str, "event": str, "outcome": str, "rules": list, "items": list}
OPENED = rb'{"n":(0|[1-9]\d{0,17}),"name":("(?:[^"\\]|\\.)*"),"salt":"([0-9a-f]{64})","value":(.+)}'


def parse(content: bytes) -> dict[str, Any]:
    """The JSON object that the bytes are; empty if they are none."""
    try:
        found = json.loads(content.decode())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


class LogCheck:
    """One check of a bundle, given its paths and how to read one (none if it is not there), and what you trust."""

    def __init__(self, paths: set[str], read: Callable[[str], bytes], keys: Keys, old: bytes | None) -> None:
        self.there, self.read = paths, read
        self.problems, self.notes = list[str](), list[str]()
        self.bad: set[int] = set()  # entries that do not stand as signed
        self.origin, self.size, self.root, self.first_at, self.last_at, self.backwards = "", 0, b"", "", "", 0
        self.counts: dict[str, Counter[str]] = {"events": Counter(), "outcomes": Counter(), "refusals": Counter()}
        try:
            heads = self.heads(keys, old)
        except ValueError as wrong:  # without keys and a signed root nothing else can be said
            self.problems.append(str(wrong))
            return
        wanted = {"checkpoint", "keys.txt", "opened.jsonl", *(path for path, _, _ in tiles_of("entries", self.size))}
        for level in range((self.size.bit_length() + 7) // 8):
            wanted.update(path for path, _, _ in tiles_of(level, self.size >> 8 * level))
        there = {path for path in self.there if not path.startswith("checkpoints/")}
        self.say([f"{path} is missing" for path in sorted(wanted - there)])
        self.say([f"{path} does not belong to a log of {self.size} entries" for path in sorted(there - wanted)])
        self.check_tree(self.entries(self.opened()), heads)

    def heads(self, trusted: Keys, old: bytes | None) -> list[tuple[int, bytes, str]]:
        """(size, root, where) of every checkpoint, the last one's being `self.size` and `self.root`."""
        own = parse_keys("keys.txt", self.read("keys.txt"), comments=False)
        keys = trusted or own
        if not trusted:
            self.notes.append("the keys are the bundle's own: it agrees with itself, but only --keys shows who made it")
        self.origin, self.size, self.root, others = open_checkpoint("checkpoint", self.read("checkpoint"), keys)
        self.notes += [f"checkpoint: the signature of {name} was ignored, its key is not known" for name in others]
        if not any(key[0] == self.origin and key in keys for key in own):
            self.problems.append("keys.txt: it lacks the key of the log that you trust")
        heads = [(self.size, self.root, "checkpoint")]
        notes = [(path, self.read(path)) for path in sorted(self.there) if path.startswith("checkpoints/")]
        for path, note in notes + ([("the old checkpoint", old)] if old is not None else []):
            try:
                origin, size, root, _ = open_checkpoint(path, note, keys)
            except ValueError as wrong:
                self.problems.append(str(wrong))
                continue
            if origin != self.origin or (note is not old and path != f"checkpoints/{size}"):
                self.problems.append(f"{path}: it is of {origin} at {size} entries, not what it should be")
            elif size > self.size:
                self.problems.append(f"{path}: it is of {size} entries: those after {self.size - 1} were taken away")
            else:
                heads.append((size, root, path))
        return sorted(heads)

    def say(self, problems: list[str]) -> None:
        self.problems += problems[:5] + ([f"… and {len(problems) - 5} more like this"] if problems[5:] else [])

    def opened(self) -> Opened:
        """What was opened, by entry; the value is hashed as it stands in its line."""
        opened: Opened = defaultdict(list)
        last_n, last = -1, b""
        *lines, rest = self.read("opened.jsonl").split(b"\n")
        for at, line in enumerate(lines, 1):
            found = re.fullmatch(OPENED, line)
            name = str(parse(b'{"name":' + found[2] + b"}").get("name")) if found else ""
            form = found and json.dumps(name, ensure_ascii=False).encode() == found[2]
            if not found or not form or not last_n <= int(found[1]) < self.size or line == last:
                self.problems.append(f"opened.jsonl line {at}: it is malformed, out of order, repeated, or of no entry")
            else:
                last_n, last = int(found[1]), line
                commitment = hashlib.sha256(bytes.fromhex(found[3].decode()) + found[4]).hexdigest()
                opened[last_n].append((at, name, commitment))
        if rest:
            self.problems.append("opened.jsonl: it is cut short, or has bytes after its last line")
        return opened

    def entries(self, opened: Opened) -> Stored:
        stored: Stored = []
        for path, first, width in tiles_of("entries", self.size):
            bundle, at, k = self.read(path), 0, first
            while k < first + width and (end := at + 2 + int.from_bytes(bundle[at : at + 2], "big")) <= len(bundle):
                leaf, at = bundle[at + 2 : end], end
                stored.append((hashlib.sha256(b"\0" + leaf).digest(), self.count(k, leaf, opened.get(k, ()))))
                k += 1
            if path in self.there and (at != len(bundle) or k != first + width):
                self.problems.append(f"{path}: it is cut short, or has bytes after its {k - first} entries")
            stored += [(b"", None)] * (first + width - k)
        return stored

    def count(self, k: int, leaf: bytes, opened: Sequence[tuple[int, str, str]]) -> object:
        """Count the entry, compare what was opened with what it committed to, and give the number it gives itself."""
        values: list[Any] = [*map(parse(leaf).get, FIELDS)]
        n, at, event, outcome, rules, items = values
        if [type(value) for value in values] != list(FIELDS.values()):
            return None
        self.counts["events"][event] += 1
        self.counts["outcomes"][outcome] += 1
        self.counts["refusals"].update(map(str, rules if outcome == "refused" else ()))
        self.backwards += at < self.last_at
        self.first_at, self.last_at = self.first_at or at, at
        for line, name, commitment in opened:
            if {"name": name, "commitment": commitment} not in items:
                self.problems.append(f"opened.jsonl line {line}: entry {k} committed to another value of {name!r}")
        return n

    def check_tree(self, stored: Stored, heads: list[tuple[int, bytes, str]]) -> None:
        """Find what gives the signed root (the entries, else tile/0), what differs from it, and what was rewritten."""
        rows = rows_over([hashed for hashed, _ in stored])
        how = "was altered, the entries were not"
        if root_at(rows, self.size) != self.root:
            tiles = [(self.read(path), width) for path, _, width in tiles_of(0, self.size)]
            hashes = [tile[32 * i : 32 * i + 32] for tile, width in tiles for i in range(width)]
            differing = {k: n for k, (hashed, n) in enumerate(stored) if not hashed or hashed != hashes[k]}
            self.say([f"entry {k} was altered or is missing (it calls itself {n})" for k, n in differing.items()])
            self.bad.update(differing)
            how = "was altered"
            if root_at(rows_over(hashes), self.size) == self.root:
                rows = rows_over(hashes)
            else:
                self.problems.append("neither the entries nor the hashes in tile/0 give the root that was signed")
                how = "does not agree with what is below it"
        moved = {k: n for k, (_, n) in enumerate(stored) if n != k and k not in self.bad}
        self.say([f"entry {k} calls itself {n}: left out, repeated, moved or malformed" for k, n in moved.items()])
        self.bad.update(moved)
        good, wrong = 0, list[str]()
        for size, root, path in heads:
            if root_at(rows, size) != root:
                self.problems.append(f"{path}: one of the first {size} entries was rewritten since it was signed")
                break
            good = size
        for level, row in enumerate(rows):
            for path, first, width in tiles_of(level, len(row)):
                tile, wanted = self.read(path), b"".join(row[first : first + width])
                if tile != wanted and path in self.there:
                    at = next(i for i in range(width + 1) if tile[32 * i :][:32] != wanted[32 * i :][:32])
                    wrong.append(f"{path} {how}: from its hash {at}, of entry {first + at << 8 * level}")
        self.say(wrong)
        whole = f"the first {min({good, *self.bad})} entries are as a checkpoint here signed them"
        self.notes += [whole] if self.problems else []
        self.notes += [f"the clock went back {self.backwards} times"] if self.backwards else []

    def report(self) -> Report:
        summary: Report = {"entries": self.size, "from": self.first_at, "to": self.last_at}
        summary |= {name: dict(sorted(counted.items())) for name, counted in self.counts.items()}
        told: Report = {"problems": self.problems, "notes": self.notes, "first_bad_entry": min(self.bad, default=None)}
        return told | {"origin": self.origin, "size": self.size, "root": self.root.hex(), "summary": summary}


# Receipts and manifests.
def check_receipt(note: bytes, keys: Keys) -> Report:
    """What the receipt says, if its signature holds and its entry is in the log whose checkpoint it carries."""
    text, known, _ = open_note("receipt", note, keys)
    found = re.fullmatch(r"beholden/receipt/v1\n(.+)\n", text)
    said = parse(found[1].encode()) if found else {}
    try:
        proof = said.pop("proof")
        n, size, leaf, note = proof["n"], proof["size"], proof["leaf"].encode(), proof["checkpoint"].encode()
        steps = [bytes.fromhex(step) for step in proof["inclusion"]]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ValueError("receipt: the note has not the form of a receipt") from None
    origin, of_size, root, _ = open_checkpoint("the checkpoint in the receipt", note, keys)
    entry, hashed = parse(leaf), hashlib.sha256(b"\0" + leaf).digest()
    if type(n) is not int or (size, n) != (of_size, entry.get("n")) or root_from(hashed, n, of_size, steps) != root:
        raise ValueError(f"receipt: it does not show that its entry is number {n} of the log of {size} entries")
    return {"problems": [], "notes": [], "signed_by": known, "origin": origin, "entry": entry, "receipt": said}


def check_manifest(path: Path, keys: Keys, beside: Path) -> Report:
    """Whether the files beside the manifest, and no others but the file of keys, are those that it lists."""
    text, known, _ = open_note("manifest", path.read_bytes(), keys)
    header, *lines = text[:-1].split("\n")
    listed = {line[66:]: line[:64] for line in lines if re.fullmatch(r"[0-9a-f]{64}  .+", line)}
    if header != "beholden/manifest/v1" or len(listed) != len(lines):
        raise ValueError("manifest: the note is no manifest of files")
    folder, own = path.parent, {path.resolve(), beside.resolve()}
    there = {name for name in files_below(folder) if name in listed or (folder / name).resolve() not in own}
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in there & set(listed)}
    problems = [f"{name} is missing" for name in sorted(set(listed) - there)]
    problems += [f"{name} was altered" for name in sorted(found) if found[name] != listed[name]]
    problems += [f"{name} is not in the manifest" for name in sorted(there - set(listed))]
    return {"problems": problems, "notes": [], "signed_by": known, "files": listed}


def files_below(folder: Path) -> set[str]:
    paths = [*folder.iterdir(), *folder.rglob("*")]  # rglob alone finds nothing, and says nothing, where nothing is
    return {path.relative_to(folder).as_posix() for path in paths if not path.is_dir()}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="beholden-verify", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=["log", "receipt", "manifest"], help="what is to be checked")
    parser.add_argument("path", type=Path, help="the folder of the bundle, or the file")
    parser.add_argument("--keys", type=Path, help="the keys that you trust (for a log, else its bundle's own)")
    parser.add_argument("--old-checkpoint", type=Path, help="a checkpoint of this log that you kept from before")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args(arguments)
    if asked.what != "log" and (asked.keys is None or asked.old_checkpoint):
        parser.error(f"a {asked.what} is checked with --keys FILE and without --old-checkpoint")
    try:
        keys = parse_keys(str(asked.keys), asked.keys.read_bytes(), comments=True) if asked.keys else {}
        if asked.what == "log":
            paths, old = files_below(asked.path), asked.old_checkpoint
            read = lambda path: (asked.path / path).read_bytes() if path in paths else b""  # noqa: E731
            found = LogCheck(paths, read, keys, old and old.read_bytes()).report()
        elif asked.what == "receipt":
            found = check_receipt(asked.path.read_bytes(), keys)
        else:
            found = check_manifest(asked.path, keys, asked.keys)
    except ValueError as wrong:
        found = {"problems": [str(wrong)], "notes": []}
    except OSError as wrong:
        print(f"beholden-verify: {wrong}", file=sys.stderr)
        return 4
    found = {"what": asked.what, "holds": not found["problems"], "keys": str(asked.keys or "the bundle's own"), **found}
    if not asked.json:
        print("\n  problem: ".join(["HOLDS" if found["holds"] else "NOT PROVEN", *found["problems"]]))
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0 if found["holds"] else 7


if __name__ == "__main__":
    sys.exit(main())
