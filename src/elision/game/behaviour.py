"""Which number of the model's output is watched.

A behaviour is an increasing function of one class's probability, applied after probabilities were averaged over a
removal's draws: the log-odds of a mean is not the mean of log-odds. Increasing, so bounds on the probability are
bounds on the behaviour; its derivative carries standard errors over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from elision.arrays import Floats
from elision.errors import require_one_of

EPSILON = 1e-9
"""Probabilities are clipped to [EPSILON, 1 - EPSILON] before a logarithm: log-odds stay within 29.9 bits."""


def probability(p: Floats) -> Floats:
    """Return p, clipped to [0, 1]."""
    return np.clip(p, 0.0, 1.0)


def log_odds(p: Floats) -> Floats:
    """Return log2(p / (1 - p)) in bits, clipped at EPSILON. Source: Kim et al. 2020, Eq. 1."""
    return np.asarray(logit(p) / np.log(2.0))


def logit(p: Floats) -> Floats:
    """Return ln(p / (1 - p)), clipped at EPSILON; for a sigmoid head it is the model's own logit."""
    clipped = np.clip(p, EPSILON, 1.0 - EPSILON)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))


def log_probability(p: Floats) -> Floats:
    """Return ln p, clipped at EPSILON: minus the cross entropy of the class."""
    return np.asarray(np.log(np.clip(p, EPSILON, 1.0)))


def similarity(p: Floats) -> Floats:
    """Return p as it is, for models whose answer is a score."""
    return np.asarray(p, dtype=np.float64)


@dataclass(frozen=True, repr=False)
class Behaviour:
    """A watched number.

    Attributes:
        name: as users write it.
        unit: of the number, for views.
        function: float64 array of probabilities -> float64 array.
        slope: the function's derivative.
    """

    name: str
    unit: str
    function: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]

    def __call__(self, p: Floats) -> Floats:
        """Return the behaviour of probabilities of any shape."""
        return self.function(np.asarray(p, dtype=np.float64))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


# Functions with a name, since a lambda cannot be pickled.
def _logit_slope(p: Floats) -> Floats:
    inside = np.clip(p, EPSILON, 1.0 - EPSILON)
    return np.asarray(1.0 / (inside * (1.0 - inside)))


def _log_odds_slope(p: Floats) -> Floats:
    return np.asarray(_logit_slope(p) / np.log(2.0))


def _log_probability_slope(p: Floats) -> Floats:
    return np.asarray(1.0 / np.clip(p, EPSILON, 1.0))


def _one(p: Floats) -> Floats:
    return np.ones_like(p)


BEHAVIOURS = {
    b.name: b
    for b in (
        Behaviour("log_odds", "bits", log_odds, _log_odds_slope),
        Behaviour("probability", "probability", probability, _one),
        Behaviour("log_probability", "nats", log_probability, _log_probability_slope),
        Behaviour("logit", "nats", logit, _logit_slope),
        Behaviour("similarity", "similarity", similarity, _one),
    )
}


def make_behaviour(behaviour: str | Behaviour) -> Behaviour:
    """Return a behaviour by name, or the one given.

    Raises:
        OptionError: no behaviour has the name.
    """
    if isinstance(behaviour, Behaviour):
        return behaviour
    require_one_of("behaviour", behaviour, BEHAVIOURS)
    return BEHAVIOURS[behaviour]
