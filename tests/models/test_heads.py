"""How logits are read: kinds of answers by head, what "auto" takes them for, names, targets and derivatives."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
import torch
from toys.models import build

import elision
from elision.models.heads import GUESSED, Head, choose_head

LOGITS = torch.tensor([[0.5, -61.0, 3.0], [900.0, 0.0, -2.0]], dtype=torch.float64)


def exact(row: list[float]) -> list[float]:
    """Return a softmax's log-probabilities, computed with 400 digits."""
    with mpmath.workdps(400):
        total = mpmath.log(sum(mpmath.exp(z) for z in row))
        return [float(mpmath.mpf(z) - total) for z in row]


def log_sigmoid(z: float) -> float:
    with mpmath.workdps(400):
        return float(-mpmath.log(1 + mpmath.exp(-mpmath.mpf(z))))


def config_of(problem_type: str | None) -> Any:
    return type("Config", (), {"problem_type": problem_type})()


@pytest.mark.parametrize(
    ("problem_type", "n_logits", "labels", "name", "kind"),
    [
        (None, 1, None, "scores", "scores"),
        (None, 1, ["relevance"], "scores", "scores"),
        (None, 1, ["no", "yes"], "sigmoid", "classes"),
        (None, 2, None, "softmax", "classes"),
        (None, 5, None, "softmax", "classes"),
        ("regression", 1, None, "scores", "scores"),
        ("regression", 3, None, "scores", "scores"),
        ("single_label_classification", 1, None, "sigmoid", "classes"),
        ("single_label_classification", 3, None, "softmax", "classes"),
        ("multi_label_classification", 1, None, "sigmoid", "classes"),
        ("multi_label_classification", 3, None, "sigmoid", "labels"),
    ],
)
def test_auto_goes_by_the_config(problem_type: Any, n_logits: int, labels: Any, name: str, kind: str) -> None:
    head = choose_head("auto", config_of(problem_type), n_logits, labels)
    assert (head.name, head.answer.name) == (name, kind)
    assert head.guessed == (name == "scores" and problem_type is None)


@pytest.mark.parametrize("problem_type", [None, "regression", "multi_label_classification"])
@pytest.mark.parametrize("n_logits", [1, 3])
def test_a_head_that_is_given_overrules_the_config(problem_type: Any, n_logits: int) -> None:
    kinds = {"scores": "scores", "sigmoid": "labels" if n_logits > 1 else "classes", "softmax": "classes"}
    for name, kind in kinds.items():
        head = choose_head(name, config_of(problem_type), n_logits)
        assert head.answer.name == kind
        assert not head.notes


def test_log_probabilities_of_a_sure_softmax_keep_their_digits() -> None:
    found = Head("softmax", 3).answers(LOGITS)
    np.testing.assert_allclose(found, [exact(row) for row in LOGITS.tolist()], rtol=1e-15, atol=1e-300)


def test_log_probabilities_of_sigmoids_keep_their_digits() -> None:
    z = LOGITS.numpy()
    log_p, log_q = (np.vectorize(log_sigmoid)(sign * z) for sign in (1, -1))
    np.testing.assert_allclose(Head("sigmoid", 3).answers(LOGITS), np.hstack([log_p, log_q]), rtol=1e-15, atol=1e-300)
    one = Head("sigmoid", 1).answers(LOGITS[:, :1])
    np.testing.assert_allclose(one, np.stack([log_q[:, 0], log_p[:, 0]], axis=1), rtol=1e-15, atol=1e-300)


def test_scores_are_the_logits_or_their_sigmoids() -> None:
    np.testing.assert_array_equal(Head("scores", 3).answers(LOGITS), LOGITS.numpy())
    squashed = Head("scores", 1, squashed=True).answers(LOGITS[:, :1])
    np.testing.assert_allclose(squashed[:, 0], [1 / (1 + np.exp(-0.5)), 1.0], rtol=1e-15)


@pytest.mark.parametrize("head", [Head("softmax", 3), Head("sigmoid", 3), Head("sigmoid", 1), Head("scores", 3)])
def test_what_is_watched_is_the_log_odds_or_the_score(head: Head) -> None:
    logits = LOGITS[:, : head.n_logits]
    labels = [1, 0]
    if head.n_logits > 1:
        labels.append(2)
    found = head.watched(logits, labels).numpy()
    for column, label in enumerate(labels):
        watched = head.answer.watch(head.answers(logits), label)
        wanted = watched.number if watched.is_score else watched.log_p - watched.log_q
        np.testing.assert_allclose(found[:, column], wanted, rtol=1e-14)


def test_half_precision_is_watched_in_single() -> None:
    logits = LOGITS[:1].to(torch.bfloat16)
    assert Head("softmax", 3).watched(logits, [0]).dtype == torch.float32
    assert Head("softmax", 3).read(logits).dtype == torch.float64


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_logits_that_are_no_numbers_are_refused(broken: float) -> None:
    for dtype, way_out in ((torch.float32, "check its weights"), (torch.float16, "load it with dtype='float32'")):
        with pytest.raises(elision.ModelError, match=f"answered with NaN or infinity; {way_out}"):
            Head("scores", 1).answers(torch.tensor([[broken]], dtype=dtype))


def test_names_of_outputs() -> None:
    named = {0: "stars", 1: "length"}
    assert Head("scores", 1).labels({0: "LABEL_0"}, None, "m") == ("score",)
    assert Head("scores", 1).labels({0: "stars"}, None, "m") == ("stars",)
    assert Head("scores", 2).labels(named, None, "m") == ("stars", "length")
    assert Head("scores", 1).labels({0: "stars"}, ["relevance"], "m") == ("relevance",)
    assert Head("sigmoid", 1).labels({0: "spam"}, None, "m") == ("not spam", "spam")
    with pytest.raises(elision.OptionError, match="labels must name the model's 2 outputs, got 3 names"):
        Head("scores", 2).labels(named, ["a", "b", "c"], "m")
    with pytest.raises(elision.OptionError, match="labels must name the model's 2 classes, got 1 names"):
        Head("sigmoid", 1).labels({0: "spam"}, ["spam"], "m")
    with pytest.raises(elision.OptionError, match="in another order"):
        Head("scores", 2).labels(named, ["length", "stars"], "m")


def test_a_target_is_an_output_the_first_by_default() -> None:
    net, tokenizer = build("bert", problem_type="regression")
    net.config.id2label = {0: "depth", 1: "stars", 2: "length"}
    model = elision.load(net, tokenizer)
    assert model.target(None, np.array([-1.0, 5.0, 2.0])) == 0
    assert (model.target("stars", np.zeros(3)), model.target(2, np.zeros(3))) == (1, 2)
    with pytest.raises(elision.TargetError, match="the model has no output 'star'; it has depth, stars, length: did"):
        model.target("star", np.zeros(3))


def test_a_guess_is_told_and_what_is_known_is_not() -> None:
    guessed = elision.load(*build("bert", n_labels=1))
    assert guessed.notes == (GUESSED,)
    assert elision.explain("a film", model=guessed, method="leave-one-out").notes == (GUESSED,)
    assert guessed.describe()["head"] == "scores"
    for options in ({"head": "scores"}, {"head": "sigmoid"}, {"labels": ["no", "yes"]}):
        assert elision.load(*build("bert", n_labels=1), **options).notes == ()
    assert elision.load(*build("bert", n_labels=1, problem_type="regression")).notes == ()


HEADS = {
    "softmax": {},
    "labels": {"problem_type": "multi_label_classification"},
    "one logit": {"n_labels": 1, "problem_type": "multi_label_classification"},
    "regression": {"n_labels": 1, "problem_type": "regression"},
    "regressions": {"problem_type": "regression"},
}


@pytest.mark.parametrize("name", HEADS)
def test_gradients_are_those_of_differences(name: str) -> None:
    net, tokenizer = build("bert", **HEADS[name])
    model = elision.load(net.double(), tokenizer)
    encoding = model.encode("a deep film")
    rows = encoding.untouched
    target = len(model.labels) - 1
    answers, slopes = model.gradient(rows, target)
    np.testing.assert_allclose(answers, model.answers([rows]), rtol=1e-12)
    step = 1e-3
    for token in (0, 2):
        moved = []
        for sign in (1, -1):
            scale = np.ones(rows.ids.shape, dtype=np.float32)
            scale[0, token] += sign * step
            own = type(rows)(rows.ids, rows.attended, rows.segment_ids, scale)
            watched = model.answer.watch(model.answers([own]), target)
            moved.append(float((watched.number if watched.is_score else watched.log_p)[0]))
        assert slopes[0, token] == pytest.approx((moved[0] - moved[1]) / (2 * step), rel=2e-4)


@pytest.mark.parametrize("name", HEADS)
def test_a_white_box_gives_answers_that_can_be_differentiated(name: str) -> None:
    net, tokenizer = build("bert", **HEADS[name])
    model = elision.load(net.double(), tokenizer)
    row = model.encode("a deep film").untouched
    box = model.white_box(row)
    embeddings = box.embed().requires_grad_()
    found = box.from_embeddings(embeddings)
    assert (box.answer, found.dtype) == (model.answer, torch.float64)
    np.testing.assert_allclose(found.detach().numpy(), model.answers([row]), rtol=1e-12)
    np.testing.assert_allclose(box.from_ids(2)[1].detach().numpy(), model.answers([row])[0], rtol=1e-12)
    (gradient,) = torch.autograd.grad(found[0, 0], embeddings)
    assert float(gradient.abs().max()) > 0
