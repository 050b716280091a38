"""docs/dependencies.md says of every package why it is there and under which licence, and the locks say nothing else."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib

import pytest

from tests.docs.pages import ROOT, bare, page, rows, section

LEFT_OUT = ("openvino-telemetry", "opencv-python-headless", "opencv-python", "opencv-contrib-python")
IN_NO_LOCK = ("onnxruntime-gpu",)  # it takes the place of onnxruntime, and fits one CUDA
PERMISSIVE = {
    "Apache-2.0",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "BSD",
    "0BSD",
    "MPL-2.0",
    "Zlib",
    "CC0-1.0",
    "PSF-2.0",
    "PSF-style",
}
# Package metadata has three ways to name a licence, and prose in two of them.
PROSE = (
    (r"Apache(?: Software License| 2\.0|-2\.0)", "Apache-2.0"),
    (r"MPL[- ]2\.0|Mozilla Public License", "MPL-2.0"),
    (r"0BSD", "0BSD"),
    (r"BSD", "BSD"),
    (r"MIT-CMU", "MIT-CMU"),
    (r"MIT-0", "MIT-0"),
    (r"MIT", "MIT"),
    (r"Zlib|zlib", "Zlib"),
    (r"CC0-1\.0", "CC0-1.0"),
    (r"PSF-2\.0", "PSF-2.0"),
    (r"PSF-style|Python Software Foundation License", "PSF-style"),  # matplotlib's, after that of Python
)


def plain(name: str) -> str:
    """The name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licences(words: str) -> set[str]:
    found: set[str] = set()
    for part in re.split(r"\bAND\b|\bOR\b|[,;()]", words):
        for pattern, licence in PROSE:
            if re.search(pattern, part):
                found.add(licence)
                break
    return found


def told_by(distribution: importlib.metadata.Distribution) -> str:
    """What a package's metadata says of its licence; empty where it says nothing."""
    told = {name: distribution.metadata.get_all(name) or [] for name in ("License-Expression", "Classifier", "License")}
    classified = [line for line in told["Classifier"] if line.startswith("License ::") and "DFSG" not in line]
    first_line = [words.split("\n")[0] for words in told["License"]]
    return ", ".join(told["License-Expression"] or classified or first_line)


def lock(name: str) -> dict[str, str]:
    """Package → version."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return {plain(package): version for package, version in re.findall(r"^([\w.-]+)==([^\s\\]+)", text, re.MULTILINE)}


def declared() -> dict[str, set[str]]:
    """What pyproject.toml asks for, by the section of the document that tells of it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = {
        "To run": project["dependencies"],
        "To evaluate": extras["evaluate"],
        "To set pages": extras["report"],
        "To read more kinds of file": [*extras["video"], *extras["heic"], *extras["jxl"]],
        "To run the models otherwise": [*extras["onnxruntime"], *extras["gpu"]],
        "To develop": extras["dev"],
    }
    return {
        title: {plain(re.split(r"[<>=!~\[ ]", line)[0]) for line in lines} - {"beholden"}
        for title, lines in wanted.items()
    }


def needed_by(names: set[str]) -> set[str]:
    """These packages and all that they need here, by what the installed packages say."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        for line in importlib.metadata.distribution(name).requires or []:
            needed = plain(re.split(r"[<>=!~\[ ;(]", line)[0])
            if "extra ==" not in line and needed in lock("dev.txt"):
                waiting |= {needed} - found
    return found


def listed(title: str) -> dict[str, list[str]]:
    return {bare(row[0]): row[1:] for row in rows(section(page("dependencies.md"), title), 5)}


def brought_along(of: str) -> dict[str, list[str]]:
    """`of`: the heading of the last column of the table that is meant."""
    text = section(page("dependencies.md"), "Brought along").split(f"| {of} |\n", 1)[1]
    table = text.split("\n\n", 1)[0]
    return {bare(row[0]): row[1:] for row in rows(f"| package | licence | {of} |\n{table}", 3)}


def test_every_dependency_is_documented_and_no_other() -> None:
    assert {title: set(listed(title)) for title in declared()} == declared()


@pytest.mark.parametrize(
    "title",
    [
        "To run",
        "To evaluate",
        "To set pages",
        "To read more kinds of file",
        "To run the models otherwise",
        "To develop",
    ],
)
def test_the_versions_in_the_document_are_those_of_the_lock(title: str) -> None:
    locked = lock("base.txt" if title == "To run" else "dev.txt")
    names = declared()[title] - {"setuptools", *IN_NO_LOCK}
    assert {name: row[0] for name, row in listed(title).items() if name in names} == {
        name: locked[name] for name in names
    }


def test_every_package_of_the_run_time_lock_has_its_licence_in_the_document() -> None:
    assert set(listed("To run")) | set(brought_along("needed by")) == set(lock("base.txt"))


def test_every_package_of_the_extra_evaluate_has_its_licence_in_the_document() -> None:
    told = set(listed("To evaluate")) | set(brought_along("needed to evaluate by"))
    assert told == needed_by(declared()["To evaluate"]) - set(lock("base.txt"))


def test_the_other_extras_need_nothing_besides_what_the_document_names() -> None:
    for title in ("To read more kinds of file", "To run the models otherwise"):
        needed = needed_by(declared()[title] - set(IN_NO_LOCK)) - set(lock("base.txt"))
        assert needed - set(listed(title)) <= {"flatbuffers", "packaging"}


def test_no_code_under_the_gpl_runs_unless_somebody_asks_for_it() -> None:
    for_files = set(listed("To read more kinds of file"))
    assert for_files.isdisjoint(lock("base.txt"))
    assert {name for name, row in listed("To read more kinds of file").items() if "GPL" in row[1]} == for_files


def test_setting_pages_needs_nothing_besides_typst() -> None:
    assert needed_by(declared()["To set pages"]) - set(lock("base.txt")) == set(listed("To set pages"))


def test_every_licence_of_what_runs_and_evaluates_is_permissive_and_as_the_package_says() -> None:
    named = {name: row[1] for title in ("To run", "To evaluate", "To set pages") for name, row in listed(title).items()}
    for table in ("needed by", "needed to evaluate by"):
        named |= {name: row[0] for name, row in brought_along(table).items()}
    for name, words in named.items():
        assert licences(words), f"{name}: the document names no licence that is known"
        assert licences(words) <= PERMISSIVE, name
        if said := told_by(importlib.metadata.distribution(name)):
            assert licences(words) == licences(said), f"{name}: the document says {words!r}, the package {said!r}"


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_a_lock_has_hashes_for_all_and_addresses_of_none(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z])", text.strip())
    assert len(entries) == len(lock(name)) > 10
    for entry in entries:
        assert re.fullmatch(r"[\w.-]+==[^\s\\]+(?: ;[^\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+", entry), entry[
            :80
        ]
    assert not set(LEFT_OUT) & set(lock(name))


def test_the_development_lock_holds_the_run_time_lock() -> None:
    assert lock("base.txt").items() <= lock("dev.txt").items()


@pytest.mark.parametrize("name", LEFT_OUT)
def test_req_123_what_was_left_out_is_not_installed(name: str) -> None:
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.distribution(name)


def test_req_123_nothing_that_is_installed_measures_and_sends() -> None:
    """`opentelemetry-api`, which FastAPI asks for, is a set of empty functions until an SDK fills them."""
    installed = {plain(one.metadata["Name"]) for one in importlib.metadata.distributions()}
    assert {name for name in installed if "telemetry" in name} == {"opentelemetry-api"}


def test_nothing_that_is_installed_is_under_a_licence_of_the_gpl_family_but_what_reads_jpeg_xl() -> None:
    installed = {plain(one.metadata["Name"]): told_by(one) for one in importlib.metadata.distributions()}
    assert len(installed) > 30
    assert {name: words for name, words in installed.items() if re.search(r"GPL|General Public", words)} == {
        "pillow-jxl-plugin": "GPL-3.0-or-later"
    }
