"""What every adapter of the `Witness` port must do. Subclass `WitnessContract` and give it a fixture `witness`."""

from __future__ import annotations

import pytest

from beholden.errors import Fault, Missing
from beholden.ports.witness import Witness


class WitnessContract:
    def test_what_is_published_can_be_read(self, witness: Witness) -> None:
        every_byte = bytes(range(256)) * 32
        witness.publish({"tile/0/000": every_byte, "tile/entries/x001/234.p/7": b"", "checkpoint": b"first"})
        assert witness.read("tile/0/000") == every_byte
        assert witness.read("tile/entries/x001/234.p/7") == b""
        assert witness.read("checkpoint") == b"first"

    def test_a_path_that_is_not_published_is_missing(self, witness: Witness) -> None:
        witness.publish({"tile/0/000": b"hashes"})
        for path in (
            "checkpoint",
            "tile/0/001",
            "tile/0",
            "tile/0/000/1",
            "",
            "/",
            "..",
            "../../etc/passwd",
            "/etc/passwd",
            "a\x00b",
        ):
            with pytest.raises(Missing):
                witness.read(path)

    def test_publishing_again_replaces_the_whole_file_and_leaves_the_others(self, witness: Witness) -> None:
        witness.publish({"checkpoint": b"a long first checkpoint", "tile/0/000.p/1": b"one"})
        witness.publish({"checkpoint": b"second"})
        assert witness.read("checkpoint") == b"second"
        assert witness.read("tile/0/000.p/1") == b"one"

    def test_the_paths_are_sorted_and_only_those_published(self, witness: Witness) -> None:
        assert witness.paths() == []
        witness.publish({"tile/1/000.p/1": b"1", "checkpoint": b"c"})
        witness.publish({"tile/0/001.p/9": b"2", "tile/0/000": b"3"})
        assert witness.paths() == ["checkpoint", "tile/0/000", "tile/0/001.p/9", "tile/1/000.p/1"]

    def test_a_full_tile_takes_the_place_of_its_partial_ones_and_of_no_others(self, witness: Witness) -> None:
        witness.publish(
            {"tile/0/000.p/3": b"3", "tile/0/000.p/255": b"255", "tile/entries/000.p/3": b"e", "tile/0/001.p/3": b"n"}
        )
        witness.publish({"tile/0/000": b"full"})
        assert witness.paths() == ["tile/0/000", "tile/0/001.p/3", "tile/entries/000.p/3"]

    def test_publishing_nothing_changes_nothing(self, witness: Witness) -> None:
        witness.publish({"checkpoint": b"c"})
        witness.publish({})
        assert witness.paths() == ["checkpoint"]

    @pytest.mark.parametrize(
        "path", ["", "/checkpoint", "../checkpoint", "tile/../../x", "tile//0", ".hidden", "tile/.p/1", "a\nb"]
    )
    def test_a_path_that_could_lead_elsewhere_is_refused_and_nothing_is_published(
        self, witness: Witness, path: str
    ) -> None:
        with pytest.raises(Fault):
            witness.publish({"tile/0/000": b"hashes", path: b"x"})
        assert witness.paths() == []
