"""What was learnt of a model on other texts: how it takes to each candidate, wherever that stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats
from elision.explainers.marginalization.surrogate import NOISE, SHARED, Prior

_SHRUNK, _SCALE, _OUTLIERS = 0.1, 0.5, 0.004
"""Once warm: the prior standard deviations of what a text changes in the shared weights and of a unit's scale, and the
share of candidates that still surprise. Choices; docs/performance.md has what they give on other sentences."""


@dataclass(frozen=True, eq=False)
class WarmStart:
    """Ridge regression of answers, as a link has them, on what a gradient predicts and all components.

    Each unit has an intercept of its own.

    Attributes:
        precision: float64 (d, d), of what was observed and of the prior.
        target: float64 (d, c).
        unit: float64 (c,), the link's, which the first text settled.
        n_texts: how many texts it was learnt from.
    """

    precision: Floats
    target: Floats
    unit: Floats
    n_texts: int = 0

    @classmethod
    def cold(cls, n_features: int, unit: Floats) -> WarmStart:
        """Return what is known before the first text: d features, the unit (c,) in which c labels are fitted."""
        return cls(np.eye(n_features), np.zeros((n_features, len(unit))), unit)

    def learn(self, units: Sequence[tuple[NDArray[np.float32], Floats]]) -> WarmStart:
        """Return what is known after one more text.

        Args:
            units: for each unit features float32 (n, d) of the candidates evaluated, and their answers, float64 (n, c),
                as the link has them.
        """
        precision, target = self.precision.copy(), self.target.copy()
        for features, said in units:
            x = SHARED * (features - features.mean(axis=0)).astype(np.float64)
            precision += x.T @ x / NOISE**2
            target += x.T @ said / NOISE**2
        return WarmStart(precision, target, self.unit, self.n_texts + 1)

    def weights(self) -> Floats:
        """Return the posterior mean float64 (d, c), in units of SHARED."""
        return np.asarray(np.linalg.solve(self.precision, self.target))


def warm_prior(weights: Floats, n_directions: int, n_predicted: int, n_components: int) -> Prior:
    """Return the prior of a new text's shared weights.

    Its features are directions, what the gradient predicts, components, and for each label the warm prediction.

    Args:
        weights: float64 (n_predicted + all components, c), as `WarmStart.weights` gives them.
        n_directions: of the text's own.
        n_predicted: labels whose change a gradient predicts.
        n_components: leading components among the text's features.
    """
    c = weights.shape[1]
    mean = np.concatenate(
        [np.zeros((n_directions, c)), weights[:n_predicted], np.zeros((n_components, c)), np.eye(c) / SHARED]
    )
    spread = [np.ones(n_directions + n_predicted), np.full(n_components, _SHRUNK), np.ones(c)]
    return Prior(mean, np.concatenate(spread), _SCALE, _OUTLIERS)
