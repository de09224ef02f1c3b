"""Word masks: how much each word is worth keeping, one by one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar, final

import numpy as np

from elision.arrays import Bools, Floats
from elision.errors import BudgetError, OptionError, require_count, require_one_of, require_positive
from elision.explainers.explainer import Attribution
from elision.explainers.game_explainer import GameExplainer
from elision.explainers.masks.lattice import evaluate
from elision.explainers.masks.mean_field import MeanField, exact_mean_field, sampled_mean_field
from elision.explainers.masks.sampling import MaskLosses, Sampling, sample_words
from elision.explainers.masks.sides import SHARE_REMOVED
from elision.game.behaviour import Behaviour
from elision.game.driver import Conversation
from elision.game.value import ValueFunction
from elision.removal import make_removal
from elision.removal.removal import Removal
from elision.results.meaning import Meaning

SOLVERS = ("values", "sampling")
N_SAMPLES, N_EPOCHS = 64, 8
MOST_ROWS = N_SAMPLES * N_EPOCHS
"""Rows of the values solver: 8 steps of 64 masks. A choice, by cost."""


@final
class WordMasks(GameExplainer):
    """Fit one Bernoulli mask a unit, so that the model still answers the same: the papers' IMASK.

    The probabilities q of being kept minimise E[loss] - entropy_weight sum_j H(q_j): without the entropies all would
    be kept. The solver "values" needs no gradient and works with any model; where all subsets cost no more than its
    samples it asks for all of them and nothing is sampled. The solver "sampling" is the Gumbel-softmax.

    Args:
        solver: "values", "sampling" or a `Sampling` with its settings.
        entropy_weight: of the masks' entropies, in the loss's unit for each nat.
        n_samples: masks a step of the solver "values".
        n_epochs: its steps.
        removal: what stands where a unit is absent; None for "drop", or "delete" for a model that reads texts, or
            "zero" with the sampling solver, which can do no other.
        behaviour: which number is watched; its negative is the loss. None for the cross entropy, or for scores the
            score.
        seed: of all draws.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: an option is out of range, or two do not go together.
    Source: Chen & Ji 2020; Chen et al. 2021, Section 3.3. Deviations: the solver "values".
    Cost: n_samples n_epochs rows at the most; the sampling solver's go forth and back.
    """

    name: ClassVar[str] = "word-masks"
    default_behaviour: ClassVar[str] = "log_probability"
    summary: ClassVar[str] = "a mask for each word that keeps the answer"
    cost: ClassVar[str] = f"{MOST_ROWS} rows at most"

    def __init__(
        self,
        *,
        solver: str | Sampling = "values",
        entropy_weight: float = 1.0,
        n_samples: int = N_SAMPLES,
        n_epochs: int = N_EPOCHS,
        removal: str | Removal | None = None,
        behaviour: str | Behaviour | None = None,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        require_count("n_samples", n_samples, 2)
        require_count("n_epochs", n_epochs, 1)
        require_positive("entropy_weight", entropy_weight)
        self.sampling = choose_sampling(solver, SOLVERS)
        self.entropy_weight = float(entropy_weight)
        self.n_samples, self.n_epochs = n_samples, n_epochs
        super().__init__(
            removal=zero_only(self.sampling, removal, SOLVERS[0]), behaviour=behaviour, seed=seed, budget=budget
        )
        self.needs_gradients = self.sampling is not None

    def _settings(self) -> dict[str, Any]:
        if self.sampling is not None:
            own: Any = {"name": "sampling", **asdict(self.sampling)}
        else:
            own = {"name": "values", "n_samples": self.n_samples, "n_epochs": self.n_epochs}
        return {"solver": own, "entropy_weight": self.entropy_weight}

    def expected_rows(self, n_units: int) -> int:
        """Return how many rows go through the model at most."""
        return self.most_evaluations(n_units)

    def most_evaluations(self, n_units: int) -> int:
        """Return how many rows the solver takes at most; a marginal removal takes as many for each draw."""
        if self.sampling is not None:
            return min(self.sampling.n_samples * self.sampling.n_epochs, 1 << min(n_units, 60))
        return min(self.n_samples * self.n_epochs, 1 << min(n_units, 60))

    def ask(self, v: ValueFunction) -> Conversation[Attribution]:
        """Ask about subsets of units, and return the scores."""
        with v.engine.progress.expect(self.name):
            try:
                found = (yield from self._values(v)) if self.sampling is None else self._sampled(v, self.sampling)
            except BudgetError as error:
                raise BudgetError(
                    f"a budget of {v.engine.budget} does not suffice: word masks take up to "
                    f"{self.most_evaluations(len(v.units))} model evaluations here; "
                    "raise it or lower n_samples"
                ) from error
        drawn = found.std_error is None and v.removal.averages
        return Attribution(
            scores=found.kept,
            std_error=found.std_error,
            notes=("the values rest on draws of the removal, whose error is not in the scores",) if drawn else (),
            meaning=Meaning("probability of being kept", "probability", signed=False, range=(0.0, 1.0)),
        )

    def _sampled(self, v: ValueFunction, settings: Sampling) -> MeanField:
        losses_of = losses_of_masks(v, np.arange(len(v.units)))
        fitted = sample_words(losses_of, len(v.units), settings, entropy_weight=self.entropy_weight, seed=self.seed)
        return MeanField(fitted.parameters[0][:, 1], None)

    def _values(self, v: ValueFunction) -> Conversation[MeanField]:
        u = len(v.units)
        if self.most_evaluations(u) == 1 << min(u, 60):
            lattice = yield from evaluate(v, range(u))
            return exact_mean_field(lattice.losses, entropy_weight=self.entropy_weight)
        fit = sampled_mean_field(
            u,
            entropy_weight=self.entropy_weight,
            n_samples=self.n_samples,
            n_epochs=self.n_epochs,
            seed=self.seed,
        )
        masks = next(fit)
        while True:
            values = yield masks
            try:
                masks = fit.send(-v.watch(values))
            except StopIteration as stop:
                found: MeanField = stop.value
                return found


def choose_sampling(solver: str | Sampling, names: tuple[str, ...]) -> Sampling | None:
    """Return the sampling solver's settings, or None where another solver is named.

    Raises:
        OptionError: no solver has the name.
    """
    if isinstance(solver, Sampling):
        return solver
    require_one_of("solver", solver, names)
    return Sampling() if solver == "sampling" else None


def zero_only(sampling: Sampling | None, removal: str | Removal | None, other: str) -> str | Removal | None:
    """Return the removal, which is "zero" for the sampling solver.

    Raises:
        OptionError: sampling is to go with another removal.
    """
    if sampling is None:
        return removal
    chosen = make_removal("zero" if removal is None else removal)
    if not chosen.silences:
        raise OptionError(f"solver='sampling' needs removal='zero', got {chosen.name!r}; solver={other!r} takes any")
    return chosen


def losses_of_masks(v: ValueFunction, chosen: Any, *, reserve: int = 0, sides: str = "kept") -> MaskLosses:
    """Return masks bool (n, k) over chosen units (k,) -> losses (n,) and derivatives (n, k); other units are absent.

    With both sides the loss is that of `elision.explainers.masks.sides`. It raises BudgetError where the budget would
    not leave model evaluations for `reserve` masks that come after.
    """
    rows = 2 if sides == "both" else 1

    def losses_of(masks: Bools) -> tuple[Floats, Floats]:
        if v.engine.remaining is not None and rows * (len(masks) + reserve) > v.engine.remaining:
            raise BudgetError(f"budget must leave {rows * reserve} model evaluations, got {v.engine.budget}")
        known = np.zeros((len(masks), len(v.units)), dtype=bool)
        known[:, chosen] = masks
        values, slopes = v.gradient(known)
        if sides == "both":
            others, by_others = v.gradient(~known, against=True)
            values = (1.0 - SHARE_REMOVED) * values + SHARE_REMOVED * others
            slopes = (1.0 - SHARE_REMOVED) * slopes - SHARE_REMOVED * by_others
        return -values, -slopes[:, chosen]

    return losses_of
