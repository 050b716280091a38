"""`beholden index`: its size told in advance, checked against the records, made again, and refused to whoever may not."""

from __future__ import annotations

from tests.edges.terminal import PURPOSE, SOURCE, Office, intake


def test_the_index_is_sized_checked_and_made_again_by_commands(office: Office) -> None:
    office.people("stella", "pia", "aude")
    office.does("stella", "source", "propose", "rendered people", *SOURCE)
    office.does("pia", "source", "approve", "rendered people")
    folder = office.folder / "intake"
    intake(folder, 1)
    office.does("pia", "gallery", "open", "references", "--purpose", PURPOSE)
    office.does("stella", "enrol", str(folder), "--source", "rendered people", "--gallery", "references")
    held = office.does("aude", "index", "size")["rows"]
    assert held >= 1

    assert office.does("ada", "index", "rebuild") == {"references": held}
    assert f"{held} references" in office.run("ada", "index", "rebuild").out
    sized = office.does("aude", "index", "size")
    assert (sized["sealed_rows"], sized["held_rows"], sized["fits"]) == (held, 0, True)
    assert sized["engine"]
    many = office.does("aude", "index", "size", "--rows", "10000000", "--dim", "128")
    assert many["rows"] * 128 < many["expected_bytes"] <= many["rows"] * 200
    assert "They fit." in office.run("aude", "index", "size", "--rows", "10").out
    assert "They do not fit" in office.run("aude", "index", "size", "--rows", "10000000000", "--dim", "4096").out
    assert office.run("aude", "index", "size", "--rows", "-1").code == 4

    checked = office.does("aude", "index", "check")
    assert checked["holds"]
    assert f"{held} lie in sealed segments" in checked["words"]
    [segment] = (office.folder / "data" / "engine" / "segments").glob("*.segment")
    content = bytearray(segment.read_bytes())
    content[-1] ^= 1
    segment.write_bytes(content)
    found = office.run("ada", "index", "check")
    assert found.code == 7
    assert segment.name in found.out
    assert office.run("ada", "index", "check").code == 0, "what was broken is thrown away and made from the records"
    assert office.run("stella", "index", "check").code == 3
    assert office.run("aude", "index", "rebuild").code == 3
    assert office.run("stella", "index", "size").code == 5
