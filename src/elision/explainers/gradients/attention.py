"""Attention weights as scores: a baseline, not an explanation."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np
import torch

from elision.arrays import Floats
from elision.errors import OptionError, UnsupportedError, require_count
from elision.explainers.explainer import Attribution, Needs
from elision.explainers.gradients.gradient_explainer import special_share, sum_by_unit
from elision.explainers.white_box_explainer import WhiteBoxExplainer
from elision.game.prediction import Prediction
from elision.models.encoding import tokens_of
from elision.models.white_box import WhiteBox
from elision.results.meaning import Meaning

BASELINE_NOTE = "a baseline: attention says where a model looks, not why it answers so; it is the same for every class"
_MEANING = Meaning("attention received", "probability", signed=False, adds_up_to="1, with the special tokens")


@final
class Attention(WhiteBoxExplainer):
    """Score each unit by the attention that it receives: the mean over layers, heads and the tokens that attend.

    It is here to be compared with. It has no sign and no class, and it is known to be no explanation (Jain & Wallace
    2019). Every token gives out attention of 1, so the scores and the special tokens' share add up to 1. A model that
    reads from left to right looks at early words more often.

    Args:
        layer: one layer, counted from 0; None for the mean of all.
        seed: recorded; nothing is drawn.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: layer is less than 0.
    Source: Bahdanau et al. 2015; Vaswani et al. 2017. Deviations: none.
    Cost: one row, and one for the text.
    """

    name: ClassVar[str] = "attention"
    default_behaviour: ClassVar[str] = "probability"
    summary: ClassVar[str] = "a baseline, no explanation: attention received"
    needs: ClassVar[Needs] = "hidden layers"
    cost: ClassVar[str] = "1 row"

    def __init__(self, *, layer: int | None = None, seed: int = 0, budget: int | None = None) -> None:
        if layer is not None:
            require_count("layer", layer, 0)
        self.layer = layer
        super().__init__(seed=seed, budget=budget)

    def _settings(self) -> dict[str, Any]:
        return {"layer": self.layer}

    def look(self, v: Prediction) -> Attribution:
        """Return the scores of an example's units."""
        with v.engine.spending(self.name, 1) as count, torch.no_grad():
            received = self._received(v, v.model.white_box(v.encoding.untouched, private=True))
            count(1)
        tokens = tokens_of(v.encoding, self.name)
        special, share = special_share(received, tokens)
        return Attribution(
            scores=sum_by_unit(received[None], tokens)[0, : len(v.units)],
            meaning=_MEANING,
            notes=(BASELINE_NOTE, f"special tokens, which are no words, have {share:.0%} of the attention"),
            record={
                "removal": {"name": "none"},
                "baseline": True,
                "special_tokens": {"score": special, "share": share},
            },
        )

    def _received(self, v: Prediction, box: WhiteBox) -> Floats:
        """Return the mean attention (l,) that each token receives."""
        length = box.rows.length
        layers = box.attention()
        if not layers or any(layer.shape[-2:] != (length, length) for layer in layers):
            raise UnsupportedError(
                f"{v.model.name} has no attention between all of its tokens; use another baseline, such as 'random'"
            )
        if self.layer is not None and self.layer >= len(layers):
            raise OptionError(f"layer must be less than {len(layers)}, the model's layers, got {self.layer}")
        chosen = layers if self.layer is None else [layers[self.layer]]
        weights = torch.stack([layer.reshape(-1, length, length).mean((0, 1)) for layer in chosen]).mean(0)
        return np.asarray(weights.to("cpu", torch.float64).numpy())
