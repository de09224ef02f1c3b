"""Gradients on embeddings: how the answer changes with each word's vector. captum does the mathematics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, final

import numpy as np
import torch

from elision.errors import UnsupportedError, require_at_least, require_count, require_one_of
from elision.explainers.gradients.gradient_explainer import (
    BASELINES,
    CaptumFindings,
    EmbeddingForward,
    GradientExplainer,
    rows_at_once,
)
from elision.game.behaviour import Behaviour
from elision.game.prediction import Prediction
from elision.results.meaning import Meaning, change_in

POINTS = 50
"""Rows at which gradients are taken along the way from a baseline, unless told."""
CHECKS = 2
"""Rows that check the sum of the scores."""

_SUM = "the answer's change from the baseline to the text, with what special tokens have"


@final
class Saliency(GradientExplainer):
    """Score each unit by the size of the gradient on its embedding (the sum of absolute values); it has no sign.

    Args:
        behaviour: which number is watched; None for the log-odds, or for scores the score.
        seed: recorded; nothing is drawn.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: captum is not installed.
    Source: Simonyan et al. 2014; Li et al. 2016. Deviations: none.
    Cost: one row, forth and back, and one for the text.
    """

    name: ClassVar[str] = "saliency"
    summary: ClassVar[str] = "how steeply the answer changes with a word's vector"
    cost: ClassVar[str] = "1 row, forth and back"

    def __init__(self, *, behaviour: str | Behaviour | None = None, seed: int = 0, budget: int | None = None) -> None:
        super().__init__(behaviour=behaviour, seed=seed, budget=budget, baseline=None)

    def _cost(self) -> int:
        return 1

    def _ask(self, forward: EmbeddingForward, embeddings: torch.Tensor, baseline: torch.Tensor) -> CaptumFindings:
        from captum.attr import Saliency as Captum

        return CaptumFindings(Captum(forward).attribute(embeddings, abs=True))

    def _meaning(self, v: Prediction) -> Meaning:
        return Meaning("size of the gradient", f"{v.behaviour.unit} per embedding", signed=False)


@final
class InputXGradient(GradientExplainer):
    """Score each unit by its embedding times the gradient there: the slope of the answer as it fades.

    Args:
        behaviour: which number is watched; None for the log-odds, or for scores the score.
        seed: recorded; nothing is drawn.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: captum is not installed.
    Source: Shrikumar et al. 2016; Denil et al. 2014. Deviations: none.
    Cost: one row, forth and back, and one for the text.
    """

    name: ClassVar[str] = "input-x-gradient"
    summary: ClassVar[str] = "the gradient along a word's vector"
    cost: ClassVar[str] = "1 row, forth and back"

    def __init__(self, *, behaviour: str | Behaviour | None = None, seed: int = 0, budget: int | None = None) -> None:
        super().__init__(behaviour=behaviour, seed=seed, budget=budget, baseline=None)

    def _cost(self) -> int:
        return 1

    def _ask(self, forward: EmbeddingForward, embeddings: torch.Tensor, baseline: torch.Tensor) -> CaptumFindings:
        from captum.attr import InputXGradient as Captum

        return CaptumFindings(Captum(forward).attribute(embeddings))


@final
class IntegratedGradients(GradientExplainer):
    """Score each unit by its gradients along the way from a baseline; they add up to the answer's change.

    Args:
        n_steps: points on the way.
        baseline: what every unit is at its start: "zero", "pad" or "mask"; special tokens stay as they are.
        behaviour: which number is watched; None for the log-odds, or for scores the score.
        seed: recorded; nothing is drawn.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: an option is out of range, or captum is not installed.
    Source: Sundararajan et al. 2017. Deviations: special tokens do not fade.
    Cost: n_steps rows forth and back, two to check the sum, and one for the text.
    """

    name: ClassVar[str] = "integrated-gradients"
    summary: ClassVar[str] = "the gradient on the way from a baseline"
    cost: ClassVar[str] = f"{POINTS + CHECKS} rows, forth and back"

    def __init__(
        self,
        *,
        n_steps: int = POINTS,
        baseline: str = "zero",
        behaviour: str | Behaviour | None = None,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        require_count("n_steps", n_steps, 1)
        require_one_of("baseline", baseline, BASELINES)
        self.n_steps = n_steps
        super().__init__(behaviour=behaviour, seed=seed, budget=budget, baseline=baseline)

    def _settings(self) -> dict[str, Any]:
        return {"n_steps": self.n_steps, "baseline": self.baseline}

    def _cost(self) -> int:
        return self.n_steps + CHECKS

    def _ask(self, forward: EmbeddingForward, embeddings: torch.Tensor, baseline: torch.Tensor) -> CaptumFindings:
        from captum.attr import IntegratedGradients as Captum

        found, delta = Captum(forward).attribute(
            embeddings,
            baseline,
            n_steps=self.n_steps,
            internal_batch_size=rows_at_once(embeddings),
            return_convergence_delta=True,
        )
        return CaptumFindings(found, float(delta))

    def _meaning(self, v: Prediction) -> Meaning:
        return change_in(v.behaviour.name, v.behaviour.unit, adds_up_to=_SUM)

    def _remark(self, sum_: float, change: float, unit: str) -> str:
        return (
            f"integrated gradients add up to {sum_:.3g} {unit} where the answer changed by {change:.3g}: "
            f"raise n_steps above {self.n_steps}"
        )


@final
class GradientShap(GradientExplainer):
    """Score each unit by gradients at random points on the way from a baseline to the text with some noise.

    Args:
        n_samples: random points.
        noise: standard deviation of what is added to the embeddings, over that of their entries.
        baseline: what every unit is at its start: "zero", "pad" or "mask"; special tokens do not fade.
        behaviour: which number is watched; None for the log-odds, or for scores the score.
        seed: of the points and the noise.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: an option is out of range, or captum is not installed.
    Source: Lundberg & Lee 2017; Erion et al. 2021. Deviations: one baseline, not a distribution of them.
    Cost: n_samples rows forth and back, two to check the sum, and one for the text.
    """

    name: ClassVar[str] = "gradient-shap"
    summary: ClassVar[str] = "the gradient at random points on the way from a baseline"
    cost: ClassVar[str] = f"{POINTS + CHECKS} rows, forth and back"

    def __init__(
        self,
        *,
        n_samples: int = POINTS,
        noise: float = 0.1,
        baseline: str = "zero",
        behaviour: str | Behaviour | None = None,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        require_count("n_samples", n_samples, 2)
        require_at_least("noise", noise, 0)
        require_one_of("baseline", baseline, BASELINES)
        self.n_samples, self.noise = n_samples, float(noise)
        super().__init__(behaviour=behaviour, seed=seed, budget=budget, baseline=baseline)

    def _settings(self) -> dict[str, Any]:
        return {"n_samples": self.n_samples, "noise": self.noise, "baseline": self.baseline}

    def _cost(self) -> int:
        return self.n_samples + CHECKS

    def _ask(self, forward: EmbeddingForward, embeddings: torch.Tensor, baseline: torch.Tensor) -> CaptumFindings:
        from captum.attr import GradientShap as Captum

        method = Captum(forward)
        spread = self.noise * float(embeddings.std())
        parts = []
        with _seeded(self.seed, embeddings.device):
            for start in range(0, self.n_samples, rows_at_once(embeddings)):
                n = min(self.n_samples - start, rows_at_once(embeddings))
                copies = embeddings.expand(n, -1, -1).clone()
                parts.append(method.attribute(copies, baseline, n_samples=1, stdevs=spread).detach())
        found = torch.cat(parts)
        delta = method.compute_convergence_delta(found.mean(0, keepdim=True), baseline, embeddings)
        return CaptumFindings(found, float(delta))

    def _meaning(self, v: Prediction) -> Meaning:
        return change_in(v.behaviour.name, v.behaviour.unit, adds_up_to=_SUM)

    def _remark(self, sum_: float, change: float, unit: str) -> str:
        return (
            f"gradient SHAP adds up to {sum_:.3g} {unit} where the answer changed by {change:.3g}: "
            f"raise n_samples above {self.n_samples} or lower noise below {self.noise:g}"
        )


@final
class DeepLift(GradientExplainer):
    """Score each unit by differences of activations from those of a baseline, passed back through the layers.

    captum has rules for ReLU, ELU, leaky ReLU, sigmoid, tanh, softplus, max pooling and softmax where they are modules
    of their own, each used once. All else that is no straight line (layer normalisation, GELU, attention) is passed by
    its gradient, so that scores need not add up to the answer's change. Where they do not, a note and a warning say so.

    Args:
        baseline: what every unit is compared with: "zero", "pad" or "mask"; special tokens stay as they are.
        behaviour: which number is watched; None for the log-odds, or for scores the score.
        seed: recorded; nothing is drawn.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: an option is out of range, or captum is not installed.
    Source: Shrikumar et al. 2017, the rescale rule. Deviations: none where the rules hold.
    Cost: two rows forth and back, two to check the sum, and one for the text.
    """

    name: ClassVar[str] = "deep-lift"
    summary: ClassVar[str] = "differences to a baseline, layer by layer"
    cost: ClassVar[str] = f"{2 + CHECKS} rows, forth and back"
    private: ClassVar[bool] = True

    def __init__(
        self,
        *,
        baseline: str = "zero",
        behaviour: str | Behaviour | None = None,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        require_one_of("baseline", baseline, BASELINES)
        super().__init__(behaviour=behaviour, seed=seed, budget=budget, baseline=baseline)

    def _settings(self) -> dict[str, Any]:
        return {"baseline": self.baseline}

    def _cost(self) -> int:
        return 2 + CHECKS

    def _ask(self, forward: EmbeddingForward, embeddings: torch.Tensor, baseline: torch.Tensor) -> CaptumFindings:
        from captum.attr import DeepLift as Captum

        try:
            found, delta = Captum(forward).attribute(embeddings, baseline, return_convergence_delta=True)
        except RuntimeError as error:
            if "used more than once" not in str(error):
                raise
            raise UnsupportedError(
                "captum's DeepLIFT cannot explain a model that uses one activation module more than once; "
                "use 'integrated-gradients'"
            ) from error
        return CaptumFindings(found, float(delta))

    def _remark(self, sum_: float, change: float, unit: str) -> str:
        return (
            f"DeepLIFT's rules do not hold for this model: its scores add up to {sum_:.3g} {unit} where the answer "
            f"changed by {change:.3g}; 'integrated-gradients' keeps this sum"
        )


GRADIENTS = tuple(m.name for m in (Saliency, InputXGradient, IntegratedGradients, GradientShap, DeepLift))


@contextmanager
def _seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Give captum, which draws from the global generators, seeded ones; afterwards they are as they were."""
    state = np.random.get_state()
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        np.random.seed(seed % (1 << 32))
        try:
            yield
        finally:
            np.random.set_state(state)
