"""A kind of answers that is added in one file: everything works with it that works with scores."""

from __future__ import annotations

import numpy as np
import pytest
from toys.directions import Compass, Directions, heading

import elision
from elision.models.answers import ANSWERS, answer_kind

TEXT = "turn left"


def test_a_registry_line_gives_it_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(elision.OptionError, match="answers must be one of classes, labels, scores"):
        answer_kind("directions")
    monkeypatch.setitem(ANSWERS, "directions", Directions())
    assert answer_kind("directions").columns(3) == 6


def test_a_function_answers_in_it_without_a_class_of_its_own() -> None:
    model = elision.BlackBox(lambda texts: [heading(text) for text in texts], labels=["heading"], answers=Directions())
    found = elision.explain(TEXT, model=model, method="leave-one-out", removal="delete")
    np.testing.assert_allclose(found.scores, [0.0, -20.0], atol=1e-9)
    assert (found.answer, model.describe()["answers"]) == ("directions", "directions")


def test_scores_are_differences_of_what_is_watched() -> None:
    found = elision.explain(TEXT, model=Compass(), method="leave-one-out", removal="delete")
    np.testing.assert_allclose(found.scores, [0.0, -20.0], atol=1e-9)
    assert (found.answer, found.target) == ("directions", "heading")
    np.testing.assert_allclose((found.value, found.absent_values[1]), (-10.0, 10.0), atol=1e-9)
    shares = elision.explain(TEXT, model=Compass(), method="shapley", removal="delete")
    np.testing.assert_allclose(shares.scores, [0.0, -20.0], atol=1e-9)


def test_draws_are_averaged_as_the_kind_says() -> None:
    """Numbers would average 350, 10 and 90 to 150; arrows point to 26.9."""
    words = elision.Uniform(["left", "right", "round"])
    found = elision.LeaveOneOut(removal=elision.Marginal(words, fill="exact"))(Compass(), TEXT)
    arrows = np.exp(1j * np.radians([350.0, 10.0, 90.0])).mean()
    assert found.scores[1] == pytest.approx(-10.0 - np.degrees(np.angle(arrows)), abs=1e-9)
    assert np.degrees(np.angle(arrows)) == pytest.approx(26.9, abs=0.05)


@pytest.mark.parametrize("method", ["lime", "shapley", "leave-one-out", "random"])
def test_many_texts_give_what_each_gives(method: str) -> None:
    texts = [TEXT, "go right", "look round and turn right"]
    explainer = elision.explainers.METHODS[method]()
    together = explainer.many(Compass(), texts)
    for text, found in zip(texts, together, strict=True):
        np.testing.assert_allclose(found.scores, explainer(Compass(), text).scores, atol=1e-9)


def test_it_is_shown_written_and_read() -> None:
    found = elision.LeaveOneOut(removal="delete")(Compass(), TEXT)
    assert elision.Explanation.from_json(found.to_json()) == found
    assert "heading" in str(found)
    assert "heading" in found.to_html()
    page = elision.report([found, found])
    assert "heading" in page


def test_metrics_measure_it_too() -> None:
    found = elision.LeaveOneOut(removal="delete")(Compass(), "go round")
    measured = elision.metrics.comprehensiveness(Compass(), [found], removal="delete", shares=(0.5,))
    np.testing.assert_allclose(measured.values, [80.0], atol=1e-9)


def test_what_cannot_be_watched_is_refused() -> None:
    with pytest.raises(elision.UnsupportedError, match="answers with directions, of which behaviour='log_odds'"):
        elision.LeaveOneOut(behaviour="log_odds")(Compass(), TEXT)


def test_a_sum_over_candidates_is_averaged_as_the_kind_says_and_an_estimate_is_refused() -> None:
    """Numbers of 350, 10 and 90 would average to 150; arrows point to 26.9."""
    words = elision.Uniform(["left", "right", "round"])
    found = elision.InputMarginalization(words, threshold=0)(Compass(), TEXT)
    arrows = np.exp(1j * np.radians([350.0, 10.0, 90.0])).mean()
    assert found.scores[1] == pytest.approx(-10.0 - np.degrees(np.angle(arrows)), abs=1e-9)
    with pytest.raises(elision.UnsupportedError, match=r"means of directions, .* give threshold or top_n"):
        elision.InputMarginalization(words)(Compass(), TEXT)
