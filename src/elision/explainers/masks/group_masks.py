"""Group masks: which words of the two texts the model needs together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from operator import index
from typing import Any, ClassVar, final

import numpy as np

from elision.arrays import Floats
from elision.errors import BudgetError, OptionError, require_at_least, require_count, require_one_of
from elision.explainers.explainer import Attribution, Explainer
from elision.explainers.game_explainer import GameExplainer
from elision.explainers.masks.exact import RESTARTS, solve
from elision.explainers.masks.group_findings import (
    MEANING,
    find_groups,
    find_interactions,
    find_notes,
    find_posterior,
    group_record,
)
from elision.explainers.masks.lattice import evaluate, lattice_rows
from elision.explainers.masks.objective import group_objective, group_terms
from elision.explainers.masks.sampling import Sampling, sample_groups
from elision.explainers.masks.shortlist import ShortList, group_count, listed, shortlist
from elision.explainers.masks.sides import SIDES, ask_sides, total
from elision.explainers.masks.word_masks import MOST_ROWS, WordMasks, choose_sampling, losses_of_masks, zero_only
from elision.game.behaviour import Behaviour
from elision.game.driver import Conversation, on
from elision.game.value import ValueFunction
from elision.removal import make_removal
from elision.removal.removal import Removal

SHORT_LISTED = 10
"""Units whose 2^10 subsets are asked about. A choice, by cost."""
MOST_EXACT = 14
"""2^14 = 16,384 subsets is the most. A choice, by cost."""
SOLVERS = ("auto", "exact", "sampling")
ATTRIBUTIONS = ("posterior", "informed", "expected")


@final
class GroupMasks(GameExplainer):
    """Find groups of units, across both texts, on which alone the model still gives its answer: GMASK.

    Every unit belongs to one of t groups with probability phi, one group is kept with probability psi and all else is
    absent; phi and psi minimise E[loss] - gamma1 (H(ZU) + H(ZL)) + gamma2 H(G) (Eq. 7).

    The solver "exact" sends every subset of the k short-listed units through the model once and minimises Eq. 7 over
    the multilinear extension: no sampling noise, no gradient, any model. At its minimum one group has all importance
    and the rest is spread evenly, so groups are peeled: the best group's memberships are set aside, the rest is solved
    again with one group less, and psi is the softmax of minus the groups' losses. The solver "sampling" draws
    masks as the paper does; what its text leaves open is our choice (`elision.explainers.masks.sampling`).

    Args:
        k: units on the short-list, by default 10; with the exact solver at most 14. Of a pair at least one unit of each
            text is on it, whatever its rank; the paper takes the k best.
        n_groups: how many groups there are, t; None for min(k1, k2) of the two texts' short-listed units, as in the
            paper, but at least 2; for one text, which the paper does not treat, k // 2, at least 2.
        solver: "exact", "sampling" or a `Sampling` with its settings; "auto" takes the exact one, and sampling only
            where all subsets are too many (k over 14, or over the budget) and removal and model allow it.
        sides: "kept", as in the paper: a mask's loss is what the units that it keeps say alone. "both": half of that,
            and half of what the example says without them: minus the behaviour of any other answer on all units but
            those, the ones that are not short-listed included. Of a score, which has no other answers, half of what is
            left of it.
        shortlist: what ranks units for the short-list: an explainer, whose own budget does not count here, or the
            units' indices; None for `WordMasks`.
        removal: what stands where a unit is absent; None for "drop", or "delete" for a model that reads texts, or
            "zero" with the sampling solver, which can do no other.
        behaviour: which number is watched; its negative is the loss. None for the cross entropy, or for scores the
            score; with "probability" it is that of Eq. 3.
        attribution: "posterior": the probability that a unit was kept, given that the model still answered the same:
            E[w_j] under P(w) = rho^|w| (1 - rho)^(k - |w|) exp(-beta loss(w)), rho = 1 / max(t, 2). "informed": the
            same, but what the short-list's word masks keep is likelier: rho_j has the log-odds of rho and half of the
            word mask's. "expected": Eq. 8, theta = phi psi. None for "posterior" with the exact solver and "expected"
            with the other.
        gamma1: weight of the entropies of words over groups.
        gamma2: weight of the groups' entropy.
        beta: inverse temperature of the posterior.
        n_restarts: starts of the exact solver.
        seed: of random starts and draws.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: an option is out of range, or two do not go together.
    Source: Chen et al. 2021. Deviations: the exact solver, peeling and the posterior; a unit of each text on the
        short-list, and at least two groups; what the sampling solver adds; the second side of the loss. Eq. 7 itself is
        theirs.
    Cost: 2^k rows and the short-list's; or n_samples n_epochs rows, forth and back, at the most. Both sides take twice
        as many, but for the short-list's, and none more where all units are short-listed.
    """

    name: ClassVar[str] = "group-masks"
    default_behaviour: ClassVar[str] = "log_probability"
    summary: ClassVar[str] = "words that carry the answer together, across two texts"
    cost: ClassVar[str] = f"{1 << SHORT_LISTED:,} rows (both sides: twice), {MOST_ROWS} at most for the short-list"

    def __init__(
        self,
        *,
        k: int | None = None,
        n_groups: int | None = None,
        solver: str | Sampling = "auto",
        sides: str = "kept",
        shortlist: Explainer | Sequence[int] | None = None,
        removal: str | Removal | None = None,
        behaviour: str | Behaviour | None = None,
        attribution: str | None = None,
        gamma1: float = 10.0,
        gamma2: float = 1.0,
        beta: float = 1.0,
        n_restarts: int = RESTARTS,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        for name, count in (("k", k), ("n_groups", n_groups), ("n_restarts", n_restarts), ("budget", budget)):
            require_count(name, 1 if count is None else count, 1)
        for name, value in (("gamma1", gamma1), ("gamma2", gamma2), ("beta", beta)):
            require_at_least(name, value, 0)
        require_one_of("sides", sides, SIDES)
        self.sides = sides
        self.sampling = choose_sampling(solver, SOLVERS)
        self.solver = "sampling" if self.sampling is not None else str(solver)
        self.needs_gradients = self.sampling is not None
        self.attribution = _check_attribution(attribution, self.sampling)
        self.may_sample = attribution in (None, "expected")
        removal = zero_only(self.sampling, removal, "exact")
        super().__init__(removal=removal, behaviour=behaviour, seed=seed, budget=budget)
        self.ranking: Explainer | None = None
        self.named: tuple[int, ...] | None = None
        if shortlist is None:
            self.ranking = WordMasks(removal=removal, behaviour=behaviour, seed=seed)
        elif isinstance(shortlist, Explainer):
            self.ranking = shortlist
        else:
            self.named = _check_named(shortlist, k)
        self.k = len(self.named) if self.named is not None else SHORT_LISTED if k is None else k
        if self.solver == "exact" and self.k > MOST_EXACT:
            raise OptionError(f"k must be at most {MOST_EXACT} for solver='exact', {_TOO_MANY}; got {self.k}")
        if n_groups is not None and n_groups > self.k:
            raise OptionError(f"n_groups must be at most {self.k}, the units short-listed; got {n_groups}")
        if self.attribution == "informed" and not isinstance(self.ranking, WordMasks):
            raise OptionError("attribution='informed' needs a short-list by WordMasks")
        self.n_groups, self.n_restarts = n_groups, n_restarts
        self.gamma1, self.gamma2, self.beta = float(gamma1), float(gamma2), float(beta)

    def _settings(self) -> dict[str, Any]:
        return {
            "k": self.k,
            "n_groups": self.n_groups,
            "solver": self.solver if self.sampling is None else {"name": "sampling", **asdict(self.sampling)},
            "sides": self.sides,
            "shortlist": list(self.named or ()) if self.ranking is None else _describe(self.ranking),
            "attribution": self.attribution,
            "gamma1": self.gamma1,
            "gamma2": self.gamma2,
            "beta": self.beta,
            "n_restarts": self.n_restarts,
        }

    def expected_rows(self, n_units: int) -> int:
        """Return about how many rows go through the model: all subsets of the short-list, and what makes it."""
        ranked = 0 if self.ranking is None else self.ranking.expected_rows(n_units)
        return ranked + lattice_rows(min(self.k, n_units, MOST_EXACT), n_units, self.sides)

    def ask(self, v: ValueFunction) -> Conversation[Attribution]:
        """Ask about the short-list's subsets, and return groups, interactions and scores."""
        with v.engine.progress.expect(self.name):
            sampling = self._choose(v)
            game = v if sampling is None else v.variant(removal=make_removal("zero"))
            try:
                return (yield from self._solve(game, sampling))
            except BudgetError as error:
                raise BudgetError(
                    f"a budget of {v.engine.budget} does not suffice for k={self.k}: {self._cost(v)}; "
                    "raise it or lower k"
                ) from error

    def _choose(self, v: ValueFunction) -> Sampling | None:
        """Return the sampling solver's settings, or None for the exact solver.

        Raises:
            OptionError: only sampling could do it, and cannot either.
        """
        n = min(self.k, len(v.units))
        affordable = v.engine.budget is None or lattice_rows(n, len(v.units), self.sides) <= v.engine.budget
        if self.sampling is not None or self.solver == "exact" or (n <= MOST_EXACT and affordable):
            return self.sampling
        free = self.removal is None or self.removal.silences
        if free and v.model.gives_gradients and self.may_sample:
            return Sampling()
        if n > MOST_EXACT:
            raise OptionError(f"k must be at most {MOST_EXACT} here, {_TOO_MANY}; got {self.k}")
        return None

    def _cost(self, v: ValueFunction) -> str:
        """Return what a run takes at most, in words."""
        u = len(v.units)
        ranked = self.ranking.most_evaluations(u) if isinstance(self.ranking, WordMasks) else None
        parts = [] if ranked is None else [f"the short-list takes up to {ranked} model evaluations"]
        asked = "all subsets" if self.sides == "kept" else "all subsets, kept and removed,"
        return ", ".join([*parts, f"{asked} {lattice_rows(min(self.k, u), u, self.sides)}"])

    def _solve(self, v: ValueFunction, sampling: Sampling | None) -> Conversation[Attribution]:
        short, spent = yield from self._short_list(v)
        segments = np.array([v.units[unit].segment for unit in short.chosen])
        t = group_count(segments) if self.n_groups is None else self.n_groups
        if t > len(short.chosen):
            raise OptionError(f"n_groups must be at most {len(short.chosen)}, the units short-listed; got {t}")
        if sampling is None:
            found = yield from self._exact(v, short, segments, t)
        else:
            found = yield from self._sampled(v, short, segments, t, sampling)
        solver = "exact" if sampling is None else "sampling"
        found.record["removal"] = v.removal.describe()
        found.record["solution"] |= {
            "solver": solver,
            "attribution": self.attribution if sampling is None else "expected",
            "units": short.chosen.tolist(),
            "n_groups": t,
            "shortlist_evaluations": spent,
        }
        return found

    def _short_list(self, v: ValueFunction) -> Conversation[tuple[ShortList, int]]:
        """Ask for the short-list; return it, and the model evaluations that it took."""
        if self.named is not None:
            if self.named[-1] >= len(v.units):
                raise OptionError(f"shortlist names unit {self.named[-1]}, but the example has {len(v.units)} units")
            return listed(self.named, len(v.units)), 0
        assert self.ranking is not None
        before = v.evaluations
        segments = np.array([unit.segment for unit in v.units])
        ranking = yield from self._ranked(v, self.ranking)
        return shortlist(ranking.scores, segments, self.k, ranking.std_error), v.evaluations - before

    def _ranked(self, v: ValueFunction, method: Explainer) -> Conversation[Attribution]:
        """Ask what another explainer asks of the same example."""
        if not isinstance(method, GameExplainer):
            return (yield from method.conversation(v))
        game = v.variant(removal=method.removal, behaviour=method.watched(v.model))
        return (yield from on(game, method.ask(game)))

    def _exact(self, v: ValueFunction, short: ShortList, segments: Any, t: int) -> Conversation[Attribution]:
        lattice = yield from evaluate(v, short.chosen.tolist(), sides=self.sides)
        weights = {"gamma1": self.gamma1, "gamma2": self.gamma2}
        solution = solve(lattice.losses, segments, t, n_restarts=self.n_restarts, seed=self.seed, **weights)
        shown = group_objective(lattice.losses, solution.membership, solution.importance, segments, **weights)
        fields: dict[str, Any] = {"scores": short.spread(solution.membership @ solution.importance, rank=True)}
        if self.attribution != "expected":
            fields = find_posterior(v, lattice, short, rho=self._prior(short, t), beta=self.beta)
        reached = solution.restarts
        return Attribution(
            groups=find_groups(v, short, solution.membership, solution.importance, solution.losses),
            interactions=find_interactions(v, lattice),
            notes=find_notes(v, short, self.sides, drawn=lattice.drawn),
            meaning=MEANING,
            record=group_record(
                shown,
                minimum=asdict(solution.optimum),
                restarts={
                    "n": len(reached),
                    "best": float(reached[0]),
                    "median": float(np.median(reached)),
                    "worst": float(reached[-1]),
                },
                converged=solution.converged,
            ),
            **fields,
        )

    def _prior(self, short: ShortList, t: int) -> Floats:
        """Return rho (k,)."""
        rho = np.full(len(short.chosen), 1.0 / max(t, 2))
        if self.attribution == "posterior" or short.scores is None:
            return rho
        kept = np.clip(short.scores[short.chosen], 1e-6, 1.0 - 1e-6)
        odds = rho / (1.0 - rho) * np.sqrt(kept / (1.0 - kept))
        return np.asarray(odds / (1.0 + odds))

    def _sampled(
        self, v: ValueFunction, short: ShortList, segments: Any, t: int, sampling: Sampling
    ) -> Conversation[Attribution]:
        weights = {"gamma1": self.gamma1, "gamma2": self.gamma2}
        losses_of = losses_of_masks(v, short.chosen, reserve=t, sides=self.sides)
        fitted = sample_groups(losses_of, segments, t, sampling, seed=self.seed, **weights)
        membership, importance = fitted.parameters
        order = np.argsort(-importance, kind="stable")
        membership, importance = membership[:, order], importance[order]
        alone = np.zeros((t, len(v.units)), dtype=bool)
        alone[membership.argmax(axis=1), short.chosen] = True
        notes = find_notes(v, short, self.sides)
        if self.sampling is None:
            notes += ("solved by sampling with removal 'zero', since all subsets are beyond the budget or too many",)
        parts = yield from ask_sides(v, alone, self.sides)
        return Attribution(
            scores=short.spread(membership @ importance, rank=True),
            groups=find_groups(v, short, membership, importance, total(parts, v.behaviour, v.target)),
            notes=notes,
            meaning=MEANING,
            record=group_record(
                group_terms(fitted.loss, membership, importance, segments, **weights),
                loss_std_error=fitted.std_error,
                n_epochs=fitted.n_epochs,
                converged=fitted.converged,
            ),
        )


_TOO_MANY = "which asks for all 2^k subsets"


def _describe(ranking: Explainer) -> dict[str, Any]:
    """Return an explainer's settings, for provenance."""
    return {
        "method": ranking.name,
        **ranking._settings(),
        "removal": removal.describe() if (removal := getattr(ranking, "removal", None)) is not None else None,
        "behaviour": None if ranking.behaviour is None else ranking.behaviour.name,
        "seed": ranking.seed,
    }


def _check_named(units: Sequence[int], k: int | None) -> tuple[int, ...]:
    """Return the indices of short-listed units, ascending."""
    try:
        named = sorted(index(unit) for unit in units)
    except TypeError as error:
        raise OptionError(f"shortlist must be an explainer or indices of units, got {units!r:.60}") from error
    if not named or named[0] < 0 or len(set(named)) < len(named):
        raise OptionError(f"shortlist must name different units by their indices, got {units!r:.60}")
    if k not in (None, len(named)):
        raise OptionError(f"shortlist names {len(named)} units, but k is {k}; leave k out")
    return tuple(named)


def _check_attribution(attribution: str | None, sampling: Sampling | None) -> str:
    if attribution is None:
        return "posterior" if sampling is None else "expected"
    require_one_of("attribution", attribution, ATTRIBUTIONS)
    if attribution != "expected" and sampling is not None:
        raise OptionError(f"attribution={attribution!r} needs solver='exact', which asks for every subset")
    return attribution
