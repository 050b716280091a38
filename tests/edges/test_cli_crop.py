"""What of an exhibit is kept, by commands: said when it is added, listed, and refused with its rule."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from beholden.testing.drawn import draw
from tests.edges.terminal import PURPOSE, Office

WHY = ("--origin", "synthetic", "--why", "found on the seized disk")


def test_an_exhibit_is_cropped_and_that_is_said_and_its_file_is_left_where_it_was(office: Office) -> None:
    office.people("ines")
    office.does("ines", "case", "open", "2026-117", "--purpose", PURPOSE)
    file = office.folder / "frame.png"
    file.write_bytes(draw(3))
    said = office.run("ines", "exhibit", "add", "2026-117", str(file), *WHY, "--also", "0.5,0.5,0.1,0.1")
    assert said.code == 0
    assert "The file you gave is still where it was." in said.out.replace("\n", " ")
    assert file.read_bytes() == draw(3)
    [listed] = office.does("ines", "exhibit", "list", "2026-117")["exhibits"]
    assert listed["cropped"]
    assert listed["kept_boxes"][1:] == [{"left": 0.5, "top": 0.5, "width": 0.1, "height": 0.1}]
    again = " ".join(office.run("ines", "exhibit", "list", "2026-117").out.split())
    assert f"{listed['id'][:10]}: only the faces and what lies close around them are kept." in again
    file.write_bytes(draw(4))
    refused = office.run("ines", "exhibit", "add", "2026-117", str(file), *WHY, "--intake", "whole", "--json")
    assert (refused.code, [one["rule_id"] for one in refused.document["reasons"]]) == (3, ["frame-is-not-kept"])
    wrong = office.run("ines", "exhibit", "add", "2026-117", str(file), *WHY, "--also", "here")
    assert (wrong.code, "is no region" in wrong.err) == (4, True)


def test_a_plain_look_the_date_and_the_frames_of_a_file_are_said_by_the_commands(office: Office) -> None:
    office.people("ines")
    office.does("ines", "case", "open", "2026-117", "--purpose", PURPOSE)
    file = office.folder / "two.png"
    with Image.open(BytesIO(draw(3))) as first, Image.open(BytesIO(draw(7))) as second:
        first.save(file, save_all=True, append_images=[second])
    added = office.does("ines", "exhibit", "add", "2026-117", str(file), *WHY, "--plain", "--captured-at", "2019-05")
    assert (added["thorough"], added["frames_in_file"]) == (False, 2)
    said = " ".join(office.run("ines", "exhibit", "list", "2026-117").out.split())
    assert f"{added['id'][:10]} is the first of the 2 frames of its file." in said
    file.write_bytes(draw(4))
    wrong = office.run("ines", "exhibit", "add", "2026-117", str(file), *WHY, "--captured-at", "in spring")
    assert (wrong.code, "is no capture date" in wrong.err) == (4, True)
    thorough = office.does("ines", "exhibit", "add", "2026-117", str(file), *WHY)
    assert thorough["thorough"]
