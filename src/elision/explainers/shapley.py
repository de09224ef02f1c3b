"""Shapley values: each unit's mean contribution, whatever units are there already."""

from __future__ import annotations

from typing import Any, ClassVar, final

from elision.approximators.exact import Exact
from elision.approximators.kernel import Kernel, least_kernel
from elision.approximators.permutation import Permutation, least_permutation
from elision.approximators.subsets import Approximator
from elision.errors import BudgetError, OptionError, require_count, require_one_of
from elision.explainers.approximated import DEFAULT_SAMPLES, attribute, default_samples
from elision.explainers.explainer import Attribution
from elision.explainers.game_explainer import GameExplainer
from elision.game.behaviour import Behaviour
from elision.game.driver import Conversation
from elision.game.value import ValueFunction
from elision.removal.removal import Removal
from elision.results.meaning import change_in

ESTIMATORS = ("auto", "exact", "kernel", "permutation")
MOST_BY_DEFAULT = 12
"""Units up to which all subsets are asked about: exact at twice the rows of sampling. A choice."""
MOST_EXACT = 16
"""2^16 subsets is the most that is asked about, whoever asks for it. A choice."""
_SUM = "the answer's change from no words to all"


@final
class Shapley(GameExplainer):
    """Score each unit by its Shapley value; the scores sum to v(all) - v(none).

    Estimators: "exact" asks about all subsets; "kernel" is KernelSHAP, a regression with the Shapley kernel on paired
    subsets whose scores' sum is held; "permutation" is the mean over random orders, each with its reverse. Both give
    standard errors. "auto" is exact up to 12 units, and KernelSHAP for more, or where n_samples or budget are too
    small for all subsets.

    Args:
        estimator: "auto", "exact", "kernel" or "permutation".
        n_samples: the most subsets of a sampling estimator, other than no units and all; None for 2 u + 2048, and at
            least ten pairs of orders. A budget that is smaller lowers it.
        removal: what stands where a unit is absent; None for "drop", or "delete" for a model that reads texts: most
            subsets lack many units at once, and these make no input of many special tokens.
        behaviour: which number is watched; None for the log-odds, of which the scores explain sums, or for scores the
            score.
        seed: of the draws.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: an option is out of range, or too small for the example's units.
    Source: Shapley 1953; Lundberg & Lee 2017; Covert & Lee 2021; Castro et al. 2009. Deviations: see the approximators.
    Cost: 2^u rows, or n_samples + 2.
    """

    name: ClassVar[str] = "shapley"
    summary: ClassVar[str] = "each word's fair share of the answer"
    cost: ClassVar[str] = f"2^u rows to {MOST_BY_DEFAULT} words, then {DEFAULT_SAMPLES}"

    def __init__(
        self,
        *,
        estimator: str = "auto",
        n_samples: int | None = None,
        removal: str | Removal | None = None,
        behaviour: str | Behaviour | None = None,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        require_one_of("estimator", estimator, ESTIMATORS)
        require_count("n_samples", 1 if n_samples is None else n_samples, 1)
        require_count("budget", 1 if budget is None else budget, 1)
        require_count("seed", seed, 0)
        if estimator == "exact" and n_samples is not None:
            raise OptionError(f"n_samples does not go with estimator='exact', which asks about all; got {n_samples}")
        self.estimator, self.n_samples = estimator, n_samples
        super().__init__(removal=removal, behaviour=behaviour, seed=seed, budget=budget)

    def _settings(self) -> dict[str, Any]:
        return {"estimator": self.estimator, "n_samples": self.n_samples}

    def expected_rows(self, n_units: int) -> int:
        """Return about how many rows go through the model, without a budget."""
        wanted = self.n_samples or default_samples(n_units)
        exact = self.estimator == "exact" or (self.estimator == "auto" and n_units <= MOST_BY_DEFAULT)
        return 1 << min(n_units, MOST_EXACT) if exact and self.n_samples is None else wanted

    def ask(self, v: ValueFunction) -> Conversation[Attribution]:
        """Ask about subsets of units, and return the scores."""
        with v.engine.progress.expect(self.name):
            if self._may_be_exact(v):
                try:
                    return (yield from self._estimate(v, "exact"))
                except BudgetError:
                    if self.estimator == "exact":
                        raise
            return (yield from self._estimate(v, "kernel" if self.estimator == "auto" else self.estimator))

    def _estimate(self, v: ValueFunction, estimator: str) -> Conversation[Attribution]:
        u = len(v.units)
        least = {"exact": 1 << min(u, 60), "kernel": least_kernel(u), "permutation": least_permutation(u)}[estimator]
        n_samples = least if estimator == "exact" else self._count(u, estimator, least)

        def make(n: int) -> Approximator:
            if estimator == "exact":
                return Exact(u)
            return Kernel(u, n, seed=self.seed) if estimator == "kernel" else Permutation(u, n, seed=self.seed)

        meaning = change_in(v.behaviour.name, v.behaviour.unit, adds_up_to=_SUM)
        record = {"estimator": estimator}
        return (yield from attribute(v, make, n_samples, least=least, record=record, meaning=meaning))

    def _count(self, n_units: int, estimator: str, least: int) -> int:
        """Return how many samples are wanted.

        Raises:
            OptionError: n_samples is too small for the units.
        """
        if self.n_samples is None:
            orders = 20 * (n_units - 1) if estimator == "permutation" else 0
            return max(default_samples(n_units), orders)
        if self.n_samples < least:
            raise OptionError(
                f"n_samples must be at least {least} for estimator={estimator!r} with {n_units} units, "
                f"got {self.n_samples}"
            )
        return self.n_samples

    def _may_be_exact(self, v: ValueFunction) -> bool:
        """Return whether all subsets are wanted, and are not too many from the start.

        Raises:
            OptionError: all were asked for, and are too many.
        """
        u, budget = len(v.units), v.engine.budget
        if self.estimator == "exact" and u > MOST_EXACT:
            raise OptionError(
                f"estimator='exact' takes at most {MOST_EXACT} units, {1 << MOST_EXACT} subsets; this example has {u}; "
                "use estimator='kernel' or 'permutation'"
            )
        if self.estimator != "auto" or u > MOST_BY_DEFAULT:
            return self.estimator == "exact"
        few = self.n_samples is not None and self.n_samples < (1 << u) - 2
        return not few and (budget is None or v.cost(Exact(u).known) <= budget)
