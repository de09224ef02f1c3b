"""Functions of texts as models: what they are sent, what they may answer, and what is refused."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from toys.models import keyword_model

import elision
from elision.models.function import BlackBox
from elision.models.rows import TextRows
from elision.text import Unit

LABELS = ["negative", "positive"]
ROWS = [TextRows(("a", "b"))]


def constant(texts: list[Any]) -> list[list[float]]:
    """Answer every text alike."""
    return [[0.25, 0.75] for _ in texts]


class Recorder:
    """A function that keeps what it was sent."""

    def __init__(self) -> None:
        self.calls: list[list[Any]] = []

    def __call__(self, texts: list[Any]) -> np.ndarray:
        self.calls.append(list(texts))
        return np.tile([0.25, 0.75], (len(texts), 1))

    @property
    def texts(self) -> list[Any]:
        """All that was sent, in order."""
        return [text for call in self.calls for text in call]


def written(text: str | tuple[str, str], absent: str | tuple[int, ...]) -> Any:
    """Return the text without units, given by their texts (each once) or indices."""
    encoding = BlackBox(constant, LABELS).encode(text)
    known = np.ones((1, len(encoding.units)), dtype=bool)
    for unit in [i for i, u in enumerate(encoding.units) if u.text == absent] if isinstance(absent, str) else absent:
        known[0, unit] = False
    assert not known.all()
    ((rows, index),) = encoding.delete(known)
    assert index.tolist() == [0]
    assert isinstance(rows, TextRows)
    return rows.examples[0]


def test_it_is_sent_lists_of_the_untouched_text_first() -> None:
    recorder = Recorder()
    elision.LeaveOneOut(removal="delete")(BlackBox(recorder, LABELS), " a  good film\n")
    assert recorder.calls[0] == [" a  good film\n"]
    assert all(type(call) is list for call in recorder.calls)


def test_pairs_arrive_as_tuples_with_units_on_both_sides() -> None:
    recorder = Recorder()
    explanation = elision.LeaveOneOut(removal="delete")(BlackBox(recorder, LABELS), ["a cat", "no dog"])
    assert explanation.units == (Unit("a", 0, 1), Unit("cat", 2, 5), Unit("no", 0, 2, 1), Unit("dog", 3, 6, 1))
    assert sorted(recorder.texts) == sorted(
        [("a cat", "no dog"), ("cat", "no dog"), ("a", "no dog"), ("a cat", "dog"), ("a cat", "no")]
    )


def test_probabilities_are_an_array_of_rows_and_classes() -> None:
    model = keyword_model()
    p = model.predict([TextRows(("good", "bad bad")), TextRows(("film",))])
    assert p.dtype == np.float64
    z = np.array([2.0, -6.0, 0.5])
    np.testing.assert_allclose(p[:, 1], 1 / (1 + np.exp(-z)), rtol=1e-12)
    np.testing.assert_allclose(p.sum(axis=1), 1.0, rtol=1e-12)


@pytest.mark.parametrize("answer", [constant, lambda texts: np.array(constant(texts), dtype=np.float32)])
def test_lists_and_arrays_are_answers(answer: Callable[[Any], Any]) -> None:
    np.testing.assert_array_equal(BlackBox(answer, LABELS).predict([TextRows(("a", "b"))]), [[0.25, 0.75]] * 2)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda texts: [0.5] * len(texts), "odd must answer with probabilities of shape (2, 2), got (2,)"),
        (lambda texts: [[0.5, 0.5]], "odd must answer with probabilities of shape (2, 2), got (1, 2)"),
        (lambda texts: np.ones((2, 3)) / 3, "odd must answer with probabilities of shape (2, 2), got (2, 3)"),
        (lambda texts: np.ones((2, 2, 1)), "odd must answer with probabilities of shape (2, 2), got (2, 2, 1)"),
        (lambda texts: None, "odd must answer with probabilities of shape (2, 2), got ()"),
        (lambda texts: [], "odd must answer with probabilities of shape (2, 2), got (0,)"),
        (lambda texts: [[0.5, np.nan]] * 2, "odd must answer with probabilities between 0 and 1, got nan"),
        (lambda texts: [[0.5, np.inf]] * 2, "odd must answer with probabilities between 0 and 1, got inf"),
        (lambda texts: [[3.5, 0.5]] * 2, "odd must answer with probabilities between 0 and 1, got 3.5"),
        (lambda texts: [[-0.25, 1.0]] * 2, "odd must answer with probabilities between 0 and 1, got -0.25"),
    ],
)
def test_bad_answers_are_refused(answer: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(elision.ModelError) as caught:
        BlackBox(answer, LABELS, name="odd").predict([TextRows(("a", "b"))])
    assert str(caught.value) == message


@pytest.mark.parametrize("answer", ["positive", [["a", "b"]] * 2, [[0.5], [0.5, 0.5]], [[1j, 0]] * 2, [[{}, {}]] * 2])
def test_answers_that_are_no_numbers_are_refused(answer: Any) -> None:
    with pytest.raises(elision.ModelError, match=r"^odd must answer with probabilities"):
        BlackBox(lambda texts: answer, LABELS, name="odd").predict([TextRows(("a", "b"))])


def test_a_functions_own_error_is_not_hidden() -> None:
    def broken(texts: list[Any]) -> Any:
        raise ZeroDivisionError("its own")

    with pytest.raises(elision.ModelError) as caught:
        elision.explain("a film", model=broken, labels=LABELS, method="random")
    assert str(caught.value) == "broken failed on a list of texts (ZeroDivisionError: its own)"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "raise ZeroDivisionError" in "".join(traceback.format_exception(caught.value))


def test_a_function_of_one_text_is_told_of_lists() -> None:
    with pytest.raises(elision.ModelError) as caught:
        BlackBox(lambda text: text.lower(), LABELS, name="single").predict(ROWS)
    assert str(caught.value) == (
        "single failed on a list of texts (AttributeError: 'list' object has no attribute 'lower'): does it read lists?"
    )


@pytest.mark.parametrize("error", [elision.BudgetError("too dear"), MemoryError()])
def test_the_librarys_own_errors_and_memory_are_not_wrapped(error: Exception) -> None:
    def broken(texts: list[Any]) -> Any:
        raise error

    with pytest.raises(type(error)) as caught:
        BlackBox(broken, LABELS).predict(ROWS)
    assert caught.value is error


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("gradient", [False, True])
@pytest.mark.parametrize("each", [False, True])
def test_tensors_are_answers(dtype: torch.dtype, gradient: bool, each: bool) -> None:
    tensor = torch.tensor([[0.25, 0.75], [0.5, 0.5]], dtype=dtype, requires_grad=gradient)
    answer = BlackBox(lambda texts: list(tensor) if each else tensor, LABELS).predict(ROWS)
    np.testing.assert_array_equal(answer, [[0.25, 0.75], [0.5, 0.5]])
    assert tensor.requires_grad is gradient


def test_tables_are_answers_with_columns_by_name() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"positive": [0.75, 0.5], "negative": [0.25, 0.5]})
    expected = [[0.25, 0.75], [0.5, 0.5]]
    np.testing.assert_array_equal(BlackBox(lambda texts: table, LABELS).predict(ROWS), expected)
    for columns in ([0, 1], ["a", "b"], ["negative", "b"]):
        plain = pandas.DataFrame(expected, columns=columns)
        np.testing.assert_array_equal(BlackBox(lambda texts, plain=plain: plain, LABELS).predict(ROWS), expected)


def test_rounding_past_zero_and_one_is_clipped() -> None:
    p = BlackBox(lambda texts: [[-1e-8, 1 + 1e-8]], LABELS).predict([TextRows(("a",))])
    np.testing.assert_array_equal(p, [[0.0, 1.0]])


@pytest.mark.parametrize("batch_size", [1, 2, 5, 256])
def test_no_call_holds_more_than_the_batch_size(batch_size: int) -> None:
    recorder = Recorder()
    elision.LeaveOneOut(removal="delete")(BlackBox(recorder, LABELS, batch_size=batch_size), "a b c d e f g")
    assert max(map(len, recorder.calls)) == min(batch_size, 7)
    assert len(recorder.texts) == 8


def test_scores_do_not_depend_on_the_batch_size() -> None:
    text = "a good film , not a bad one"
    function = keyword_model().function
    scores = [
        elision.LeaveOneOut(removal="delete")(BlackBox(function, LABELS, batch_size=size), text).scores
        for size in (1, 3, 256)
    ]
    np.testing.assert_array_equal(scores[1], scores[0])
    np.testing.assert_array_equal(scores[2], scores[0])


@pytest.mark.parametrize("batch_size", [0, -3, None, "8", True])
def test_a_batch_of_less_than_one_is_refused(batch_size: Any) -> None:
    with pytest.raises(elision.OptionError) as caught:
        BlackBox(constant, LABELS, batch_size=batch_size)
    assert str(caught.value) == f"batch_size must be at least 1, got {batch_size!r}"


def test_a_batch_of_a_fraction_is_refused() -> None:
    with pytest.raises(elision.OptionError, match=r"batch_size must be .*got 2\.5"):
        BlackBox(constant, LABELS, batch_size=2.5)  # type: ignore[arg-type]


@pytest.mark.parametrize("labels", [[], "negative", ["same", "same"]])
def test_labels_that_name_no_classes_are_refused(labels: Any) -> None:
    with pytest.raises(elision.OptionError, match="labels must "):
        BlackBox(constant, labels)


def test_labels_become_text_and_names_have_a_default() -> None:
    model = BlackBox(constant, [0, 1])  # type: ignore[list-item]
    assert model.labels == ("0", "1")
    assert model.name == "constant"
    assert BlackBox(Recorder(), LABELS).name == "Recorder"
    assert BlackBox(constant, LABELS, name="own").describe() == {
        "name": "own",
        "labels": LABELS,
        "answers": "probabilities",
        "clip": 1e-9,
    }


@pytest.mark.parametrize(
    ("text", "absent", "expected"),
    [
        ("a (good) film.", "a", "(good) film."),
        ("a (good) film.", "(", "a good) film."),
        ("a (good) film.", "good", "a () film."),
        ("a (good) film.", ")", "a (good film."),
        ("a (good) film.", "film", "a (good)."),
        ("a (good) film.", ".", "a (good) film"),
        ("a (good) film.", (1, 2, 3), "a film."),
        ("a (good) film.", (0, 1), "good) film."),
        ("a (good) film.", (0, 1, 2, 3, 4, 5), ""),
        ("it costs $5 now", "$", "it costs 5 now"),
        ("see (@home)", "(", "see @home)"),
        ('he said "fine" .', (2,), 'he said fine" .'),
        ("not good film", "good", "not film"),
        ("very very good", (0, 1), "good"),
        ("well-made film", "-", "wellmade film"),
        ("well-made film", "well", "-made film"),
        ("good , fine", ",", "good fine"),
        ("good, fine", ",", "good fine"),
        ("  a  film", "a", "film"),
        ("one\n\ntwo three", "two", "one three"),
        ("我喜欢", (1,), "我欢"),
        (("a (cat)", "no dog"), (1, 5), ("a cat)", "no")),
    ],
)
def test_delete_joins_no_words_and_leaves_no_double_space(text: Any, absent: Any, expected: Any) -> None:
    assert written(text, absent) == expected


def test_delete_of_nothing_is_the_text_to_the_letter() -> None:
    for text in ("  a\t(good)\n\nfilm. ", ("a b ", " c\n")):
        rows = BlackBox(constant, LABELS).encode(text).untouched
        assert isinstance(rows, TextRows)
        assert rows.examples == (text,)


def test_mask_and_unk_write_one_word_in_the_place_of_each_unit() -> None:
    recorder = Recorder()
    model = BlackBox(recorder, LABELS, mask="<gap>", unk="???")
    v = elision.ValueFunction(model, "  a (good) film. ", removal="mask")
    v(np.array([[True, False, False, True, False, True]]))
    assert recorder.texts[-1] == "  a <gap><gap>) <gap>. "
    elision.ValueFunction(model, ("a cat", "a dog"), removal="unk")(np.array([[True, False, False, True]]))
    assert recorder.texts[-1] == ("a ???", "??? dog")
    elision.ValueFunction(BlackBox(recorder, LABELS), "a cat", removal="mask")(np.array([[False, True]]))
    assert recorder.texts[-1] == "[MASK] cat"
    elision.ValueFunction(BlackBox(recorder, LABELS), "a cat", removal="unk")(np.array([[False, True]]))
    assert recorder.texts[-1] == "[UNK] cat"


@pytest.mark.parametrize("removal", ["pad", "zero", "drop"])
def test_removals_of_tokens_are_refused(removal: str) -> None:
    with pytest.raises(elision.UnsupportedError) as caught:
        elision.LeaveOneOut(removal=removal)(keyword_model(), "a good film")
    assert str(caught.value) == (
        f"the removal '{removal}' needs a model with tokens; for a function of texts use 'delete', 'mask' or 'unk'"
    )


def test_units_of_tokens_are_refused() -> None:
    with pytest.raises(elision.OptionError, match="units='token' needs a model with a tokenizer"):
        elision.LeaveOneOut(removal="delete")(keyword_model(), "a good film", units="token")


def test_a_function_that_finds_no_units_is_refused() -> None:
    with pytest.raises(elision.UnitError, match="unit"):
        elision.LeaveOneOut(removal="delete")(keyword_model(), "a good film", units=lambda text: [])


def test_own_units_are_left_out_as_one() -> None:
    explanation = elision.LeaveOneOut(removal="delete", behaviour="logit")(
        keyword_model(), "a good film", units=lambda text: [(0, 1), (2, 11)]
    )
    assert [unit.text for unit in explanation.units] == ["a", "good film"]
    np.testing.assert_allclose(explanation.scores, [0.0, 2.5], atol=1e-12)


@pytest.mark.parametrize("budget", [1, 2, 3])
def test_a_budget_that_does_not_suffice_is_refused_before_it_is_passed(budget: int) -> None:
    recorder = Recorder()
    with pytest.raises(elision.BudgetError) as caught:
        elision.LeaveOneOut(removal="delete", budget=budget)(BlackBox(recorder, LABELS), "a good film")
    assert str(caught.value) == (f"budget must be at least 4, one evaluation a unit and one for the text; got {budget}")
    assert len(recorder.texts) == 1


def test_a_budget_that_suffices_is_not_passed() -> None:
    recorder = Recorder()
    explanation = elision.LeaveOneOut(removal="delete", budget=4)(BlackBox(recorder, LABELS), "a good film")
    assert explanation.provenance["evaluations"] == len(recorder.texts) == 4
    v = elision.ValueFunction(BlackBox(recorder, LABELS), "a good film", removal="delete", budget=2)
    v(np.array([[True, True, False]]))
    with pytest.raises(elision.BudgetError) as caught:
        v(np.array([[True, False, True]]))
    assert str(caught.value) == "budget must be at least 3 model evaluations for this, got 2"
    assert v.evaluations == 2


def test_equal_texts_are_asked_once() -> None:
    recorder = Recorder()
    elision.LeaveOneOut(removal="delete")(BlackBox(recorder, LABELS), "go go go stop")
    assert sorted(recorder.texts) == ["go go go", "go go go stop", "go go stop"]


def test_a_function_that_empties_its_list_changes_nothing() -> None:
    def greedy(texts: list[Any]) -> np.ndarray:
        answer = np.array([[0.0, 1.0] if "good" in text else [1.0, 0.0] for text in texts])
        texts.clear()
        return answer

    explainer = elision.LeaveOneOut(removal="delete", behaviour="probability")
    explanation = explainer(BlackBox(greedy, LABELS), "a good film")
    np.testing.assert_array_equal(explanation.scores, [0.0, 1.0, 0.0])


@pytest.mark.parametrize(
    ("target", "label"),
    [(None, "positive"), ("negative", "negative"), (0, "negative"), ("0", "negative"), ("Negative", "negative")],
)
def test_targets_by_name_index_or_prediction(target: Any, label: str) -> None:
    assert elision.LeaveOneOut(removal="delete")(keyword_model(), "a good film", target=target).target == label


@pytest.mark.parametrize("target", ["odd", 2, -1, True, 1.0])
def test_a_target_that_is_no_class_is_refused(target: Any) -> None:
    with pytest.raises(elision.TargetError) as caught:
        elision.LeaveOneOut(removal="delete")(keyword_model(), "a good film", target=target)
    assert str(caught.value) == f"the model has no class {target!r}; it has negative, positive"


@pytest.mark.parametrize("shape", [(2,), (2, 4), (1, 2, 3), (0,)])
def test_subsets_of_the_wrong_shape_are_refused(shape: tuple[int, ...]) -> None:
    v = elision.ValueFunction(keyword_model(), "a good film", removal="delete")
    with pytest.raises(elision.UnitError) as caught:
        v(np.ones(shape, dtype=bool))
    assert str(caught.value) == f"known must have shape (s, 3), one column per unit; got {shape}"


def test_no_subsets_have_no_values() -> None:
    v = elision.ValueFunction(keyword_model(), "a good film", removal="delete")
    assert v(np.ones((0, 3), dtype=bool)).shape == (0,)
