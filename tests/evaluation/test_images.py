"""What is read from a folder to measure on, and that everything wrong with it is told at once."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from beholden.errors import BadInput
from beholden.evaluation.images import LabelledImages, opened, read_images


def folder(root: Path, *names: str, **lists: str) -> Path:
    """Photographs by name (their bytes are not looked at here), and lists, `pairs_a="…"` for `pairs-a.csv`."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"not looked at")
    for name, text in lists.items():
        (root / f"{name.replace('_', '-')}.csv").write_text(text, encoding="utf-8")
    return root


def refusal(root: Path) -> str:
    with pytest.raises(BadInput) as refused:
        read_images(root)
    return str(refused.value)


def people_of(images: LabelledImages) -> list[str | None]:
    return [None if place < 0 else images.identities[place] for place in images.people]


def test_each_folder_is_a_person_and_the_photographs_are_sorted_by_name(tmp_path: Path) -> None:
    images = read_images(folder(tmp_path, "Zoé/2.JPG", "Zoé/1.jpeg", "Ann/a.png", "Ann-Lise/x.webp", "Ann/b.TIF"))
    assert images.names == ("Ann-Lise/x.webp", "Ann/a.png", "Ann/b.TIF", "Zoé/1.jpeg", "Zoé/2.JPG")
    assert images.identities == ("Ann", "Ann-Lise", "Zoé")
    assert people_of(images) == ["Ann-Lise", "Ann", "Ann", "Zoé", "Zoé"]
    assert images.people.dtype == np.int64
    assert (images.pairs, images.cohorts, images.captured, images.ages) == ({}, {}, {}, {})


def test_a_photograph_directly_in_the_folder_is_nobodys(tmp_path: Path) -> None:
    images = read_images(folder(tmp_path, "b.jpg", "a.bmp", pairs="image_a,image_b,mated\nb.jpg,a.bmp,1\n"))
    assert (images.names, images.identities, images.people.tolist()) == (("a.bmp", "b.jpg"), (), [-1, -1])
    assert images.pairs["pairs.csv"].a.tolist() == [1]


def test_hidden_files_other_files_and_empty_folders_are_passed_over(tmp_path: Path) -> None:
    root = folder(tmp_path, "A/1.jpg", "A/.2.jpg", ".cache/3.jpg", "A/notes.txt", "README.md", "A/.hidden/4.jpg")
    (root / "Nobody").mkdir()
    (root / "A" / "deeper").mkdir()
    images = read_images(root)
    assert (images.names, images.identities) == (("A/1.jpg",), ("A",))


def test_a_photograph_too_deep_is_told_and_not_passed_over(tmp_path: Path) -> None:
    assert "'001/frontal' holds photographs one folder too deep" in refusal(
        folder(tmp_path, "001/frontal/1.jpg", "002/1.jpg")
    )


def test_a_linked_photograph_or_folder_counts_but_no_link_leads_back(tmp_path: Path) -> None:
    elsewhere = folder(tmp_path / "elsewhere", "B/1.jpg", "2.jpg")
    root = folder(tmp_path / "root", "A/1.jpg")
    (root / "A" / "2.jpg").symlink_to(elsewhere / "2.jpg")
    (root / "B").symlink_to(elsewhere / "B")
    assert read_images(root).names == ("A/1.jpg", "A/2.jpg", "B/1.jpg")
    for name, there in {"self": root, "above": tmp_path, "same": root / "A"}.items():
        (root / name).symlink_to(there)
    told = refusal(root)
    assert all(f"'{name}' is a link to a folder that is measured already" in told for name in ("self", "above", "same"))


def test_a_name_that_is_no_photograph_to_be_opened_is_told(tmp_path: Path) -> None:
    root = folder(tmp_path, "A/1.jpg")
    (root / "A" / "gone.jpg").symlink_to(root / "nowhere.jpg")
    os.mkfifo(root / "A" / "pipe.jpg")
    told = refusal(root)
    assert "'A/gone.jpg' is no file" in told
    assert "'A/pipe.jpg' is no file" in told


def test_a_name_that_is_no_text_is_told_in_readable_form(tmp_path: Path) -> None:
    root = folder(tmp_path, "A/1.jpg", "A/bell\x07.jpg")
    (Path(os.fsdecode(bytes(root) + b"/caf\xe9"))).mkdir()
    told = refusal(root)
    assert r"'caf\udce9' is no readable text" in told
    assert r"'A/bell\x07.jpg' is no readable text" in told
    told.encode()


def test_what_is_no_folder_or_holds_no_photograph_is_refused(tmp_path: Path) -> None:
    assert "is no folder" in refusal(tmp_path / "nowhere")
    assert "holds no photograph; put each person's" in refusal(folder(tmp_path, pairs="image_a\nunknown\n"))


def test_every_list_of_pairs_is_read_by_its_name(tmp_path: Path) -> None:
    root = folder(
        tmp_path,
        *("A/1.jpg", "A/2.jpg", "B/1.jpg"),
        pairs="image_a,image_b,mated\nA/1.jpg,A/2.jpg,1\n\nB/1.jpg,A/1.jpg,0\n",
        pairs_FP="\ufeffmated,image_b,image_a\r\n1,A/1.jpg,A/2.jpg\r\n",
    )
    pairs = read_images(root).pairs
    assert sorted(pairs) == ["pairs-FP.csv", "pairs.csv"]
    first, second = pairs["pairs.csv"], pairs["pairs-FP.csv"]
    assert (first.a.tolist(), first.b.tolist(), first.mated.tolist()) == ([0, 2], [1, 0], [True, False])
    assert (second.a.tolist(), second.b.tolist(), second.mated.tolist()) == ([1], [0], [True])
    assert first.mated.dtype == np.bool_


def test_a_pair_that_the_folders_contradict_is_taken_as_it_is_said(tmp_path: Path) -> None:
    root = folder(tmp_path, "A/1.jpg", "B/1.jpg", pairs="image_a,image_b,mated\nA/1.jpg,B/1.jpg,1\n")
    assert read_images(root).pairs["pairs.csv"].mated.tolist() == [True]


def test_cohorts_and_ages_are_read_and_empty_cells_say_nothing(tmp_path: Path) -> None:
    root = folder(
        tmp_path,
        *("A/1.jpg", "A/2.jpg", "B/1.jpg"),
        labels="identity,cohort\nA,young\nB,\nA,young\n",
        ages="image,age,captured_at\nA/1.jpg,4.5,2003-04-05\nA/2.jpg,,2001-01-01\nB/1.jpg,0,\n",
    )
    images = read_images(root)
    assert images.cohorts == {"A": "young"}
    assert images.captured == {"A/1.jpg": date(2003, 4, 5), "A/2.jpg": date(2001, 1, 1)}
    assert images.ages == {"A/1.jpg": 4.5, "B/1.jpg": 0.0}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("pairs", "image_a,mated\nA/1.jpg,1\n", "pairs.csv: the column 'image_b' is missing"),
        ("pairs", "image_a,image_b,mated,note\n", "pairs.csv: unknown column 'note' (known: image_a, image_b, mated)"),
        ("labels", "identity,cohort,a;b\n", "labels.csv: unknown column 'a;b' (known: identity, cohort); separate the"),
        ("pairs", "image_a,image_b,mated,mated\n", "the column 'mated' stands there twice"),
        ("pairs", "image_a,image_b,mated\n", "pairs.csv: it holds no row"),
        ("pairs", "", "pairs.csv: it holds no row"),
        ("pairs", "image_a,image_b,mated\nA/1.jpg,A/9.jpg,1\n", "pairs.csv line 2: there is no photograph 'A/9.jpg'"),
        ("pairs", "image_a,image_b,mated\n\nA/1.jpg,A/2.jpg,yes\n", "pairs.csv line 3: mated is 'yes'; write 1"),
        ("pairs", "image_a,image_b,mated\nA/1.jpg,A/1.jpg,1\n", "line 2: 'A/1.jpg' is compared with itself"),
        ("pairs", "image_a,image_b,mated\nA/1.jpg,A/2.jpg\n", "line 2: it has 2 cells, the header has 3"),
        ("pairs", 'image_a,image_b,mated\n"A/1.jpg"x,A/2.jpg,1\n', "pairs.csv line 2: it is no CSV"),
        ("labels", "identity,cohort\nC,old\n", "labels.csv line 2: there is no folder 'C' with photographs"),
        ("labels", "identity,cohort\nA,old\nA,young\n", "line 3: 'A' is in the cohort 'old' already; decide which"),
        ("ages", "captured_at\n2001-01-01\n", "ages.csv: the column 'image' is missing"),
        ("ages", "image,age\nA/9.jpg,4\n", "ages.csv line 2: there is no photograph 'A/9.jpg'"),
        ("ages", "image,captured_at\nA/1.jpg,2001-02-30\n", "ages.csv line 2: captured_at is '2001-02-30'"),
        ("ages", "image,captured_at\nA/1.jpg,0001-01-01\n", "ages.csv line 2: captured_at is '0001-01-01'"),
        ("ages", "image,age\nA/1.jpg,nan\n", "ages.csv line 2: age is 'nan'; write years from 0 to 130"),
        ("ages", "image,age\nA/1.jpg,-1\n", "ages.csv line 2: age is '-1'"),
        ("ages", "image,age\nA/1.jpg,4\nA/1.jpg,5\n", "ages.csv line 3: 'A/1.jpg' has the age 4 by an earlier line"),
        (
            "ages",
            "image,captured_at\nA/1.jpg,2001-01-01\nA/1.jpg,2002-01-01\n",
            "ages.csv line 3: 'A/1.jpg' was taken on 2001-01-01 by an earlier line",
        ),
    ],
)
def test_a_fault_of_a_list_is_told_with_its_place(tmp_path: Path, name: str, text: str, words: str) -> None:
    told = refusal(folder(tmp_path, "A/1.jpg", "A/2.jpg", **{name: text}))
    assert words in told
    assert told.count(".csv") == 1


def test_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    root = folder(tmp_path, "A/1.jpg")
    (root / "labels.csv").write_bytes("identity,cohort\nA,jeune\nA,âgé\n".encode("latin-1"))
    assert "labels.csv line 3: it is not UTF-8; save the file as CSV UTF-8" in refusal(root)


def test_all_faults_are_told_at_once_twenty_in_words_and_the_others_counted(tmp_path: Path) -> None:
    rows = "".join(f"A/{number}.jpg,A/1.jpg,1\n" for number in range(2, 30))
    root = folder(tmp_path, "A/1.jpg", pairs="image_a,image_b,mated\n" + rows, labels="identity,cohort\nC,old\n")
    (root / "A" / "gone.jpg").symlink_to(root / "nowhere.jpg")
    told = refusal(root)
    assert told.count("there is no photograph") == 19
    assert "'A/gone.jpg' is no file" in told
    assert told.endswith("; and 10 more faults")


def test_a_cell_of_a_hundred_thousand_characters_is_told_by_its_beginning(tmp_path: Path) -> None:
    long = "x" * 100_000
    told = refusal(folder(tmp_path, "p/1.jpg", pairs=f"image_a,image_b,mated\n{long},p/1.jpg,{long}\n", labels=long))
    assert "pairs.csv line 2" in told
    assert f"'{'x' * 100}…'" in told
    assert len(told) < 1000


def test_a_name_with_outer_spaces_that_no_cell_can_say_is_told_as_what_it_is(tmp_path: Path) -> None:
    told = refusal(
        folder(
            tmp_path,
            " a.jpg",
            "Ann /1.jpg",
            "Ann /2.jpg",
            pairs="image_a,image_b,mated\n a.jpg,Ann /1.jpg,0\n",
            labels="identity,cohort\n Ann ,x\n",
            ages="image,age\na.jpg,3\n",
        )
    )
    assert told.count("' a.jpg' begins or ends with a space, which a cell cannot say: rename it without") == 2
    assert "labels.csv line 2: there is no folder 'Ann' with photographs; 'Ann ' begins or ends with a space" in told


def test_links_to_pipes_and_devices_are_told_and_nothing_waits_for_them(tmp_path: Path) -> None:
    root = folder(tmp_path, "A/1.jpg", "A/2.jpg")
    os.mkfifo(tmp_path / "pipe")
    (root / "A" / "3.jpg").symlink_to(tmp_path / "pipe")
    (root / "A" / "4.jpg").symlink_to("/dev/zero")
    (root / "pairs.csv").symlink_to(tmp_path / "pipe")
    (root / "labels.csv").symlink_to("/dev/zero")
    told = refusal(root)
    for name in ("A/3.jpg", "A/4.jpg", "pairs.csv", "labels.csv"):
        assert f"'{name}' is no file, or a link to nothing; remove it" in told


def test_a_list_that_is_made_while_it_is_read_holds_no_row(tmp_path: Path) -> None:
    root = folder(tmp_path, "A/1.jpg", "A/2.jpg")
    (root / "pairs.csv").symlink_to("/proc/self/status")
    assert "pairs.csv: it holds no row" in refusal(root)


def test_a_file_that_became_a_pipe_after_the_folder_was_listed_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "1.jpg")
    with pytest.raises(OSError, match="a pipe or a device"), opened(tmp_path / "1.jpg"):
        pass
