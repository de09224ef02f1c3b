"""The information bottleneck: how many bits of each word's hidden state the answer needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, final

import numpy as np
import torch

from elision.arrays import Floats
from elision.errors import ModelError, OptionError, require_count, require_positive
from elision.explainers.explainer import Attribution, Needs
from elision.explainers.gradients.gradient_explainer import (
    differentiable,
    in_one_line,
    special_note,
    special_share,
    sum_by_unit,
)
from elision.explainers.gradients.watch import watch
from elision.explainers.white_box_explainer import WhiteBoxExplainer
from elision.game.behaviour import Behaviour
from elision.game.engine import Engine
from elision.game.prediction import Prediction
from elision.models.encoding import tokens_of
from elision.models.hidden import HiddenLayer, choose_layer
from elision.models.loading import load
from elision.models.model import Model, ModelLike
from elision.models.white_box import WhiteBox
from elision.results.meaning import Meaning
from elision.text import Example

N_STEPS, N_SAMPLES = 20, 10
"""Adam's steps, for which `n_steps` has the reason, and draws of noise a step: the paper's."""
_START = 5.0
"""The mask's logit at first, with nearly all information let through: as in its authors' code."""
_LEAST_SPREAD = 0.01
"""The least standard deviation of a hidden state, as in its authors' code, since it is divided by."""
PREPARING = 3
"""Rows for the hidden states, and to see whether one row below the layer suffices."""


@final
class InformationBottleneck(WhiteBoxExplainer):
    """Score each unit by the bits of its hidden state that must pass for the model still to answer so: per-sample IBA.

    After the chosen layer every entry r of the hidden states becomes lambda r + (1 - lambda) e, where e is Gaussian
    noise with the entries' own mean and variance. The lambdas minimise

        loss + beta * mean KL(N(lambda r, (1 - lambda)^2) || N(0, 1))        (r standardised)

    and a token's score is the sum of its entries' KL in bits: an upper bound on what passes. It has no sign.

    Args:
        layer: the hidden layer: 0 for the embeddings, i for the i-th block's output, or the name of a module (as in
            `named_modules`) that gives a vector for each token; None for the middle block.
        beta: weight of the information, as in the paper: of the mean over all entries.
        n_steps: of Adam. The paper's 10 stop before what cannot matter has lost its last bits; 20 leave under 0.001.
        n_samples: draws of the noise a step.
        n_runs: how often it is done anew with other noise; scores are the mean, with standard errors from two on.
        learning_rate: of Adam.
        behaviour: which number is watched; its negative is the loss, by default the cross entropy.
        seed: of the noise.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: an option is out of range.
    Source: Schulz et al. 2020, Eq. 3-7. Deviations: mean and variance over the tokens of the example (or of the texts
        given to `fit`), n_steps, and no smoothing across positions, which words do not have.
    Cost: n_runs n_steps n_samples rows forth and back, three to find the hidden states, and one for the text. What
        lies below the layer runs once a step, where the model allows it.
    """

    name: ClassVar[str] = "iba"
    default_behaviour: ClassVar[str] = "log_probability"
    summary: ClassVar[str] = "bits that a hidden layer must let through"
    needs: ClassVar[Needs] = "hidden layers"
    cost: ClassVar[str] = f"{N_STEPS * N_SAMPLES + PREPARING} rows, forth and back"

    def __init__(
        self,
        *,
        layer: int | str | None = None,
        beta: float = 10.0,
        n_steps: int = N_STEPS,
        n_samples: int = N_SAMPLES,
        n_runs: int = 1,
        learning_rate: float = 1.0,
        behaviour: str | Behaviour | None = None,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        if layer is not None and not isinstance(layer, str):
            require_count("layer", layer, 0)
        require_positive("beta", beta)
        require_count("n_steps", n_steps, 1)
        require_count("n_samples", n_samples, 1)
        require_count("n_runs", n_runs, 1)
        require_positive("learning_rate", learning_rate)
        self.layer, self.beta = layer, float(beta)
        self.n_steps, self.n_samples, self.n_runs = n_steps, n_samples, n_runs
        self.learning_rate = float(learning_rate)
        self._statistics: tuple[torch.Tensor, torch.Tensor] | None = None
        self.n_texts = 0
        super().__init__(behaviour=behaviour, seed=seed, budget=budget)

    def fit(self, model: ModelLike, texts: Sequence[Example]) -> InformationBottleneck:
        """Take the noise's mean and variance from texts instead of from each example alone.

        Args:
            model: the model to be explained, or whatever `elision.load` takes.
            texts: examples, at least one.
        Returns:
            This explainer.
        Raises:
            OptionError: there are no texts.
            BudgetError: the texts are more than the budget.
            UnsupportedError: the model has no hidden layers to look into.
        Cost: one row a text.
        """
        require_count("the number of texts", len(texts), 1)
        answering: Model = load(model)
        found = []
        with Engine(answering, budget=self.budget).spending(f"{self.name} fit", len(texts)) as count:
            for text in texts:
                box = answering.white_box(answering.encode(text).untouched)
                found.append(choose_layer(box, self.layer).states)
                count(1)
        self._statistics = _statistics(torch.cat(found))
        self.n_texts = len(texts)
        return self

    def _settings(self) -> dict[str, Any]:
        own = ("layer", "beta", "n_steps", "n_samples", "n_runs", "learning_rate", "n_texts")
        return {name: getattr(self, name) for name in own}

    def look(self, v: Prediction) -> Attribution:
        """Return the scores of an example's units."""
        rows = self.n_runs * self.n_steps * self.n_samples + PREPARING
        with v.engine.spending(self.name, rows) as count, differentiable(), in_one_line(v.model.name):
            box = v.model.white_box(v.encoding.untouched)
            layer = choose_layer(box, self.layer)
            count(PREPARING)
            bits = np.stack([self._bits(v, box, layer, run, count) for run in range(self.n_runs)])
        if not np.isfinite(bits).all():
            raise ModelError(f"the bottleneck of {v.model.name} gave NaN or infinity; lower learning_rate")
        return self._findings(v, bits, layer)

    def _findings(self, v: Prediction, bits: Floats, layer: HiddenLayer) -> Attribution:
        """Return scores of units from the tokens' bits (n, l) of n runs."""
        encoding = tokens_of(v.encoding, self.name)
        by_unit = sum_by_unit(bits, encoding)[:, : len(v.units)]
        special, share = special_share(bits.mean(axis=0), encoding)
        return Attribution(
            scores=by_unit.mean(axis=0),
            std_error=by_unit.std(axis=0, ddof=1) / np.sqrt(self.n_runs) if self.n_runs > 1 else None,
            notes=special_note(share),
            meaning=Meaning("information", "bits", signed=False),
            record={
                "removal": {"name": "none"},
                "layer": layer.name,
                "special_tokens": {"score": special, "share": share},
            },
        )

    def _noise(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the noise's mean and standard deviation (d,) for hidden states (l, d)."""
        if self._statistics is None:
            return _statistics(states)
        mean, spread = self._statistics
        if mean.shape != states.shape[1:]:
            raise OptionError(f"this iba was fitted to {len(mean)} hidden entries; the layer has {states.shape[1]}")
        return mean.to(states), spread.to(states)

    def _bits(self, v: Prediction, box: WhiteBox, layer: HiddenLayer, run: int, count: Callable[[int], None]) -> Floats:
        """Return the information of each token, float64 (l,)."""
        states = layer.states
        mean, spread = self._noise(states)
        standard = (states - mean) / spread
        generator = torch.Generator().manual_seed(int(np.random.SeedSequence([self.seed, run]).generate_state(1)[0]))
        alpha = torch.full_like(states, _START).requires_grad_()
        optimizer = torch.optim.Adam([alpha], lr=self.learning_rate)
        for _ in range(self.n_steps):
            noise = torch.randn((self.n_samples, *states.shape), generator=generator, dtype=torch.float64)
            passing = torch.sigmoid(alpha)
            answers = layer.answers(passing * states + (1 - passing) * (mean + spread * noise.to(states)))
            count(self.n_samples)
            watched = watch(answers, v.target, v.behaviour, box.answer).mean()
            loss = -watched + self.beta * _information(alpha, standard).mean().cpu()
            (alpha.grad,) = torch.autograd.grad(loss, alpha)
            optimizer.step()
        bits = _information(alpha.detach(), standard).sum(-1) / np.log(2.0)
        return np.asarray(bits.to("cpu", torch.float64).numpy())


def _information(alpha: torch.Tensor, standard: torch.Tensor) -> torch.Tensor:
    """Return KL(N(m r, (1 - m)^2) || N(0, 1)) in nats for standardised states r (l, d), where m = sigmoid(alpha)."""
    passing = torch.sigmoid(alpha)
    return 0.5 * ((1 - passing) ** 2 + (passing * standard) ** 2 - 1) - torch.nn.functional.logsigmoid(-alpha)


def _statistics(states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return mean and standard deviation (d,) over tokens' states (l, d)."""
    return states.mean(0), states.std(0, correction=0).clamp(min=_LEAST_SPREAD)
