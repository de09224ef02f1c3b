"""Files that are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from elision.errors import OptionError
from elision.files import beside


def test_a_whole_file_takes_the_others_place(tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    file.write_text("old")
    with beside(file) as half:
        half.write_text("new")
        assert (half.parent, file.read_text()) == (tmp_path, "old")
    assert file.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


def test_half_a_file_is_thrown_away_and_the_old_one_stays(tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    file.write_text("old")

    def stopped() -> None:
        with beside(file) as half:
            half.write_text("ne")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert file.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(OptionError, match=r"^cannot write '.*nowhere.out\.txt': No such file or directory$"),
        beside(tmp_path / "nowhere" / "out.txt") as half,
    ):
        half.write_text("new")
