"""Leave one out: how much the answer changes without each unit."""

from __future__ import annotations

from typing import ClassVar, final

from elision.errors import BudgetError
from elision.explainers.explainer import Attribution
from elision.explainers.game_explainer import GameExplainer, differences, leave_one_out_subsets
from elision.game.behaviour import Behaviour
from elision.game.driver import Conversation
from elision.game.value import ValueFunction
from elision.removal.removal import Removal


@final
class LeaveOneOut(GameExplainer):
    """Score each unit by v(all) - v(all but it), with any removal and behaviour.

    removal="pad" is the zero erasure, removal="unk" the [UNK] erasure that Kim et al. 2020 compare with.

    Args:
        removal: what stands where a unit is absent; None for "pad", or "delete" for functions of texts.
        behaviour: which number is watched; None for the log-odds, or for scores the score.
        seed: of random draws; only a marginal removal may draw.
        budget: the most model evaluations, or None.
    Source: Li et al. 2016; Kim et al. 2020, Eq. 1. Deviations: none.
    Cost: one row a unit, and one for the text.
    """

    name: ClassVar[str] = "leave-one-out"
    summary: ClassVar[str] = "the answer less that without the word"
    cost: ClassVar[str] = "u rows"
    default_removal: ClassVar[str] = "pad"

    def __init__(
        self,
        *,
        removal: str | Removal | None = None,
        behaviour: str | Behaviour | None = None,
        seed: int = 0,
        budget: int | None = None,
    ) -> None:
        super().__init__(removal=removal, behaviour=behaviour, seed=seed, budget=budget)

    def expected_rows(self, n_units: int) -> int:
        """Return how many rows go through the model: one a unit, and one for the text."""
        return n_units + 1

    def ask(self, v: ValueFunction) -> Conversation[Attribution]:
        """Ask about subsets of units, and return the scores."""
        remaining = v.engine.remaining
        if remaining is not None and remaining < len(v.units) and not v.removal.averages:
            least = len(v.units) + 1
            raise BudgetError(
                f"budget must be at least {least}, one evaluation a unit and one for the text; got {v.engine.budget}"
            )
        with v.engine.progress.expect(self.name, len(v.units)):
            values = yield leave_one_out_subsets(len(v.units))
            return Attribution(**differences(v, values))
