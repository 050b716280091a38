"""What others search the same templates with, each in a process of its own: `PYTHON rivals.py NAME`. Imports nothing of ours.

An engine reads its order, one line of JSON: `references` and `probes` (files of numpy, float32 unit vectors, one a row),
`folder` (a new one for what it keeps on disk), `limit` and `threads`. It says in one line of JSON what it holds. Then each
line is a question: `{"probes": [0, 1, …]}` is answered by `ms` and `found` (numbers of rows, the nearest first), one of
each for each probe, and `cpu_s` for all; other questions are of our own engine alone. An empty line ends it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from ctypes import CDLL
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any

Numbers = list[int]
Search = Callable[[Any], Numbers]
Order = dict[str, Any]
AT_ONCE = 50_000
WARM = 3  # searches before the first one that is timed
PACKAGES = {  # of each engine, and the modules that are there before its memory is measured
    "numpy": ("numpy", ()),
    "faiss-fp16": ("faiss-cpu", ("faiss",)),
    "faiss-fp16-parts": ("faiss-cpu", ("faiss",)),
    "faiss-f32": ("faiss-cpu", ("faiss",)),
    "usearch": ("usearch", ("usearch.index",)),
    "qdrant-edge": ("qdrant-edge-py", ("qdrant_edge",)),
    "lancedb": ("lancedb", ("lancedb", "pyarrow")),
    "milvus-lite": ("milvus-lite", ("pymilvus", "milvus_lite")),
}


def opened(path: str) -> Any:
    """The rows of a file, read as they are asked for."""
    return import_module("numpy").load(path, mmap_mode="r")


def dimension_of(order: Order) -> int:
    return int(opened(order["references"]).shape[1])


def batches(order: Order, count: int) -> Iterator[tuple[int, Any]]:
    """The number of the first row, and a copy of the next so many; the file is closed behind the last."""
    numpy: Any = import_module("numpy")
    rows = opened(order["references"])
    for start in range(0, len(rows), count):
        yield start, numpy.array(rows[start : start + count])


def shares(rows: int, threads: int) -> Iterator[tuple[int, int]]:
    """From where to where, so that each thread has its share."""
    for part in range(threads):
        yield rows * part // threads, rows * (part + 1) // threads


@contextmanager
def plain_numpy(order: Order) -> Iterator[Search]:
    """One float32 product with every row, and the best of the sums."""
    numpy: Any = import_module("numpy")
    rows, limit = numpy.array(opened(order["references"])), order["limit"]

    def search(probe: Any) -> Numbers:
        sums = rows @ probe
        wanted = min(limit, len(sums))
        best = numpy.argpartition(sums, len(sums) - wanted)[len(sums) - wanted :]
        found: Numbers = best[numpy.argsort(-sums[best], kind="stable")].tolist()
        return found

    yield search


def faiss(kind: str, *, in_parts: bool = False) -> Callable[[Order], AbstractContextManager[Search]]:
    """A flat index, which gives one probe one thread; or one in as many parts as threads, each with its own."""

    @contextmanager
    def engine(order: Order) -> Iterator[Search]:
        library: Any = import_module("faiss")
        library.omp_set_num_threads(order["threads"])

        def loaded() -> list[Any]:
            rows = opened(order["references"])
            dimension = rows.shape[1]
            parts = []
            for start, end in shares(len(rows), order["threads"] if in_parts else 1):
                part = (
                    library.IndexScalarQuantizer(
                        dimension, library.ScalarQuantizer.QT_fp16, library.METRIC_INNER_PRODUCT
                    )
                    if kind == "fp16"
                    else library.IndexFlatIP(dimension)
                )
                for at in range(start, end, AT_ONCE):
                    part.add(rows[at : min(at + AT_ONCE, end)])
                parts.append(part)
            return parts

        parts = loaded()
        whole = parts[0]
        if len(parts) > 1:
            whole = library.IndexShards(whole.d, True, True)  # threaded, and numbered one part after the other
            for part in parts:
                whole.add_shard(part)

        def search(probe: Any) -> Numbers:
            _, found = whole.search(probe[None], order["limit"])
            numbers: Numbers = found[0].tolist()
            return [number for number in numbers if number >= 0]

        yield search

    return engine


@contextmanager
def usearch(order: Order) -> Iterator[Search]:
    """Its exact search over a matrix, without a graph."""
    library: Any = import_module("usearch.index")
    rows = import_module("numpy").array(opened(order["references"]))

    def search(probe: Any) -> Numbers:
        answer = library.search(
            rows, probe, order["limit"], library.MetricKind.IP, exact=True, threads=order["threads"]
        )
        found: Numbers = answer.keys.tolist()
        return found

    yield search


@contextmanager
def qdrant_edge(order: Order) -> Iterator[Search]:
    """A shard in memory without a graph, in as many segments as there are threads, asked for the exact answer."""
    library: Any = import_module("qdrant_edge")
    never = 1 << 40  # KB of vectors from which a graph would be made
    config = library.EdgeConfig(
        vectors=library.EdgeVectorParams(size=dimension_of(order), distance=library.Distance.Dot, on_disk=False),
        optimizers=library.EdgeOptimizersConfig(
            default_segment_number=order["threads"], max_segment_size=never, indexing_threshold=never
        ),
        max_search_threads=order["threads"],
        wal_enabled=False,
    )
    shard = library.EdgeShard.create(str(Path(order["folder"]) / "qdrant"), config)
    for start, some in batches(order, 10_000):
        points = [library.Point(start + at, row) for at, row in enumerate(some.tolist())]
        shard.update(library.UpdateOperation.upsert_points(points))
        del points, some
    shard.flush()
    shard.optimize()
    exact = library.SearchParams(exact=True)

    def search(probe: Any) -> Numbers:
        asked = library.QueryRequest(
            limit=order["limit"], query=library.Query.Nearest(probe.tolist()), params=exact, with_payload=False
        )
        return [point.id for point in shard.query(asked)]

    yield search
    shard.close()


@contextmanager
def lancedb(order: Order) -> Iterator[Search]:
    """A table without an index, on disk and in the system's cache: every row is compared."""
    library: Any = import_module("lancedb")
    arrow: Any = import_module("pyarrow")
    numpy: Any = import_module("numpy")
    dimension = dimension_of(order)
    kind = arrow.schema([("id", arrow.int64()), ("vector", arrow.list_(arrow.float32(), dimension))])

    def tables() -> Iterator[Any]:
        for start, some in batches(order, AT_ONCE):
            vectors = arrow.FixedSizeListArray.from_arrays(arrow.array(some.reshape(-1)), dimension)
            numbers = arrow.array(numpy.arange(start, start + len(some)))
            yield arrow.RecordBatch.from_arrays([numbers, vectors], schema=kind)

    table = library.connect(str(Path(order["folder"]) / "lance")).create_table(
        "faces", arrow.RecordBatchReader.from_batches(kind, tables())
    )

    def search(probe: Any) -> Numbers:
        asked = table.search(probe).distance_type("dot").select(["id", "_distance"]).limit(order["limit"])
        found: Numbers = asked.to_arrow()["id"].to_pylist()
        return found

    yield search


@contextmanager
def milvus_lite(order: Order) -> Iterator[Search]:
    """A local file with a FLAT index, asked through its client as its users do."""
    library: Any = import_module("pymilvus")
    client = library.MilvusClient(str(Path(order["folder"]) / "milvus.db"))
    schema = client.create_schema(auto_id=False)
    schema.add_field("id", library.DataType.INT64, is_primary=True)
    schema.add_field("vector", library.DataType.FLOAT_VECTOR, dim=dimension_of(order))
    flat = client.prepare_index_params()
    flat.add_index("vector", index_type="FLAT", metric_type="IP")
    client.create_collection("faces", schema=schema, index_params=flat)
    for start, some in batches(order, 10_000):
        client.insert("faces", [{"id": start + at, "vector": row} for at, row in enumerate(some)])
        del some
    client.flush("faces")
    client.load_collection("faces")

    def search(probe: Any) -> Numbers:
        [found] = client.search("faces", data=[probe.tolist()], limit=order["limit"], output_fields=["id"])
        return [int(one["id"]) for one in found]

    yield search
    client.close()


Engine = Callable[[Order], AbstractContextManager[Search]]
ENGINES: dict[str, Engine] = {
    "numpy": plain_numpy,
    "faiss-fp16": faiss("fp16"),
    "faiss-fp16-parts": faiss("fp16", in_parts=True),
    "faiss-f32": faiss("f32"),
    "usearch": usearch,
    "qdrant-edge": qdrant_edge,
    "lancedb": lancedb,
    "milvus-lite": milvus_lite,
}


def resident() -> int:
    """Bytes in memory of this process and of those that it began, what they share counted once."""
    gc.collect()
    with suppress(AttributeError, OSError):  # another C library: more is told than is held
        CDLL(None).malloc_trim(0)  # what was needed to load and is free again is given back
    return sum(_proportional(pid) for pid in (os.getpid(), *_begun(os.getpid())))


def _begun(pid: int) -> Iterator[int]:
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            yield int(child)
            yield from _begun(int(child))


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # it has ended meanwhile, or the system has no such file
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def timed(search: Search, probes: Any, numbers: Numbers) -> dict[str, Any]:
    """How long each took, in ms, the seconds of the processor of all, and what each found."""
    taken, found, cpu = [], [], time.process_time()
    for number in numbers:
        probe = probes[number]
        start = time.perf_counter()
        answer = search(probe)
        taken.append((time.perf_counter() - start) * 1e3)
        found.append(answer)
    return {"ms": taken, "cpu_s": time.process_time() - cpu, "found": found}


def serve(engine: Engine, modules: Iterable[str] = (), more: Mapping[str, Callable[[Any], Any]] | None = None) -> None:
    """Answers until an empty line; `more` are the questions that only one engine knows, each with what it is given."""
    with os.fdopen(os.dup(1), "w") as said:
        os.dup2(2, 1)  # some print while they work
        _answer(engine, modules, {} if more is None else more, said)


def _answer(engine: Engine, modules: Iterable[str], more: Mapping[str, Callable[[Any], Any]], said: IO[str]) -> None:
    order = json.loads(sys.stdin.readline())
    if hasattr(os, "sched_setaffinity"):  # so that no library's own pool has more threads than it was told
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: order["threads"]])
    probes = import_module("numpy").load(order["probes"])
    rows = len(opened(order["references"]))
    for module in modules:
        import_module(module)
    before, start = resident(), time.perf_counter()
    with engine(order) as search:
        taken = time.perf_counter() - start
        timed(search, probes, [number % len(probes) for number in range(WARM)])
        held = max(0, resident() - before)
        print(json.dumps({"bytes_per_row": held / rows, "loaded_s": taken}), file=said, flush=True)
        while line := sys.stdin.readline().strip():
            [(question, given)] = json.loads(line).items()
            answer = timed(search, probes, given) if question == "probes" else more[question](given)
            print(json.dumps(answer), file=said, flush=True)


def installed() -> dict[str, str | None]:
    """The version of each engine that this environment has."""
    found: dict[str, str | None] = {}
    for name, (package, _) in PACKAGES.items():
        try:
            found[name] = version(package)
        except PackageNotFoundError:
            found[name] = None
    return found


if __name__ == "__main__":
    if sys.argv[1] == "--installed":
        print(json.dumps(installed()))
    else:
        serve(ENGINES[sys.argv[1]], PACKAGES[sys.argv[1]][1])
