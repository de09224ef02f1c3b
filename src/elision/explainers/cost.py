"""How long an explanation of a long text will take, said before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from elision.errors import CostWarning, warn
from elision.game.value import ValueFunction
from elision.models.model import Model
from elision.results.several import usable
from elision.text import UnitKind

if TYPE_CHECKING:
    from elision.explainers.explainer import Explainer

_LONG = 512
_PATIENCE_SECONDS = 10.0
"""Texts of more tokens are warned of where they will take longer than that. A choice, as is the length."""


def warn_of_cost(v: ValueFunction, n_tokens: int, method: str) -> None:
    """Warn of the time that a long text will take, by what its first row took."""
    length = v.encoding.untouched.length
    seconds = (v.model.seconds_a_row or 0.0) * n_tokens / length
    if length > _LONG and seconds > _PATIENCE_SECONDS:
        warn(
            f"the text has {length:,} tokens: {method} asks about some {n_tokens // length:,} rows of "
            f"{v.model.seconds_a_row:.2g} s, about {_duration(seconds)} in all; a budget, a shorter text or larger "
            "units make it less",
            CostWarning,
        )


def _duration(seconds: float) -> str:
    for unit, length in (("hours", 3600.0), ("minutes", 60.0)):
        if seconds > 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def expected_work(explainers: Sequence[Explainer], model: Model, examples: Sequence[Any], units: UnitKind) -> int:
    """Return about how many tokens go through a model for examples explained by several methods.

    Examples that the model cannot read count nothing.
    """
    total = 0
    for example in examples:
        try:
            encoding = model.encode(usable(example), units)
        except Exception:
            continue
        total += sum(own.expected_tokens(encoding) for own in explainers if own.leaves_out)
    return total
