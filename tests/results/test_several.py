"""Many examples: one that cannot be explained costs itself, explanations stream, Ctrl-C hands over what is finished."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from toys.models import keyword_model

import elision
from elision import metrics
from elision.errors import ElisionWarning, ExampleError, ModelError, OptionError, TargetError
from elision.results.several import Explanations

TEXTS = ["a good film", "a bad film", "not a good plot", "the film was bad"]
WORDS = ["good", "bad", "film", "plot", "not", "a"]
POISON = "poison"


def estimating() -> elision.InputMarginalization:
    return elision.InputMarginalization(elision.Uniform(words=WORDS), tolerance=0.5)


def quick() -> elision.LeaveOneOut:
    return elision.LeaveOneOut(removal="delete")


METHODS = [estimating, quick, elision.Shapley, elision.Random]


def picky_model(when: Callable[[str], bool] | None = None) -> elision.BlackBox:
    """The keyword model, which fails where a text has the word poison, or on what `when` says."""
    answer = keyword_model().function

    def judge(texts: list[Any]) -> Any:
        if any((when or (lambda text: POISON in text))(text) for text in texts):
            raise ZeroDivisionError("its own")
        return answer(texts)

    return elision.BlackBox(judge, ["negative", "positive"], name="picky")


def broken_hundred() -> tuple[list[Any], dict[int, str]]:
    """Return 100 examples, and what is said of the 10 that are broken."""
    examples: list[Any] = [f"{TEXTS[i % 4]} {i}" for i in range(100)]
    broken = {
        0: ("", "the text is empty"),
        7: ("  \n", "the text is empty"),
        16: (None, "there is no text, the value is missing"),
        31: (float("nan"), "there is no text, the value is missing"),
        32: (5, "a text must be a str, got int"),
        47: (["a", "b", "c"], "an example is one text or a pair of texts, got 3 items"),
        63: ("\ud800", "the text holds lone surrogates"),
        64: (f"a {POISON} film", "picky "),
        65: (("a good film", ""), "the second text is empty"),
        99: (ExampleError("line 7 was cut"), "line 7 was cut"),
    }
    for i, (example, _) in broken.items():
        examples[i] = example
    return examples, {i: said for i, (_, said) in broken.items()}


@pytest.mark.parametrize("method", METHODS)
def test_ten_broken_examples_of_a_hundred_cost_themselves(method: Callable[[], elision.Explainer]) -> None:
    examples, broken = broken_hundred()
    with pytest.warns(ElisionWarning, match=r"^10 of 100 examples were not explained \(example 0: the text is empty"):
        found = method().many(picky_model(), examples)
    assert isinstance(found, elision.Explanations)
    assert [failure.index for failure in found.failures] == list(broken)
    for index, reason in found.failures:
        assert reason.startswith(broken[index])
        assert "\n" not in reason
    assert "ZeroDivisionError: its own" in dict(found.failures)[64]
    assert len(found) == 90
    assert found.indices == tuple(i for i in range(100) if i not in broken)
    assert [e.example for e in found] == [examples[i] for i in found.indices]


@pytest.mark.parametrize("method", [estimating, quick])
def test_the_others_are_explained_as_without_the_broken(method: Callable[[], elision.Explainer]) -> None:
    mixed = [TEXTS[0], "", f"a {POISON}", *TEXTS[1:]]
    with pytest.warns(ElisionWarning, match="2 of 6"):
        found = method().many(picky_model(), mixed)
    for one, other in zip(found, method().many(keyword_model(), TEXTS), strict=True):
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-9)
        assert one.provenance["evaluations"] == other.provenance["evaluations"]


def test_a_text_that_fails_late_does_not_take_those_with_which_it_shares_batches() -> None:
    """The model answers to the text itself, and fails when a word of it is replaced."""
    model = picky_model(lambda text: "tasty" in text and text != "a tasty good film")
    # Batches of one: what was answered before the failure is known when the others ask again, and is still theirs.
    model.batch_size = 1
    with pytest.warns(ElisionWarning, match="example 1: picky"):
        found = estimating().many(model, [TEXTS[0], "a tasty good film", TEXTS[1]])
    assert found.indices == (0, 2)
    for one, other in zip(found, estimating().many(keyword_model(), TEXTS[:2]), strict=True):
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-9)
        assert one.provenance["evaluations"] == other.provenance["evaluations"]


@pytest.mark.parametrize("method", [estimating, quick])
def test_errors_may_be_raised(method: Callable[[], elision.Explainer]) -> None:
    with pytest.raises(ExampleError, match="the text is empty"):
        method().many(keyword_model(), [*TEXTS, ""], errors="raise")
    with pytest.raises(OptionError, match="errors must be one of skip, raise; got 'ignore'"):
        method().many(keyword_model(), TEXTS, errors="ignore")


@pytest.mark.parametrize("method", [estimating, quick])
def test_where_nothing_is_explained_the_first_error_is_raised(method: Callable[[], elision.Explainer]) -> None:
    with pytest.raises(ExampleError, match="the text is empty"):
        method().many(keyword_model(), ["", None, 5, ("a", "")])
    assert method().many(keyword_model(), []) == []


def test_a_setting_that_goes_with_no_example_is_not_tried_on_all() -> None:
    asked: list[int] = []

    def texts() -> Iterator[str]:
        for i in range(100):
            asked.append(i)
            yield f"{TEXTS[0]} {i}"

    with pytest.raises(TargetError, match="the model has no class 'neutral'"):
        quick().many(keyword_model(), texts(), target="neutral")
    assert asked == [0]
    told: list[Any] = []
    with pytest.raises(elision.UnsupportedError):
        list(elision.Saliency().iter(keyword_model(), texts(), report=told.append))
    assert asked == [0, 0, 1, 2]
    assert told == []


def test_a_setting_that_goes_with_some_examples_costs_the_others() -> None:
    method = elision.Shapley(estimator="kernel", n_samples=12, removal="delete")
    long = "a good film , a good plot and a bad actor in it , and a long one at that"
    with pytest.warns(ElisionWarning, match="4 of 5"):
        found = method.many(keyword_model(), [f"{long} 1", f"{long} 2", long, f"not {long} 3", "a film"])
    assert found.indices == (4,)


@pytest.mark.parametrize("method", [estimating, quick])
def test_explanations_stream(method: Callable[[], elision.Explainer]) -> None:
    taken: list[str] = []
    told: list[Any] = []

    def texts() -> Iterator[str]:
        for i in range(40):
            taken.append(f"{TEXTS[i % 4]} {i}")
            yield "" if i == 1 else taken[-1]

    made = method().iter(keyword_model(), texts(), report=told.append)
    assert taken == []
    index, first = next(made)
    assert (index, first.example) == (0, taken[0])
    assert len(taken) <= 8
    assert [i for i, _ in made] == list(range(2, 40))
    assert [failure.index for failure in told] == [1]


def test_ctrl_c_hands_over_what_is_finished() -> None:
    def stopping(text: str) -> bool:
        if POISON in text:
            raise KeyboardInterrupt
        return False

    texts = [f"{TEXTS[i % 4]} {i}" for i in range(12)]
    with pytest.raises(elision.Interrupted) as stop:
        quick().many(picky_model(stopping), [*texts[:5], "", *texts[5:8], f"a {POISON}", *texts[8:]])
    assert isinstance(stop.value, KeyboardInterrupt)
    finished = stop.value.finished
    assert [e.example for e in finished] == texts[:7]
    assert (finished.indices, [failure.index for failure in finished.failures]) == ((0, 1, 2, 3, 4, 6, 7), [5])

    # The first eight share batches and are done; of the others none is begun when the ninth's text stops all.
    with pytest.raises(elision.Interrupted) as stop:
        estimating().many(picky_model(stopping), [*texts[:9], f"a {POISON}"])
    assert [e.example for e in stop.value.finished] == texts[:8]


def test_ctrl_c_amid_shared_batches_hands_over_the_texts_that_need_no_more() -> None:
    calls: list[int] = []
    answer = keyword_model().function

    def judge(texts: list[Any]) -> Any:
        calls.append(len(texts))
        if len(calls) == 5:
            raise KeyboardInterrupt
        return answer(texts)

    # Three calls for the texts themselves, one for all first questions; of the short texts these are all.
    long = " ".join(["a good film with a plot and a story"] * 4)
    model = elision.BlackBox(judge, ["negative", "positive"])
    with pytest.raises(elision.Interrupted) as stop:
        elision.WordMasks(n_samples=16, n_epochs=3).many(model, [long, TEXTS[0], TEXTS[1]])
    assert calls[:3] == [1, 1, 1]
    assert stop.value.finished.indices == (1, 2)
    assert [e.example for e in stop.value.finished] == TEXTS[:2]


def test_explanations_are_a_list_that_can_be_kept() -> None:
    with pytest.warns(ElisionWarning):
        found = quick().many(keyword_model(), [TEXTS[0], ""])
    for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
        assert isinstance(again, Explanations)
        assert (list(again), again.indices, again.failures) == (list(found), (0,), found.failures)


def test_an_evaluation_leaves_an_example_out_for_all_methods() -> None:
    picky = metrics_of_texts_without("plot")
    examples = [TEXTS[0], "", *TEXTS[1:], ("a", "b")]
    found = metrics.compare(
        keyword_model(), examples, ["leave-one-out", Refusing("bad")], ["aopc", picky], n_resamples=20
    )
    assert found.settings["examples"] == 2
    assert [one["example"] for one in found.settings["left_out"]] == [1, 2, 3, 4]
    assert found.settings["left_out"][0]["name"] == "example 1"
    assert found.warnings[0].startswith("4 of 6 examples are left out of all figures (example 1: the text is empty")
    for method in found.methods:
        assert [e.example for e in found.explanations[method]] == [TEXTS[0], ("a", "b")]
        for metric in found.metrics:
            assert len(found.measurements[method, metric].values) == 2
    alone = metrics.compare(
        keyword_model(), [TEXTS[0], ("a", "b")], ["leave-one-out", Refusing("bad")], ["aopc"], n_resamples=20
    )
    for method in found.methods:
        assert found.cells[method, "aopc"] == alone.cells[method, "aopc"]
    assert alone.settings["left_out"] == []
    with pytest.raises(ExampleError, match="the text is empty"):
        metrics.compare(keyword_model(), examples, ["random"], ["aopc"], errors="raise")
    annotation = metrics.Annotation(((metrics.Mark(0, 1, 1.0),),))
    with pytest.raises(OptionError, match="annotations must be one for each of the 4 examples, got 1"):
        metrics.compare(keyword_model(), TEXTS, ["random"], ["aopc"], annotations=[annotation])


def test_annotations_follow_the_examples_that_are_left() -> None:
    marks = [metrics.Annotation(((metrics.Mark(0, 1, float(i)),),), (text,)) for i, text in enumerate([" ", *TEXTS])]
    found = metrics.compare(keyword_model(), [" ", *TEXTS], ["random"], ["token-f1"], annotations=marks, n_resamples=20)
    own = metrics.token_f1(found.explanations["random"], marks[1:])
    assert found.measurements["random", "token-f1"].values.tolist() == own.values.tolist()


def test_ctrl_c_hands_over_the_methods_that_were_measured() -> None:
    def stop_second(text: str) -> bool:
        raise KeyboardInterrupt

    stopper = Refusing("film", KeyboardInterrupt)
    with pytest.raises(elision.Interrupted) as stop:
        metrics.compare(keyword_model(), TEXTS, ["random", stopper], ["aopc"], n_resamples=20)
    finished = stop.value.finished
    assert finished.methods == ("random",)
    assert finished.warnings[0] == "stopped after 1 of 3 methods"
    with pytest.raises(elision.Interrupted) as stop:
        metrics.compare(picky_model(stop_second), TEXTS, ["leave-one-out"], ["aopc"])
    assert stop.value.finished is None


def test_a_method_that_cannot_explain_is_left_out_of_a_comparison() -> None:
    methods = ["attention", "iba", "saliency", "leave-one-out", "random"]
    with pytest.warns(ElisionWarning, match=r"^3 of 5 methods are left out \(attention: keywords is known by its"):
        found = elision.compare("a good film", model=keyword_model(), methods=methods)
    assert found.names == ("leave-one-out", "random")
    assert [name for name, _ in found.failures] == methods[:3]
    alike = [Refusing("film", elision.UnsupportedError) for _ in range(4)]
    with pytest.warns(ElisionWarning, match="^4 of 5 methods are left out"):
        found = elision.compare("a good film", model=keyword_model(), methods=[*alike, "random"])
    assert found.names == ("random",)
    with pytest.raises(elision.UnsupportedError):
        elision.compare("a good film", model=keyword_model(), methods=methods, errors="raise")
    with pytest.raises(elision.UnsupportedError):
        elision.compare("a good film", model=keyword_model(), methods=["attention"])
    with pytest.raises(OptionError, match="method must be one of"):
        elision.compare("a good film", model=keyword_model(), methods=["random", "magic"])
    with pytest.raises(elision.Interrupted) as stop:
        elision.compare("a film", model=keyword_model(), methods=["random", Refusing("film", KeyboardInterrupt)])
    assert stop.value.finished.names == ("random",)


class Refusing(elision.WhiteBoxExplainer):
    """Scores by nothing, and refuses texts with a word."""

    name = "refusing"

    def __init__(self, word: str, error: type[BaseException] = ModelError) -> None:
        super().__init__(behaviour="log_odds")
        self.word, self.error = word, error

    def look(self, v: Any) -> Any:
        from elision.explainers.explainer import Attribution

        if any(self.word in segment for segment in v.encoding.segments):
            raise self.error(f"refuses {self.word}")
        return Attribution(scores=np.zeros(len(v.units)))


def metrics_of_texts_without(word: str) -> Callable[..., metrics.Measurement]:
    """Return a metric that fails on texts with a word."""

    def picky(model: Any, explanations: Any, *, engine: Any, seed: int) -> metrics.Measurement:
        if any(word in segment for e in explanations for segment in e.segments):
            raise ValueError(f"dislikes {word}")
        return metrics.Measurement(name="picky", values=np.ones(len(explanations)))

    return picky
