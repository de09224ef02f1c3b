"""LIME: which words a linear model near the text goes by."""

from __future__ import annotations

from typing import Any, ClassVar, final

from elision.approximators.lime import LocalRegression
from elision.approximators.subsets import Approximator
from elision.errors import require_at_least, require_count, require_positive
from elision.explainers.approximated import DEFAULT_SAMPLES, attribute, default_samples
from elision.explainers.explainer import Attribution
from elision.explainers.game_explainer import GameExplainer
from elision.game.behaviour import Behaviour
from elision.game.driver import Conversation
from elision.game.value import ValueFunction
from elision.removal.removal import Removal

KERNEL_WIDTH = 25.0
"""The lime package's default for texts."""


@final
class Lime(GameExplainer):
    """Score each unit by its coefficient in a ridge regression of v on which units are there.

    Rows are drawn over the units of both texts of a pair together: how many are left out, 1 to u alike, then which.
    They weigh sqrt(exp(-d^2 / kernel_width^2)), d being 100 times the cosine distance to the untouched example. A
    subset drawn twice goes through the model once and weighs twice. The standard error holds what the draws may have
    moved a coefficient by, and what the penalty takes off it.

    Args:
        n_samples: rows of the regression, with the untouched example; None for 2 u + 2048, with which the other
            sampled methods compare (the lime package takes 5000). A budget that is smaller lowers it.
        kernel_width: the wider, the more the far rows weigh.
        alpha: the ridge's penalty; 0 for none.
        n_features: how many units have scores: those that weigh most, fitted again without the others, whose
            standard errors stay those of the first fit. None for all units.
        removal: what stands where a unit is absent; None for "drop", or "delete" for a model that reads texts, as
            the lime package does: most rows lack many units at once.
        behaviour: which number is watched; None for the log-odds, or for scores the score; "probability" is the lime
            package's.
        seed: of the draws.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: an option is out of range.
    Source: Ribeiro et al. 2016. Deviations: log-odds by default; standard errors.
    Cost: at most n_samples rows.
    """

    name: ClassVar[str] = "lime"
    summary: ClassVar[str] = "weights of a local linear model"
    cost: ClassVar[str] = f"{DEFAULT_SAMPLES} rows at most"

    def __init__(
        self,
        *,
        n_samples: int | None = None,
        kernel_width: float = KERNEL_WIDTH,
        alpha: float = 1.0,
        n_features: int | None = None,
        removal: str | Removal | None = None,
        behaviour: str | Behaviour | None = None,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        require_count("n_samples", 2 if n_samples is None else n_samples, 2)
        require_count("n_features", 1 if n_features is None else n_features, 1)
        require_count("budget", 1 if budget is None else budget, 1)
        require_count("seed", seed, 0)
        require_positive("kernel_width", kernel_width)
        require_at_least("alpha", alpha, 0)
        self.n_samples, self.n_features = n_samples, n_features
        self.kernel_width, self.alpha = float(kernel_width), float(alpha)
        super().__init__(removal=removal, behaviour=behaviour, seed=seed, budget=budget)

    def _settings(self) -> dict[str, Any]:
        return {
            "n_samples": self.n_samples,
            "kernel_width": self.kernel_width,
            "alpha": self.alpha,
            "n_features": self.n_features,
        }

    def expected_rows(self, n_units: int) -> int:
        """Return how many rows go through the model at most."""
        return self.n_samples or default_samples(n_units)

    def ask(self, v: ValueFunction) -> Conversation[Attribution]:
        """Ask about subsets of units, and return the scores."""
        u = len(v.units)

        def make(n: int) -> Approximator:
            return LocalRegression(
                u,
                n,
                kernel_width=self.kernel_width,
                alpha=self.alpha,
                n_features=self.n_features,
                seed=self.seed,
            )

        with v.engine.progress.expect(self.name):
            return (yield from attribute(v, make, self.expected_rows(u), least=2, record={}))
