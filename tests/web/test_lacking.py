"""What an examination lacks is named on the page that refuses it, in the reader's language."""

from __future__ import annotations

from beholden.records.examination import COMPONENTS, missing, undescribed
from beholden.web.page import lacking
from beholden.web.words import LACKS, speaking


def test_req_37_everything_missing_is_named_in_the_words_of_the_form() -> None:
    named = (*undescribed(()), *missing([("nose", "similar")] * 2, None))
    said = lacking(named)
    assert said.startswith("description of the probe; description of the reference; each component once; face shape; ")
    assert said.endswith("chin and jawline; lines and marks; opinion")
    assert lacking(["nose: not-comparable"]) == "nose: not comparable"


def test_in_french_no_english_is_left_of_it() -> None:
    with speaking("fr"):
        for name in (*LACKS, *COMPONENTS, "nose: not-comparable"):
            assert lacking([name]) != name
        assert lacking(undescribed(())) == "description de la personne recherchée; description de la référence"
