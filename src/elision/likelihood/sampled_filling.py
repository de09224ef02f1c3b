"""Fillings of absent units, drawn: the likely ones are certain, and the others stand for all that are not drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats, Ints
from elision.likelihood.filling import CELLS, MASKED, Fillings, Slots, Truncation
from elision.likelihood.unequal_sampling import excess_variance, inclusion, systematic


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Fillings, in part still empty.

    Attributes:
        fills: int32 (n, k); MASKED where a slot is empty.
        joint: float64 (n,), likelihoods of what is filled.
        shares: float64 (n,), the likelihood that each stands for.
    """

    fills: NDArray[np.int32]
    joint: Floats
    shares: Floats

    def __getitem__(self, index: slice) -> _Drawn:
        return _Drawn(self.fills[index], self.joint[index], self.shares[index])


def sample_fillings(
    slots: Slots, sets: Sequence[Sequence[int]], n: int, cut: Truncation, *, seed: int
) -> list[Fillings]:
    """Return n fillings of each set of absent units, drawn from the whole vocabulary.

    Each is drawn with a chance proportional to its likelihood, at most 1, so that the likely ones are certain; their
    shares then give unbiased sums over all fillings. The original is always among them.

    Args:
        slots: the example.
        sets: sets of absent units.
        n: how many fillings; all where the vocabulary is not larger.
        cut: the order of slots, how many partial fillings are continued, and whether the original counts; its
            threshold and top_n do not matter.
        seed: with the set of units it fixes the draws.
    Returns:
        One Fillings for each set, with shares.
    Cost: one row through the likelihood model for a set's first slot, at most `beam` + 1 for each further one.
    Source: sampling with probability proportional to size (Madow 1949).
    """
    found: list[Fillings] = []
    step = max(CELLS // max(slots.size, 1), 1)
    for start in range(0, len(sets), step):
        group = sets[start : start + step]
        first = np.array([(own := slots.slots(absent))[cut.ranks(len(own))[0]] for absent in group])
        likelihoods = slots.distribution(np.concatenate([slots.masked(absent) for absent in group]), first)
        found += [
            _sample(slots, tuple(absent), likelihood, n, cut, slots.generator(absent, seed))
            for absent, likelihood in zip(group, likelihoods, strict=True)
        ]
    return found


def _sample(
    slots: Slots,
    absent: tuple[int, ...],
    likelihood: Floats,
    n: int,
    cut: Truncation,
    generator: np.random.Generator,
) -> Fillings:
    """Return one set's fillings, given the distribution (V,) of the slot that is filled first."""
    own = slots.slots(absent)
    truth, order = slots.original[own], cut.ranks(len(own))
    original = 1.0
    stems: list[tuple[Ints, Floats]] = []
    drawn = _Drawn(np.full((1, len(own)), MASKED, dtype=np.int32), np.ones(1), np.ones(1))
    for depth, rank in enumerate(order):
        last = depth == len(own) - 1
        if depth > 0:
            path = np.full((1, len(own)), MASKED, dtype=np.int32)
            path[0, order[:depth]] = truth[order[:depth]]
            states = slots.masked(absent)
            states[:, own] = path
            likelihood = slots.distribution(states, np.array([own[rank]]))[0]
        original *= float(likelihood[truth[rank]]) if truth[rank] >= 0 else float("nan")
        wanted = n if last else cut.beam
        parts = []
        step = max(CELLS // max(slots.size, 1), 1)
        for start in range(0, len(drawn.joint), step):
            part = drawn[slice(start, start + step)]
            share = wanted * part.shares.sum() / drawn.shares.sum()
            given = likelihood[None] if depth == 0 else _given(slots, absent, part, own[rank])
            rows, grown = _grow(part, given, rank, truth, share, generator, exclude=last and cut.exclude_original)
            parts.append((start + rows, grown))
        rows = np.concatenate([rows for rows, _ in parts])
        stems = [(stem[rows], excess) for stem, excess in stems]
        drawn = _joined([grown for _, grown in parts])
        if not last:
            stems.append((np.arange(len(drawn.joint)), excess_variance(drawn.shares, drawn.joint)))
    whole = 1.0 - original if cut.exclude_original and original < 1.0 else 1.0
    line = np.argsort(-drawn.joint, kind="stable")
    joint, shares = drawn.joint[line] / whole, drawn.shares[line] / drawn.shares.sum()
    return Fillings(
        absent,
        drawn.fills[line],
        joint,
        float(max(1.0 - joint.sum(), 0.0)),
        original,
        shares,
        tuple((stem[line], excess) for stem, excess in stems),
    )


def _given(slots: Slots, absent: Sequence[int], drawn: _Drawn, slot: int) -> Floats:
    """Return float64 (n, V), the distribution of a slot given each partial filling."""
    states = slots.masked(absent, len(drawn.fills))
    states[:, slots.slots(absent)] = drawn.fills
    return slots.distribution(states, np.full(len(states), slot))


def _grow(
    drawn: _Drawn,
    likelihood: Floats,
    rank: int,
    truth: NDArray[np.int32],
    wanted: float,
    generator: np.random.Generator,
    *,
    exclude: bool,
) -> tuple[Ints, _Drawn]:
    """Return `wanted` continuations, and of which partial filling each is one."""
    shares = (drawn.shares[:, None] * likelihood).ravel()
    on_path = ((drawn.fills == truth) | (drawn.fills == MASKED)).all(axis=1) & (truth[rank] >= 0)
    original = np.flatnonzero(on_path) * likelihood.shape[1] + truth[rank]
    if exclude and shares.sum() > shares[original].sum():
        shares[original] = 0.0
    sure = original[shares[original] > 0]
    size = shares.copy()
    size[sure] = 0.0
    chances, _ = inclusion(size, max(wanted - len(sure), 1))
    chances[sure] = 1.0
    chosen = systematic(chances, None, generator)
    rows, candidates = np.divmod(chosen, likelihood.shape[1])
    fills = drawn.fills[rows]
    fills[:, rank] = candidates
    return rows, _Drawn(fills, drawn.joint[rows] * likelihood[rows, candidates], shares[chosen] / chances[chosen])


def _joined(parts: Sequence[_Drawn]) -> _Drawn:
    return _Drawn(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("fills", "joint", "shares")))
