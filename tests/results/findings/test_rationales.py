"""Sets that keep the answer, or take it: what they are in files, in a text that was cut, and what is refused."""

from __future__ import annotations

import pytest
from toys.outlines import explained

from elision.errors import OptionError
from elision.results.explanation import Explanation
from elision.results.findings import Rationale, Rationales
from elision.text import Unit


def with_sets(*sets: Rationale) -> Explanation:
    found = explained("a deep film .")
    return found.replace(findings=(*found.findings, Rationales(sets)))


def units() -> tuple[Unit, ...]:
    return explained("a deep film .").units


def test_they_come_back_from_a_file_as_they_were() -> None:
    a, deep, film, _ = units()
    found = with_sets(
        Rationale("sufficient", (deep, film), {"drop": 0.9, "mask": 0.8}, smallest=True),
        Rationale("necessary", (), {"drop": 0.4}),
        Rationale("sufficient", (a,), {"mask": 0.7}),
    )
    again = Explanation.from_json(found.to_json())
    assert again == found
    assert again.finding(Rationales).sets == found.finding(Rationales).sets
    assert again.finding(Rationales).of("sufficient").units == (deep, film)
    assert again.finding(Rationales).of("sufficient").removals == ("drop", "mask")


def test_the_set_that_holds_under_most_removals_is_the_one_shown() -> None:
    a, deep, _, _ = units()
    sets = Rationales(
        (Rationale("necessary", (a,), {"drop": 0.1}), Rationale("necessary", (deep,), {"drop": 0.1, "pad": 0.2}))
    )
    assert sets.of("necessary").units == (deep,)
    assert sets.of("sufficient") is None


def test_what_is_left_of_a_cut_text_are_the_sets_whose_units_are_all_there() -> None:
    a, deep, film, _ = units()
    sets = Rationales(
        (Rationale("sufficient", (deep, film), {"drop": 0.9}), Rationale("necessary", (a,), {"drop": 0.1}))
    )
    moved = {deep: Unit("deep", 0, 4), film: Unit("film", 5, 9)}
    assert sets.cut([1, 2], moved).sets == (Rationale("sufficient", tuple(moved.values()), {"drop": 0.9}),)
    assert sets.cut([2], {film: moved[film]}) is None


@pytest.mark.parametrize(
    ("role", "words", "values", "message"),
    [
        ("helpful", True, {"drop": 0.1}, "sufficient or necessary"),
        ("necessary", False, {"drop": 0.1}, "units of the explanation"),
        ("necessary", True, {}, "a finite value"),
        ("necessary", True, {"drop": float("nan")}, "a finite value"),
    ],
)
def test_what_does_not_fit_is_refused(role, words: bool, values: dict[str, float], message: str) -> None:
    own = units()[:1] if words else (Unit("other", 0, 5),)
    with pytest.raises(OptionError, match=message):
        with_sets(Rationale(role, own, values))
