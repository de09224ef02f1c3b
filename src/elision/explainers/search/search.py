"""Search: the order of units whose top parts keep the answer alone, and whose absence takes it."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from elision.approximators.orders import Worth, both_sides
from elision.approximators.seek import BEAM, EXACT_UNITS, SUBSETS_A_UNIT, seek
from elision.errors import BudgetError, OptionError, UnsupportedError, require_at_least, require_count, require_one_of
from elision.explainers.explainer import Attribution
from elision.explainers.game_explainer import GameExplainer
from elision.explainers.search.games import Games
from elision.explainers.search.rationales import find_rationales
from elision.explainers.search.scores import score_order
from elision.game.behaviour import Behaviour
from elision.game.driver import Conversation
from elision.game.value import ValueFunction
from elision.models.encoding import Encoding
from elision.models.model import Model
from elision.removal.mixture import Mixture
from elision.removal.registry import make_removal
from elision.removal.removal import Removal

SOLVERS = ("auto", "exact", "guided", "beam", "local")
REMOVED_SHARE = 0.8
"""How much the removed side weighs. A choice; `python benchmarks/search.py --tune` has others beside it."""
WAYS = ("drop", "mask", "delete")
"""The removals that are asked about unless told, those of them that the model has."""
ROWS_A_UNIT = 25
"""With three removals, as found by `python benchmarks/search.py`."""
_LONGEST = 1000
"""Rounds of the solver "local" at most; some ten suffice for twenty units."""


@final
class Search(GameExplainer):
    """Seek the order of units whose top parts keep the answer best, and take it with them best, under several removals.

    F(S) = (1 - removed_share) v(S) - removed_share v(all but S), with v averaged over the removals; the best order has
    the largest sum of F over its top parts S_1, S_2, ... Its scores are what each unit adds along it, on both sides,
    pooled where they rise; they add up to v(all) - v(none). Beside them stand the smallest sets that were found on
    which alone the answer stays, and without which it is gone.

    It is the ceiling of the metrics that remove units, since it searches for what they reward: where it leads, that
    is what it does. That its order holds under a removal that it did not ask about, is not.

    Args:
        removed_share: how much the side counts on which the top units are absent, 0 to 1; at 0 only what they keep
            alone counts, at 1 only what goes with them.
        front: how much more the front of the order counts: the top k units weigh k^-front; 0 for all alike.
        k: seek the best set of k units, whatever their order: those of the best order are exchanged with others until
            none helps; None for an order.
        solver: "exact" asks about all subsets, for up to 12 units; "guided" lets a surrogate propose orders and asks
            about the sets along them until nothing new is proposed; "beam" asks about every set that lengthens the
            best orders so far; "local" moves single units of the guided order until none helps, at some u^2 sets a
            round. "auto" takes the exact one where it costs no more than the guided one may, and the guided one
            elsewhere.
        beam: orders that are followed at once.
        removal: what stands where a unit is absent; None for the mean of those of "drop", "mask" and "delete" that the
            model has, as "drop+mask+delete" says it.
        behaviour: which number is watched; None for the probability, or for scores the score.
        seed: of a removal's draws.
        budget: the most model evaluations, or None.
    Raises:
        OptionError: an option is out of range, or two do not go together.
    Source: Zhou & Shah 2023; Hase et al. 2021. Deviations: both sides, several removals, the surrogate; scores.
    Cost: some 25 rows a unit with three removals and 10 with one, about 40 at most; a marginal removal takes as many
        for each draw.
    """

    name: ClassVar[str] = "search"
    default_behaviour: ClassVar[str] = "probability"
    searches: ClassVar[bool] = True
    summary: ClassVar[str] = (
        "what each word adds to those before it, in the order that keeps the answer and takes it best; words that add "
        "more jointly share it"
    )
    cost: ClassVar[str] = f"some {ROWS_A_UNIT} u rows"

    def __init__(
        self,
        *,
        removed_share: float = REMOVED_SHARE,
        front: float = 0.0,
        k: int | None = None,
        solver: str = "auto",
        beam: int = BEAM,
        removal: str | Removal | None = None,
        behaviour: str | Behaviour | None = None,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        require_at_least("removed_share", removed_share, 0)
        if removed_share > 1:
            raise OptionError(f"removed_share must be at most 1, got {removed_share:g}")
        require_at_least("front", front, 0)
        for name, count in (("k", k), ("budget", budget)):
            require_count(name, 1 if count is None else count, 1)
        require_count("beam", beam, 1)
        require_one_of("solver", solver, SOLVERS)
        self.removed_share, self.front, self.k = float(removed_share), float(front), k
        self.solver, self.beam = solver, beam
        super().__init__(removal=removal, behaviour=behaviour, seed=seed, budget=budget)

    def _settings(self) -> dict[str, Any]:
        return {
            "removed_share": self.removed_share,
            "front": self.front,
            "k": self.k,
            "solver": self.solver,
            "beam": self.beam,
        }

    def _default_removal(self, model: Model, encoding: Encoding) -> str | Removal:
        found = []
        for name in WAYS:
            try:
                removal = make_removal(name)
                removal.bind(model, encoding, seed=0)
            except UnsupportedError:
                continue
            found.append(removal)
        return found[0] if len(found) == 1 else Mixture(found)

    def expected_rows(self, n_units: int) -> int:
        """Return about how many rows go through the model."""
        return min(ROWS_A_UNIT * n_units, 3 << min(n_units, 60))

    def ask(self, v: ValueFunction) -> Conversation[Attribution]:
        """Ask about sets of units, and return the order's scores and the smallest sets."""
        u = len(v.units)
        games = Games(v)
        with v.engine.progress.expect(self.name):
            try:
                sought = yield from games.hold(self._seek(games, u))
                found = yield from score_order(games, sought.order, self.removed_share)
                rationales, notes = yield from find_rationales(games, sought)
            except BudgetError as error:
                raise BudgetError(
                    f"a budget of {v.engine.budget} does not suffice: {error}; raise it, or take one removal"
                ) from error
        return Attribution(
            findings=() if rationales is None else (rationales,),
            notes=(*found.pop("notes"), *notes),
            record={
                "solution": {
                    "solver": sought.solver,
                    "converged": sought.converged,
                    "order": sought.order.tolist(),
                    "n_subsets": sought.n_asked,
                }
            },
            **found,
        )

    def _seek(self, games: Games, u: int) -> Any:
        """Return the search that is to be held."""
        worth = both_sides(u, self.removed_share, self.front)
        final = None if self.k is None else _of_size(worth, min(self.k, u))
        most = SUBSETS_A_UNIT * u
        along = 2 * (u - 1) * len(games)
        if (left := games.questions_left) is not None:
            most = min(most, left - along + len(games))  # The whole text costs nothing.
        solver = self._choose(u, len(games), most)
        least = (2 * u + 2) * len(games)
        if solver != "exact" and most < least:
            rows = games.v.engine.evaluations + games.cost * (least + along - len(games))
            raise BudgetError(f"{u} units and {len(games)} ways of leaving out take at least {rows}")
        return seek(
            worth,
            len(games),
            solver="guided" if solver == "local" else solver,
            bounded=games.bounded,
            most=most,
            beam=self.beam,
            rounds=_LONGEST if solver == "local" or final is not None else 0,
            final=final,
        )

    def _choose(self, u: int, n_games: int, most: int) -> str:
        subsets = n_games << min(u, 60)
        if self.solver == "exact" and u > EXACT_UNITS:
            raise OptionError(
                f"solver='exact' asks for all subsets of at most {EXACT_UNITS} units, and there are {u}; "
                "use solver='guided'"
            )
        if self.solver != "auto":
            return self.solver
        return "exact" if u <= EXACT_UNITS and subsets <= most else "guided"


def _of_size(worth: Worth, k: int) -> Worth:
    """Return the part of a worth that is of the top k units alone."""
    only = np.zeros(worth.n_units + 1)
    only[k] = 1.0
    return Worth(worth.kept * only, worth.removed * only)
