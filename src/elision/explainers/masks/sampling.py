"""Masks fitted by sampling, after the papers.

Theirs are the one-hot draws, the Gumbel-softmax for their gradient (Chen et al. 2021, Section 3.2 and Appendix A), the
start at 1/t, 100 to 1,000 draws a step and at most 100 steps "until converge" (Section 3.3). Their text leaves open,
and the choice is ours: that the drawn mask goes forth and the softmax's gradient back (straight-through), the
temperature, Adam where the text says stochastic gradient descent, its learning rate, when the parameters stand still,
and that a mask that was drawn before is not sent again.

Both solvers see the model through `losses_of`: hard word masks bool (n, k) -> losses (n,) and derivatives (n, k) by
each mask entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from elision.arrays import Bools, Floats
from elision.errors import BudgetError, require_at_least, require_count, require_positive

MaskLosses = Callable[[Bools], tuple[Floats, Floats]]
_STILL = 10
"""Steps over which parameters must stand still: one step moves little by chance. A choice."""


@dataclass(frozen=True)
class Sampling:
    """How masks are fitted by sampling.

    Attributes:
        n_samples: masks drawn a step.
        n_epochs: the most steps.
        temperature: tau of the Gumbel-softmax, Eq. 13; the paper names none.
        learning_rate: Adam's; the paper names neither.
        tolerance: stop where no parameter has moved by more than this over ten steps; 0 takes all steps. The paper
            trains "until converge".
        reuse: send each different mask through the model once and remember its loss and derivatives, which are the
            same every time; False sends every draw, as the paper has it.
    Raises:
        OptionError: an option is out of range.
    Source: Chen et al. 2021, Section 3.2, 3.3 and Appendix A. Deviations: what the module names as ours.
    """

    n_samples: int = 500
    n_epochs: int = 100
    temperature: float = 0.5
    learning_rate: float = 0.1
    tolerance: float = 1e-3
    reuse: bool = True

    def __post_init__(self) -> None:
        require_count("n_samples", self.n_samples, 1)
        require_count("n_epochs", self.n_epochs, 1)
        require_at_least("tolerance", self.tolerance, 0)
        for name in ("temperature", "learning_rate"):
            require_positive(name, getattr(self, name))


@dataclass(frozen=True, eq=False)
class Sampled:
    """What sampling found.

    Attributes:
        parameters: the fitted probabilities, one array for each of the solver's distributions.
        loss: mean loss of the last step's masks.
        std_error: of that mean.
        n_epochs: steps taken; fewer than asked for where the parameters stood still or the budget was spent.
        converged: True where it stopped because the parameters stood still.
    """

    parameters: tuple[Floats, ...]
    loss: float
    std_error: float
    n_epochs: int
    converged: bool


class Remembered:
    """A `losses_of` that sends each different mask through the model once."""

    def __init__(self, losses_of: MaskLosses) -> None:
        self._losses_of = losses_of
        self._known: dict[bytes, tuple[float, Floats]] = {}

    def __call__(self, masks: Bools) -> tuple[Floats, Floats]:
        """Return losses (n,) and derivatives (n, k)."""
        keys = [row.tobytes() for row in np.packbits(masks, axis=1)]
        new = {key: i for i, key in enumerate(keys) if key not in self._known}
        if new:
            losses, slopes = self._losses_of(masks[list(new.values())])
            self._known.update(zip(new, zip(losses.tolist(), slopes, strict=True), strict=True))
        found = [self._known[key] for key in keys]
        return np.array([loss for loss, _ in found]), np.array([slope for _, slope in found])


def sample_groups(
    losses_of: MaskLosses,
    sides: NDArray[np.int64],
    n_groups: int,
    settings: Sampling,
    *,
    gamma1: float,
    gamma2: float,
    seed: int,
) -> Sampled:
    """Fit groups: minimise Eq. 7 by draws of (z, g), both starting at 1/t.

    Args:
        losses_of: the model.
        sides: int (k,), each unit's segment.
        n_groups: t.
        settings: samples, steps, temperature.
        gamma1: weight of the words' entropies.
        gamma2: weight of the groups' entropy.
        seed: of all draws.
    Returns:
        Parameters membership (k, t) and importance (t,).
    """
    present = [torch.from_numpy(sides == side) for side in (0, 1) if (sides == side).any()]
    membership = torch.zeros(len(sides), n_groups, dtype=torch.float64, requires_grad=True)
    importance = torch.zeros(n_groups, dtype=torch.float64, requires_grad=True)

    def masks(generator: torch.Generator) -> torch.Tensor:
        z = _draw(membership, settings, generator)
        g = _draw(importance, settings, generator)
        return (z * g[:, None, :]).sum(dim=2)

    def regularisers() -> torch.Tensor:
        phi = torch.softmax(membership, dim=1)
        spread = torch.stack([_entropy(phi[own].mean(dim=0)) for own in present]).sum()
        return gamma2 * _entropy(torch.softmax(importance, dim=0)) - gamma1 * spread

    return _fit(losses_of, (membership, importance), masks, regularisers, settings, seed)


def sample_words(losses_of: MaskLosses, k: int, settings: Sampling, *, entropy_weight: float, seed: int) -> Sampled:
    """Fit one Bernoulli mask a unit: minimise the expected loss minus entropy_weight times the masks' entropies.

    Returns:
        Parameters (k, 2): the probabilities that each unit is absent and kept.
    Source: Chen & Ji 2020; Chen et al. 2021, Section 3.3.
    """
    logits = torch.zeros(k, 2, dtype=torch.float64, requires_grad=True)

    def masks(generator: torch.Generator) -> torch.Tensor:
        return _draw(logits, settings, generator)[:, :, 1]

    def regularisers() -> torch.Tensor:
        return -entropy_weight * _entropy(torch.softmax(logits, dim=1)).sum()

    return _fit(losses_of, (logits,), masks, regularisers, settings, seed)


def _draw(logits: torch.Tensor, settings: Sampling, generator: torch.Generator) -> torch.Tensor:
    """Return one-hot draws (n_samples, ...) whose gradient is that of the softmax, Eq. 12 and 13."""
    u = torch.rand(settings.n_samples, *logits.shape, dtype=torch.float64, generator=generator)
    noise = -torch.log(-torch.log(u.clamp(1e-300, 1.0 - 1e-16)))
    soft = torch.softmax((torch.log_softmax(logits, dim=-1) + noise) / settings.temperature, dim=-1)
    hard = torch.nn.functional.one_hot(soft.argmax(dim=-1), logits.shape[-1]).to(soft.dtype)
    return hard - soft.detach() + soft


def _entropy(p: torch.Tensor) -> torch.Tensor:
    return -(p * torch.log(p.clamp_min(1e-300))).sum(dim=-1)


def _fit(
    losses_of: MaskLosses,
    logits: tuple[torch.Tensor, ...],
    masks: Callable[[torch.Generator], torch.Tensor],
    regularisers: Callable[[], torch.Tensor],
    settings: Sampling,
    seed: int,
) -> Sampled:
    generator = torch.Generator().manual_seed(int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] >> 1))
    optimiser: Any = torch.optim.Adam(logits, lr=settings.learning_rate)
    ask = Remembered(losses_of) if settings.reuse else losses_of
    past: list[Floats] = []
    losses = np.zeros(1)
    converged = False
    for _ in range(settings.n_epochs):
        with torch.enable_grad():
            w = masks(generator)
            try:
                losses, slopes = ask(w.detach().numpy() > 0.5)
            except BudgetError:
                if not past:
                    raise
                break
            pulled = (w * torch.from_numpy(slopes)).sum(dim=1).mean() + regularisers()
            optimiser.zero_grad()
            pulled.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        past.append(np.concatenate([_probabilities(part).ravel() for part in logits]))
        converged = len(past) > _STILL and bool(np.abs(past[-1] - past[-1 - _STILL]).max() <= settings.tolerance)
        if converged and settings.tolerance > 0:
            break
    error = float(losses.std(ddof=1) / np.sqrt(len(losses))) if len(losses) > 1 else float("nan")
    return Sampled(tuple(map(_probabilities, logits)), float(losses.mean()), error, len(past), converged)


def _probabilities(logits: torch.Tensor) -> Floats:
    return np.asarray(torch.softmax(logits.detach(), dim=-1).numpy(), dtype=np.float64)
