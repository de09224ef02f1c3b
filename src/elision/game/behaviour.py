"""Which number of the model's answer is watched.

A behaviour is an increasing function of one label's probability, or a score, applied after answers were averaged over
a removal's draws: the log-odds of a mean is not the mean of log-odds. Increasing, so bounds on the probability are
bounds on the behaviour; its derivative carries standard errors over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from elision.arrays import Floats
from elision.errors import UnsupportedError, require_one_of
from elision.models.answers import EPSILON as EPSILON
from elision.models.answers import AnswerKind, Watched

_LN2 = float(np.log(2.0))
Function = Callable[[Floats], Floats]


def probability(p: Floats) -> Floats:
    """Return p, clipped to [0, 1]."""
    return np.clip(p, 0.0, 1.0)


def log_odds(p: Floats) -> Floats:
    """Return log2(p / (1 - p)) in bits, clipped at EPSILON. Source: Kim et al. 2020, Eq. 1."""
    return np.asarray(logit(p) / _LN2)


def logit(p: Floats) -> Floats:
    """Return ln(p / (1 - p)), clipped at EPSILON; for a sigmoid head it is the model's own logit."""
    clipped = np.clip(p, EPSILON, 1.0 - EPSILON)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))


def log_probability(p: Floats) -> Floats:
    """Return ln p, clipped at EPSILON: minus the cross entropy of the class."""
    return np.asarray(np.log(np.clip(p, EPSILON, 1.0)))


def similarity(p: Floats) -> Floats:
    """Return p as it is."""
    return np.asarray(p, dtype=np.float64)


@dataclass(frozen=True, repr=False)
class Behaviour:
    """A watched number.

    Attributes:
        name: as users write it.
        unit: of the number, for views.
        function: float64 array of probabilities, or of scores -> float64 array.
        slope: the function's derivative.
        of_logs: the function in terms of ln p and ln (1 - p), which lose no digits near 0 and 1; None where it is
            not known.
        slope_of_logs: likewise the derivative by p.
    """

    name: str
    unit: str
    function: Function
    slope: Function
    of_logs: Callable[[Floats, Floats], Floats] | None = None
    slope_of_logs: Callable[[Floats, Floats], Floats] | None = None

    def __call__(self, p: Floats) -> Floats:
        """Return the behaviour of probabilities, or scores, of any shape."""
        return self.function(np.asarray(p, dtype=np.float64))

    def of(self, watched: Watched) -> Floats:
        """Return the behaviour of what is watched of an answer, of its shape."""
        if self.of_logs is None or watched.is_score:
            return self(watched.number)
        return self.of_logs(*watched.logs)

    def slope_of(self, watched: Watched) -> Floats:
        """Return the derivative by the probability, or the score, there."""
        if self.slope_of_logs is None or watched.is_score:
            return self.slope(watched.number)
        return self.slope_of_logs(*watched.logs)

    def against(self, watched: Watched) -> Floats:
        """Return the behaviour of any answer but this: of 1 - p; a score has no others, and minus its own is taken."""
        return -self.of(watched) if watched.is_score else self.of(watched.others)

    def slope_against(self, watched: Watched) -> Floats:
        """Return the derivative of `against` by the probability, or the score, there."""
        return -self.slope_of(watched if watched.is_score else watched.others)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


# Functions with a name, since a lambda cannot be pickled.
def _logit_slope(p: Floats) -> Floats:
    inside = np.clip(p, EPSILON, 1.0 - EPSILON)
    return np.asarray(1.0 / (inside * (1.0 - inside)))


def _log_odds_slope(p: Floats) -> Floats:
    return np.asarray(_logit_slope(p) / _LN2)


def _log_probability_slope(p: Floats) -> Floats:
    return np.asarray(1.0 / np.clip(p, EPSILON, 1.0))


def _one(p: Floats) -> Floats:
    return np.ones_like(p)


def _logit_of_logs(log_p: Floats, log_q: Floats) -> Floats:
    return log_p - log_q


def _log_odds_of_logs(log_p: Floats, log_q: Floats) -> Floats:
    return (log_p - log_q) / _LN2


def _log_probability_of_logs(log_p: Floats, log_q: Floats) -> Floats:
    return log_p


def _logit_slope_of_logs(log_p: Floats, log_q: Floats) -> Floats:
    return np.asarray(np.exp(np.minimum(-log_p - log_q, 700.0)))


def _log_odds_slope_of_logs(log_p: Floats, log_q: Floats) -> Floats:
    return _logit_slope_of_logs(log_p, log_q) / _LN2


def _log_probability_slope_of_logs(log_p: Floats, log_q: Floats) -> Floats:
    return np.asarray(np.exp(np.minimum(-log_p, 700.0)))


BEHAVIOURS = {
    b.name: b
    for b in (
        Behaviour("log_odds", "bits", log_odds, _log_odds_slope, _log_odds_of_logs, _log_odds_slope_of_logs),
        Behaviour("probability", "probability", probability, _one),
        Behaviour(
            "log_probability",
            "nats",
            log_probability,
            _log_probability_slope,
            _log_probability_of_logs,
            _log_probability_slope_of_logs,
        ),
        Behaviour("logit", "nats", logit, _logit_slope, _logit_of_logs, _logit_slope_of_logs),
        Behaviour("score", "score", similarity, _one),
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


def fitting(behaviour: Behaviour | None, kind: AnswerKind, model: str) -> Behaviour:
    """Return the behaviour to watch of a kind of answers: the one given, or for None the kind's own.

    Raises:
        UnsupportedError: it is one of ours that these answers have not.
    """
    if behaviour is None:
        return BEHAVIOURS[kind.behaviours[0]]
    ours = BEHAVIOURS.get(behaviour.name) == behaviour and behaviour.name != "similarity"
    if ours and behaviour.name not in kind.behaviours:
        said = ", ".join(map(repr, kind.behaviours))
        raise UnsupportedError(
            f"{model} answers with {kind.name}, of which behaviour={behaviour.name!r} cannot be watched; use {said}"
        )
    return behaviour
