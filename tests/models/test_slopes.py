"""How a model's answer changes with its embeddings, against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from toys.models import build, keyword_model

import elision

TEXT = "a deep film , well made"


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert", "electra"])
def test_linearizing_agrees_with_finite_differences(family: str) -> None:
    import torch

    model = elision.HuggingFaceModel(*build(family))
    model.transformer.model.double()
    rows = model.encode(TEXT).untouched
    classes = list(range(len(model.labels)))
    found = model.linearize(rows, classes)
    step = 1e-5 * np.random.default_rng(0).normal(size=found.shape[1:])
    embed = model.transformer.model.get_input_embeddings()

    def log_odds(sign: float) -> np.ndarray:
        hook = embed.register_forward_hook(lambda *args: args[2] + sign * torch.from_numpy(step)[None])
        p = model.predict([rows])[0]
        hook.remove()
        return np.log(p) - np.log1p(-p)

    expected = (log_odds(1.0) - log_odds(-1.0)) / 2
    assert (found * step).sum(axis=(1, 2)) == pytest.approx(expected, rel=1e-4)
    assert model.embed(rows.ids[0]).shape == found.shape[1:]


def test_a_model_known_by_its_answers_has_neither_gradient_nor_embeddings() -> None:
    model = keyword_model()
    with pytest.raises(elision.UnsupportedError, match="gives no gradients"):
        model.linearize(model.encode("a good film").untouched, [0])
    with pytest.raises(elision.UnsupportedError, match="has no embeddings"):
        model.embed(np.array([1], dtype=np.int32))
