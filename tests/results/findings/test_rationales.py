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


def test_the_sets_of_a_cut_text_say_how_many_units_they_lost() -> None:
    a, deep, film, _ = units()
    sets = Rationales(
        (Rationale("sufficient", (deep, film), {"drop": 0.9}), Rationale("necessary", (a,), {"drop": 0.1}))
    )
    moved = {deep: Unit("deep", 0, 4), film: Unit("film", 5, 9)}
    whole, gone = sets.cut([1, 2], moved).sets
    assert whole == Rationale("sufficient", tuple(moved.values()), {"drop": 0.9})
    assert gone == Rationale("necessary", (), {"drop": 0.1}, n_cut=1)
    again = sets.cut([1, 2], moved).cut([0], {moved[film]: film}).sets
    assert [(one.units, one.n_cut) for one in again] == [((film,), 1), ((), 1)]
    told = Rationales(again).to_dict([film])
    assert [one.get("n_cut") for one in told["sets"]] == [1, 1]
    assert Rationales.from_dict(told, [film]).sets == again
    assert "n_cut" not in sets.to_dict(units())["sets"][0]


def test_they_are_an_attribute_and_an_argument_of_an_explanation() -> None:
    a, deep, _, _ = units()
    own = (Rationale("sufficient", (deep,), {"drop": 0.9}), Rationale("necessary", (a, deep), {"drop": 0.1}))
    found = explained("a deep film .", rationales=own)
    assert found.rationales == found.finding(Rationales).sets == own
    assert found.replace(rationales=None).rationales is None
    assert found.replace(rationales=own[:1]).rationales == own[:1]


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


def test_tables_say_which_units_are_in_the_sets_that_hold_under_most_removals() -> None:
    a, deep, film, _ = units()
    found = with_sets(
        Rationale("sufficient", (deep, film), {"drop": 0.9, "mask": 0.8}), Rationale("sufficient", (a,), {"mask": 0.7})
    )
    assert found.to_frame()["sufficient"].tolist() == [False, True, True, False]
    assert "necessary" not in found.to_frame()
    assert [row.rsplit(",", 1)[1] for row in found.to_csv().splitlines()] == "sufficient False True True False".split()
