"""L2X: it learns which words decide, keeps what it learned in a folder, and asks the model nothing more."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from toys.additive import toy
from toys.models import build, keyword_model

import elision
from elision.explainers.learned.selector import chance_in_draws, collate, relaxed_draws, start_from

FAMILIES = ("bert", "electra", "distilbert", "roberta", "gpt2", "xlnet", "slow")
TEXT = "the man plays a moving story , well made !"
PAIR = ("the man plays guitar .", "a woman sings on stage")
FILLERS = "the film a story plot this that man woman plays sings on in with stage floor".split()


def sentences(n: int, seed: int = 0) -> list[str]:
    """Return random sentences of seven words, one of which decides for the keyword model."""
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        words = generator.choice(FILLERS, 7).tolist()
        words[generator.integers(7)] = str(generator.choice(["good", "bad"]))
        found.append(" ".join(words))
    return found


@pytest.fixture(scope="module")
def fitted() -> elision.L2X:
    model = keyword_model({"good": 4.0, "bad": -4.0})
    return elision.L2X(k=1, n_epochs=12, learning_rate=3e-3).fit(model, sentences(400))


def test_it_finds_the_words_that_decide(fitted: elision.L2X) -> None:
    model = keyword_model({"good": 4.0, "bad": -4.0})
    held_out = sentences(60, seed=1)
    found = [fitted(model, text) for text in held_out]
    assert np.mean([e.top(1)[0].unit.text in ("good", "bad") for e in found]) > 0.95
    assert fitted.losses[-1] < 0.5 * fitted.losses[0]
    assert len(fitted.losses) == 12
    for explanation in found:
        assert explanation.scores.sum() == pytest.approx(1.0, abs=1e-9)
        assert explanation.provenance["evaluations"] == 1


def test_it_finds_the_words_that_decide_in_a_pair() -> None:
    model = keyword_model({"good": 4.0, "bad": -4.0})
    generator = np.random.default_rng(3)
    pairs = [(a, " ".join(generator.choice(FILLERS, 5))) for a in sentences(1040)]
    pairs = [pair if i % 2 else (pair[1], pair[0]) for i, pair in enumerate(pairs)]
    method = elision.L2X(k=1, n_epochs=5).fit(model, pairs[:1000])
    found = [method(model, pair) for pair in pairs[1000:]]
    assert np.mean([e.top(1)[0].unit.text in ("good", "bad") for e in found]) > 0.95
    assert method.losses[-1] == pytest.approx(0.0903, abs=0.005), "the entropy of the model's own answers"


@pytest.mark.parametrize("kind", FAMILIES)
@pytest.mark.parametrize("example", [TEXT, PAIR], ids=["text", "pair"])
def test_each_family(kind: str, example: object) -> None:
    model = elision.HuggingFaceModel(*build(kind))
    method = elision.L2X(n_epochs=1, k=3).fit(model, [example, example])
    found = method(model, example)
    assert ((found.scores > 0) & (found.scores < 1)).all()
    assert found.provenance["evaluations"] == 1
    assert found.notes[-1].startswith("l2x explains the model's whole answer")
    np.testing.assert_array_equal(method(model, example, target=0).scores, method(model, example, target=1).scores)
    assert elision.Explanation.from_json(found.to_json()) == found


def test_what_was_learned_is_kept_in_a_folder(fitted: elision.L2X, tmp_path: Path) -> None:
    model = keyword_model()
    fitted.save(tmp_path / "deep" / "folder")
    again = elision.L2X.load(tmp_path / "deep" / "folder")
    text = "a good film nobody knows"
    np.testing.assert_array_equal(again(model, text).scores, fitted(model, text).scores)
    assert again(model, text).provenance["settings"] == fitted(model, text).provenance["settings"]
    assert again.losses == fitted.losses


def test_it_takes_milliseconds(fitted: elision.L2X) -> None:
    model = keyword_model()
    fitted(model, TEXT)
    started = time.process_time()
    for _ in range(10):
        fitted(model, TEXT)
    assert (time.process_time() - started) / 10 < 0.1


def test_seeds() -> None:
    model, texts = toy(), ["a good film", "a bad film", "the plot was dull", TEXT]
    state = torch.get_rng_state()
    one, again, other = (elision.L2X(seed=s).fit(model, texts)(model, TEXT).scores for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).max() > 1e-4
    assert torch.equal(torch.get_rng_state(), state)


def test_draws_and_their_chances() -> None:
    logits = torch.tensor([[1.0, 0.0, -1.0, float("-inf")]])
    generator = torch.Generator().manual_seed(0)
    hits = np.mean([relaxed_draws(logits, 2, 1e-3, generator)[0].numpy() > 0.5 for _ in range(4000)], axis=0)
    np.testing.assert_allclose(hits, chance_in_draws(logits[0].double().numpy(), 2), atol=0.03)
    p = np.exp([1.0, 0.0, -1.0]) / np.exp([1.0, 0.0, -1.0]).sum()
    np.testing.assert_allclose(chance_in_draws(np.array([1.0, 0.0, -1.0]), 2), 1 - (1 - p) ** 2, rtol=1e-12)
    np.testing.assert_allclose(chance_in_draws(np.array([3.0]), 5), [1.0], atol=1e-9)


def test_a_word_of_several_tokens_is_chosen_whole() -> None:
    model = toy()
    method = elision.L2X(n_epochs=1).fit(model, ["a meaningful film"])
    word, token = (model.encode("a meaningful film", units=units) for units in ("word", "token"))
    with torch.no_grad():
        whole, parts = (method._selector(collate([method._read(encoding)]))[0].numpy() for encoding in (word, token))
    assert len(parts) > len(whole) == 3
    np.testing.assert_allclose(whole, [parts[0], parts[1:-1].mean(), parts[-1]], rtol=1e-5)


def test_embeddings_start_from_the_components_of_the_models_own() -> None:
    vectors = np.random.default_rng(0).normal(size=(300, 60)) * np.linspace(0.1, 3.0, 60)
    embedding = torch.nn.Embedding(302, 50)
    last = embedding.weight[301].detach().clone()
    start_from(embedding, vectors)
    found = embedding.weight.detach().numpy()[1:301]
    np.testing.assert_allclose(found.T @ found / 300, np.eye(50), atol=1e-4)
    axes = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)[0][:, :50]
    np.testing.assert_allclose(axes @ (axes.T @ found), found, atol=1e-4)
    assert torch.equal(embedding.weight[301], last)


def test_padding_changes_nothing(fitted: elision.L2X) -> None:
    model = keyword_model()
    short, long = (fitted._read(model.encode(text)) for text in ("a good film", "the man plays the guitar on stage"))
    with torch.no_grad():
        alone, beside = fitted._selector(collate([short])), fitted._selector(collate([short, long]))
    np.testing.assert_allclose(beside[0, :3], alone[0], rtol=1e-5)
    assert torch.isneginf(beside[0, 3:]).all()


def test_unfitted_is_one_line(tmp_path: Path) -> None:
    for act in (lambda: elision.explain(TEXT, model=toy(), method="l2x"), lambda: elision.L2X().save(tmp_path)):
        with pytest.raises(elision.OptionError, match=r"^l2x must be fitted in Python first: L2X\(\)\.fit\(model"):
            act()


def test_what_does_not_fit_is_refused(fitted: elision.L2X, tmp_path: Path) -> None:
    with pytest.raises(elision.OptionError, match="this l2x was fitted on keywords, whose tokens are others"):
        fitted(toy(), TEXT)
    with pytest.raises(elision.OptionError, match="this l2x was fitted on texts; fit another"):
        fitted(keyword_model(), PAIR)
    with pytest.raises(elision.OptionError, match="texts must be all texts or all pairs"):
        elision.L2X().fit(keyword_model(), [TEXT, PAIR])
    with pytest.raises(elision.OptionError, match="the number of texts must be at least 1, got 0"):
        elision.L2X().fit(keyword_model(), [])
    with pytest.raises(elision.BudgetError, match="budget must be at least 2 model evaluations for this, got 1"):
        elision.L2X(budget=1).fit(keyword_model(), [TEXT, "a film"])
    with pytest.raises(elision.OptionError, match="holds no fitted l2x"):
        elision.L2X.load(tmp_path)
    fitted.save(tmp_path)
    settings = json.loads((tmp_path / "l2x.json").read_text())
    (tmp_path / "l2x.json").write_text(json.dumps(settings | {"format": 9}))
    with pytest.raises(elision.OptionError, match="this elision reads format 1 of l2x, got 9"):
        elision.L2X.load(tmp_path)
    (tmp_path / "l2x.json").write_text(json.dumps(settings))
    (tmp_path / "l2x.safetensors").write_bytes(b"no weights")
    with pytest.raises(elision.OptionError, match="holds no fitted l2x"):
        elision.L2X.load(tmp_path)
    with pytest.raises(elision.OptionError, match=r"^cannot write "):
        fitted.save(tmp_path / "l2x.json")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k must be at least 1, got 0"),
        ({"temperature": 0}, "temperature must be greater than 0, got 0"),
        ({"n_epochs": 0}, "n_epochs must be at least 1, got 0"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"learning_rate": -1}, "learning_rate must be greater than 0, got -1"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
    ],
)
def test_options(options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}$"):
        elision.L2X(**options)


def test_the_former_name_of_the_settings_warns(fitted: elision.L2X, tmp_path: Path) -> None:
    with pytest.warns(DeprecationWarning, match=r"^L2X.course is L2X.training now; use that name$"):
        assert fitted.course.k == fitted.training.k == 1
    fitted.save(tmp_path)
    assert json.loads((tmp_path / "l2x.json").read_text())["course"]["n_epochs"] == 12
