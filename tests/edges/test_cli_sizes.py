"""A file that is larger than any picture is not read to be refused."""

from __future__ import annotations

from tests.edges.terminal import Office


def test_an_exhibit_larger_than_any_picture_is_refused_by_its_size(office: Office) -> None:
    office.people("ines", "sven", "stella", "pia")
    case, _ = office.case_with_sought()
    film = office.folder / "film.mp4"
    with film.open("wb") as file:
        file.truncate(700 * 2**20)
    given = ("exhibit", "add", case, str(film), "--origin", "synthetic", "--why", "found on the disk")
    refused = office.run("ines", *given)
    assert refused.code == 4
    assert "734,003,200 bytes, more than the 536,870,912 that are read" in refused.err.replace("\n", " ")
