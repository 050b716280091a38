"""Model packs on the command line: which there are, their cards, and how one of your own comes in, checked and on record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from beholden.actions import model_packs, people
from beholden.errors import BadInput, Changed, Fault, Refused, Untrusted
from beholden.model.adding import NewPack, read_manifest, read_new
from beholden.model.catalogue import manifest_of, pack_names
from beholden.model.pack import FacePack
from beholden.model.reading import manifest_in
from beholden.opening import open_folder, open_measuring
from beholden.records.audit import Entry
from beholden.settings import packs_in, read_settings
from tests.edges.terminal import PURPOSE, SOURCE, Office, make, run
from tests.own_pack import tiny, write_pack

DOCS = Path(__file__).parents[2] / "docs"
PEOPLE = files("beholden") / "demo" / "people"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    make(tmp_path)
    return Office(tmp_path)


def use(office: Office, model: str) -> None:
    settings = office.data / "beholden.toml"
    before = [line for line in settings.read_text(encoding="utf-8").splitlines() if not line.startswith("model =")]
    settings.write_text("\n".join([*before, f'model = "{model}"']) + "\n", encoding="utf-8")


def listed(office: Office) -> dict[str, dict[str, Any]]:
    ran = run("model", "list", "--data", str(office.data), "--json")
    return {row["name"]: row for row in ran.document["packs"]}


def events(office: Office) -> list[str]:
    with open_folder(office.data).database.look() as look:
        return [entry.leaf.decode().split('"event":"')[1].split('"')[0] for entry in look.find(Entry, order="n")]


def test_the_packs_that_ship_are_listed_with_what_their_files_are() -> None:
    found = run("model", "list", "--json").document["packs"]
    assert [row["name"] for row in found] == list(pack_names())
    for row in found:
        assert (row["ships"], row["licence_kind"], row["wrong"], row["in_use"]) == (True, "permissive", "", False)
        assert row["space_id"] == FacePack(f"pack:{row['name']}").card.space_id
    assert "as pinned" in run("model", "list").out


def test_req_120_the_card_in_the_documents_is_the_one_that_the_pack_prints() -> None:
    printed = run("model", "card", "yunet-sface")
    assert (printed.code, printed.err) == (0, "")
    assert (DOCS / "model-card.md").read_text(encoding="utf-8") == printed.out


@pytest.mark.parametrize("name", pack_names())
def test_req_120_a_card_says_what_is_known_and_what_is_not(name: str) -> None:
    told = manifest_of(name)
    page = " ".join(run("model", "card", name).out.split())
    for words in (*told.intended_uses, *told.prohibited_uses, *told.limits, *told.not_measured, told.training_data):
        assert " ".join(words.split()) in page
    for pinned in (told.detector, told.embedder):
        assert pinned.sha256 in page
        assert f"| {pinned.licence} |" in page
    for row in told.measured:
        assert row.figure in page
    missing = " ".join(told.not_measured)
    assert all(word in missing for word in ("Children", "Ageing", "Ethnicity"))
    assert "not measured: no such set could be had" in page
    document = run("model", "card", name, "--json").document
    assert document["space_id"] == FacePack(f"pack:{name}").card.space_id
    assert (document["fit_for_operational_systems"], document["ships"]) == (True, True)
    assert document["recognising"]["mirror"] is (name == "yunet-sface-mirror")


def test_the_card_of_a_pack_that_nobody_has_is_refused() -> None:
    ran = run("model", "card", "other")
    assert ran.code == 5
    assert "there is no model pack 'other'; set one of: yunet-sface" in ran.err
    assert "at fault" not in ran.err


def test_req_120_an_administrator_adds_a_pack_and_it_is_on_record_and_can_be_used(office: Office) -> None:
    added = office.does("ada", "model", "add", str(write_pack(office.folder / "own")))
    weights = hashlib.sha256(tiny()).hexdigest()
    assert {"name": "tiny.onnx", "sha256": weights} in added["files"]
    place = office.data / "packs" / "tiny"
    assert sorted(path.name for path in place.iterdir()) == ["tiny.onnx", "tiny.toml"]
    assert [path.name for path in place.parent.iterdir()] == ["tiny"]
    assert {oct(path.stat().st_mode)[-3:] for path in (place.parent, place, *place.iterdir())} == {"700", "600"}
    row = listed(office)["tiny"]
    assert (row["ships"], row["in_use"], row["wrong"], row["space_id"]) == (False, False, "", added["space_id"])
    assert events(office).count("model.added") == 1
    use(office, "pack:tiny")
    with_it = open_folder(office.data)
    assert with_it.model.card.name == "tiny"
    assert with_it.model.card.space_id == added["space_id"]
    with_it.close()
    assert [name for name, row in listed(office).items() if row["in_use"]] == ["tiny"]
    assert run("model", "card", "tiny", "--data", str(office.data), "--json").document["space_id"] == added["space_id"]
    model, _ = open_measuring(read_settings(office.data).model)
    assert model.card == FacePack(f"pack:tiny?folder={packs_in(office.data)}").card


def test_req_120_what_is_wrong_with_a_pack_is_told_at_once_and_nothing_of_it_is_kept(office: Office) -> None:
    manifest = write_pack(office.folder / "own", embedder__sha256="0" * 64, detector__sha256="1" * 64)
    ran = office.run("ada", "model", "add", str(manifest))
    assert ran.code == 1
    found = hashlib.sha256(tiny()).hexdigest()
    assert f"tiny.onnx is not the pinned one: its SHA-256 is {found}, pinned is {'0' * 64}" in ran.err
    assert "int8bq.onnx is not the pinned one: its SHA-256 is 49f000ec501f" in ran.err
    assert not (office.data / "packs").exists()
    with open_folder(office.data).database.look() as look:
        [tried] = [leaf for entry in look.find(Entry) if (leaf := json.loads(entry.leaf))["event"] == "model.added"]
    assert tried["outcome"] == "failed"


@pytest.mark.parametrize(
    ("make_it", "words"),
    [
        (lambda folder: write_pack(folder, name="yunet-sface"), "yunet-sface is the name of a pack that ships"),
        (
            lambda folder: write_pack(folder, tiny(heads=("feature", "years"))),
            "tells anything else of a face is not loaded",
        ),
        (
            lambda folder: write_pack(folder, calibration_sha256="0" * 64),
            "the calibration tiny.calibration.json cannot be read",
        ),
        (lambda folder: write_pack(folder, training_data=None), "training_data is missing"),
        (lambda folder: folder / "none.toml", "cannot be read (No such file"),
    ],
    ids=["a shipped name", "another output", "no calibration", "no statement", "no manifest"],
)
def test_req_120_a_pack_that_cannot_be_answered_for_is_not_added(
    office: Office, make_it: Callable[[Path], Path], words: str
) -> None:
    ran = office.run("ada", "model", "add", str(make_it(office.folder / "own")))
    assert ran.code in (1, 4)
    assert words in ran.err
    assert not (office.data / "packs").exists()


def test_nobody_but_an_administrator_adds_a_pack(office: Office) -> None:
    office.people("stella")
    ran = office.run("stella", "model", "add", str(write_pack(office.folder / "own")))
    assert ran.code == 3
    assert "role-administrator-adds-models" in ran.err
    assert not (office.data / "packs").exists()


def test_req_120_no_graph_of_a_stranger_runs_for_somebody_who_may_not_add_it(office: Office) -> None:
    office.people("stella")
    manifest = write_pack(office.folder / "own", b"no graph at all")
    described = read_manifest(manifest)
    read: list[str] = []

    def read_pack() -> NewPack:
        read.append(described.name)
        return read_new(manifest, packs_in(office.data))

    system = open_folder(office.data)
    stella, ada = (people.sign_in_as(system, name=name) for name in ("stella", "ada"))
    with pytest.raises(Refused):
        model_packs.add_model(system, stella, described=described, read_pack=read_pack)
    assert read == []
    with pytest.raises(Untrusted, match="cannot be read as an ONNX graph"):
        model_packs.add_model(system, ada, described=described, read_pack=read_pack)
    assert read == ["tiny"]


def test_a_manifest_that_is_changed_while_its_pack_is_read_is_not_added(office: Office) -> None:
    manifest = write_pack(office.folder / "own")
    described = read_manifest(manifest)
    manifest.write_text(manifest.read_text().replace("It knows nobody.", "It knows everybody."))
    system = open_folder(office.data)
    with pytest.raises(Changed, match="changed while the pack was read"):
        model_packs.add_model(
            system,
            people.sign_in_as(system, name="ada"),
            described=described,
            read_pack=lambda: read_new(manifest, packs_in(office.data)),
        )
    assert not (office.data / "packs").exists()


def test_req_120_a_pack_that_nobody_added_is_not_loaded_and_neither_is_a_changed_manifest(office: Office) -> None:
    manifest = write_pack(office.folder / "own")
    read_new(manifest, packs_in(office.data)).place()  # past the act
    use(office, "pack:tiny")
    with pytest.raises(Untrusted, match=r"tiny is not loaded: no entry of the log tells that it was added as it is"):
        open_folder(office.data)
    use(office, "drawn:")
    office.does("ada", "model", "add", str(manifest))
    use(office, "pack:tiny")
    open_folder(office.data).close()
    placed = office.data / "packs" / "tiny" / "tiny.toml"
    placed.write_text(placed.read_text().replace("It knows nobody.", "It knows everybody."))
    with pytest.raises(Untrusted, match=manifest_in(placed.read_bytes(), None).sha256):
        open_folder(office.data)


def test_req_122_a_synthetic_system_loads_weights_for_research_only_and_the_check_says_so(office: Office) -> None:
    manifest = write_pack(office.folder / "own", licence_kind="research-only", embedder__licence="CC-BY-NC-4.0")
    office.does("ada", "model", "add", str(manifest))
    use(office, "pack:tiny")
    found = {row["part"]: row for row in office.does("ada", "check")["findings"]}
    assert found["model"]["holds"]
    assert "its licence is research-only: an operational system would not load it" in found["model"]["words"]


@pytest.mark.parametrize("kind", ["research-only", "unknown"])
def test_req_122_an_operational_system_neither_takes_nor_opens_with_weights_without_a_fit_licence(
    tmp_path: Path, kind: str
) -> None:
    token = make(tmp_path, "operational")["token"]
    office = Office(tmp_path)
    data = ("--data", str(office.data))
    typed = "a long passphrase\n"
    assert run(*data, "people", "accept", "ada", "--passphrase-stdin", stdin=f"{token}\n{typed}").code == 0
    assert run(*data, "sign-in", "ada", "--passphrase-stdin", stdin=typed).code == 0
    manifest = write_pack(tmp_path / "own", licence_kind=kind)
    ran = run(*data, "model", "add", str(manifest))
    assert ran.code == 3
    assert "model-licence-is-fit" in ran.err
    assert not (office.data / "packs").exists()
    read_new(manifest, packs_in(office.data)).place()  # past the act
    use(office, "pack:tiny")
    with pytest.raises(Untrusted, match=rf"its licence is {kind} \(Apache-2\.0\).*; no entry of the log tells"):
        open_folder(office.data)
    use(office, "pack:yunet-sface")
    fit = write_pack(tmp_path / "fit", name="fit", licence_kind="agreement", agreement="with its makers, 2026-11-02")
    assert run(*data, "model", "add", str(fit)).code == 0
    use(office, "pack:fit")
    open_folder(office.data).close()


def test_a_new_system_begins_with_a_pack_that_ships(tmp_path: Path) -> None:
    write_pack(tmp_path / "own", licence_kind="unknown")
    ran = run(
        *("init", "--data", str(tmp_path / "data"), "--keys", str(tmp_path / "keys"), "--profile", "operational"),
        *("--administrator", "ada", "--unlock-file", str(tmp_path / "unlock.key")),
        *("--model", f"pack:tiny?folder={tmp_path / 'own'}"),
    )
    assert ran.code == 1
    assert "its licence is unknown" in ran.err
    assert "a new system begins with a pack that ships" in ran.err
    assert not (tmp_path / "data").exists()


def test_a_pack_is_placed_whole_or_not_at_all(tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    new = read_new(write_pack(tmp_path / "own"), packs)
    (packs / ".tiny.part").mkdir(parents=True)
    (packs / ".tiny.part" / "left by a crash").touch()
    assert pack_names(packs) == ()
    new.place()
    new.place()
    assert [path.name for path in packs.iterdir()] == ["tiny"]
    assert {path.name: path.read_bytes() for path in (packs / "tiny").iterdir()} == dict(new.content)
    other = read_new(write_pack(tmp_path / "other", limits=["another"]), packs)
    with pytest.raises(BadInput, match="there is another pack named 'tiny'"):
        other.place()


def test_where_a_pack_cannot_be_written_it_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    packs.touch()
    with pytest.raises(Fault, match=r"the pack cannot be written to .*packs/tiny"):
        read_new(write_pack(tmp_path / "own"), packs).place()
    assert packs.is_file()


def test_req_120_a_change_to_a_pack_that_nobody_added_is_refused(office: Office) -> None:
    write_pack(office.data / "packs")
    ran = office.run("ada", "model", "begin", "pack:tiny", "--json")
    assert ran.code == 1
    assert "no entry of the log tells that it was added as it is" in ran.document["detail"]
    assert office.does("ada", "model", "progress") == {"state": "never"}


def two_portraits(tmp_path: Path) -> Office:
    """A system with the pack that ships, and two references."""
    ran = run(
        *("init", "--data", str(tmp_path / "data"), "--keys", str(tmp_path / "keys"), "--profile", "synthetic"),
        *("--administrator", "ada", "--unlock-file", str(tmp_path / "unlock.key")),
    )
    assert ran.code == 0
    office = Office(tmp_path)
    office.people("stella", "pia")
    office.does("stella", "source", "propose", "rendered", *SOURCE)
    office.does("pia", "source", "approve", "rendered")
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    folder = tmp_path / "people"
    folder.mkdir()
    for name in ("p139_0_29y", "p005_0_58y"):
        (folder / f"{name}.jpg").write_bytes((PEOPLE / f"{name}.jpg").read_bytes())
    (folder / "manifest.csv").write_text("file\np139_0_29y.jpg\np005_0_58y.jpg\n")
    enrolled = office.run("stella", "enrol", str(folder), "--source", "rendered", "--gallery", "references", "--json")
    assert enrolled.code == 0, enrolled
    return office


def test_req_121_a_pack_that_ships_is_prepared_beside_the_one_in_use_and_given_up(tmp_path: Path) -> None:
    office = two_portraits(tmp_path)
    mirror = "pack:yunet-sface-mirror?runtime=onnxruntime"
    begun = office.does("ada", "model", "begin", mirror)
    assert (begun["in_force"], begun["beside"], begun["lacking"]) == ("pack:yunet-sface", mirror, 2)
    assert run("model", "fill", "--data", str(office.data), "--json").document == {"settled": 2}
    assert office.does("ada", "model", "progress")["prepared"] == 2
    use(office, mirror)
    assert office.does("ada", "check")["holds"], (
        "an edit of the settings changes nothing while the records name a model"
    )
    assert office.does("ada", "model", "purge") == {"destroyed": mirror, "in_force": "pack:yunet-sface"}


def test_req_121_references_of_another_pack_are_given_templates_of_the_one_in_use(tmp_path: Path) -> None:
    office = two_portraits(tmp_path)
    use(office, "pack:yunet-sface-mirror?runtime=onnxruntime")
    checked = {row["part"]: row for row in office.run("ada", "check", "--json").document["findings"]}
    assert "2 of 2 references have templates of another model" in checked["model"]["words"]
    renewed = run("model", "renew", "--data", str(office.data), "--json")
    assert (renewed.code, renewed.document) == (0, {"embedded": 2, "failed": 0})
    assert office.does("ada", "check")["holds"]
    assert run("model", "renew", "--data", str(office.data), "--json").document["embedded"] == 0
