"""Near-duplicates by commands: an intake tells what looks alike, a steward tells it apart, a list of exhibits shows it."""

from __future__ import annotations

import pytest

from tests.actions.test_alike import ANNA, copy_of, picture
from tests.edges.terminal import PURPOSE, SOURCE, Office


@pytest.fixture
def files(office: Office) -> list[str]:
    office.people("stella", "pia", "ines")
    folder = office.folder / "batch"
    folder.mkdir()
    (folder / "a.png").write_bytes(picture(ANNA))
    (folder / "b.jpg").write_bytes(copy_of(picture(ANNA)))
    (folder / "manifest.csv").write_text("file\na.png\nb.jpg\n", encoding="utf-8")
    return [str(folder), str(folder / "a.png"), str(folder / "b.jpg")]


def test_what_an_intake_says_looks_alike_a_steward_tells_apart(office: Office, files: list[str]) -> None:
    office.does("stella", "source", "propose", "rendered people", *SOURCE)
    office.does("pia", "source", "approve", "rendered people")
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    into = ("--source", "rendered people", "--gallery", "references")
    first, copy = office.does("stella", "enrol", files[0], *into)["files"]
    assert first["reason"] == ""
    told_how = f"beholden gallery tell-apart {copy['image_id']} {first['image_id']}"
    assert copy["reason"].endswith(f"a steward or an examiner says so: {told_how}")
    told = office.does("stella", "gallery", "tell-apart", copy["image_id"], first["image_id"])
    assert {told["image_id"], told["other_image_id"]} == {first["image_id"], copy["image_id"]}
    assert office.run("stella", "gallery", "tell-apart", copy["image_id"], first["image_id"]).code == 3
    assert office.run("stella", "gallery", "tell-apart", copy["image_id"], "0" * 32).code == 5


def test_a_list_of_exhibits_says_what_looks_the_same(office: Office, files: list[str]) -> None:
    office.does("ines", "case", "open", "2026-117", "--purpose", PURPOSE)
    why = ("--origin", "synthetic", "--why", "found on the seized disk")
    first, copy = (office.does("ines", "exhibit", "add", "2026-117", file, *why) for file in files[1:])
    assert (first["stack"], copy["stack"]) == ("", first["id"])
    listed = {one["id"]: one["stack"] for one in office.does("ines", "exhibit", "list", "2026-117")["exhibits"]}
    assert listed == {first["id"]: "", copy["id"]: first["id"]}
    said = " ".join(office.run("ines", "exhibit", "list", "2026-117").out.split())
    assert f"{copy['id'][:10]} looks the same as {first['id'][:10]}: one picture in two files." in said
