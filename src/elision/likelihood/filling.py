"""Fillings of absent units: enumerated along the chain rule, or drawn.

A slot is one place that a likelihood model fills: a token of the example, or a word for models without tokens. Absent
units are filled slot by slot; p(fill_1, ..., fill_k | rest) is the product of the conditional likelihoods (Kim et al.
2020, Eq. 3), whatever the order of the slots.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from elision.arrays import Floats, Ints
from elision.models.rows import Rows

MASKED = -1
UNKNOWN = -2
ORDERS = ("left-to-right", "right-to-left")
CELLS = 1 << 24
"""Fillings times their places that are made at once: a bound on memory."""

Distribution = Callable[[NDArray[np.int32], Ints], Floats]
Render = Callable[[Sequence[int], NDArray[np.int32]], list[tuple[Rows, Ints]]]
Spell = Callable[[int, Sequence[int]], str]


@dataclass(frozen=True, eq=False)
class Slots:
    """An example as a likelihood model fills it.

    Attributes:
        original: int32 (l,), each slot's own candidate; UNKNOWN where the vocabulary lacks it.
        of_unit: for each unit the indices of its slots.
        size: number of candidates V.
        distribution: states int32 (n, l), in which MASKED marks empty slots, and one slot (n,) of each
            -> float64 (n, V), that slot's likelihoods, which sum to 1.
        render: absent units a, fillings int32 (n, k) of their k slots -> blocks of the explained model's rows, with
            the index of each row's filling.
        spell: a unit and the candidates in its slots -> its characters.
        evaluations: rows that went through the likelihood model so far, in a list of one.
        features: what is known of all candidates beforehand, float32 (V, d), and a sort key (V,) that puts like ones
            side by side; called when needed, None where nothing is known.
        of_model: whether slots and candidates are the explained model's own tokens.
    """

    original: NDArray[np.int32]
    of_unit: tuple[tuple[int, ...], ...]
    size: int
    distribution: Distribution
    render: Render
    spell: Spell
    evaluations: list[int] = field(default_factory=lambda: [0])
    features: Callable[[], tuple[NDArray[np.float32], Floats]] | None = None
    of_model: bool = False

    def slots(self, absent: Sequence[int]) -> list[int]:
        """Return the slots of absent units, unit by unit."""
        return [slot for unit in absent for slot in self.of_unit[unit]]

    def generator(self, absent: Sequence[int], seed: int) -> np.random.Generator:
        """Return the source of all draws for a set of absent units, whatever other sets are drawn."""
        bits = np.packbits(np.isin(np.arange(len(self.of_unit)), absent)).tobytes()
        return np.random.default_rng([seed, int.from_bytes(bits, "big")])

    def masked(self, absent: Sequence[int], n: int = 1) -> NDArray[np.int32]:
        """Return n states int32 (n, l) with the absent units' slots empty."""
        state = np.repeat(self.original[None], n, axis=0)
        state[:, self.slots(absent)] = MASKED
        return state


@dataclass(frozen=True, eq=False)
class Fillings:
    """What a likelihood model would put in the place of absent units.

    Attributes:
        absent: the units.
        fills: int32 (n, k), candidates in the absent units' slots, the likeliest first.
        likelihood: float64 (n,), joint likelihoods as the model gives them; they sum to at most 1.
        left_out: float64, the likelihood of all other fillings.
        original: float, the original words' joint likelihood; NaN where it is not known.
        shares: float64 (n,), where fillings were drawn: the likelihood that each stands for, its own and that of others
            not drawn; None where all that count are here.
        stems: where partial fillings were drawn too, for each slot but the last: int (n,), which one each filling grew
            from, and float64 (m,), the variance that each of these m brings, for a spread of 1.
    """

    absent: tuple[int, ...]
    fills: NDArray[np.int32]
    likelihood: Floats
    left_out: float
    original: float
    shares: Floats | None = None
    stems: tuple[tuple[Ints, Floats], ...] = ()

    @property
    def weights(self) -> Floats:
        """float64 (n,), the likelihoods or shares divided by their sum (Eq. 4)."""
        shares = self.likelihood if self.shares is None else self.shares
        return np.asarray(shares / shares.sum())

    def first(self, n: int) -> Fillings:
        """Return the n likeliest only."""
        if n >= len(self.fills):
            return self
        dropped = float(self.likelihood[n:].sum())
        return Fillings(self.absent, self.fills[:n], self.likelihood[:n], self.left_out + dropped, self.original)


@dataclass(frozen=True)
class Truncation:
    """Which fillings are left out.

    Attributes:
        threshold: those with a joint likelihood of at most sigma.
        top_n: all but the n likeliest, or None.
        beam: number of partial fillings that are continued, in units of several slots.
        exclude_original: whether the original is left out and the rest renormalised.
        order: "left-to-right", "right-to-left", or slots' ranks among the absent units' slots.
    """

    threshold: float
    top_n: int | None = None
    beam: int = 256
    exclude_original: bool = False
    order: str | tuple[int, ...] = "left-to-right"

    def ranks(self, n: int) -> list[int]:
        """Return the order in which n slots are filled."""
        if isinstance(self.order, tuple):
            return list(self.order)
        return list(range(n))[:: -1 if self.order == "right-to-left" else 1]


def enumerate_fillings(slots: Slots, sets: Sequence[Sequence[int]], cut: Truncation) -> list[Fillings]:
    """Return the likeliest fillings of each set of absent units.

    Args:
        slots: the example.
        sets: sets of absent units.
        cut: which fillings are left out.
    Returns:
        One Fillings for each set. Where the threshold would leave nothing, the `beam` likeliest stay.
    Cost: one row through the likelihood model for a set's first slot, at most `beam` for each further one.
    """
    states = np.concatenate([slots.masked(absent) for absent in sets])
    first = np.array([slots.slots(absent)[cut.ranks(len(slots.slots(absent)))[0]] for absent in sets])
    found: list[Fillings] = []
    step = max(CELLS // max(slots.size, 1), 1)
    for start in range(0, len(sets), step):
        likelihoods = slots.distribution(states[start : start + step], first[start : start + step])
        for absent, likelihood in zip(sets[start : start + step], likelihoods, strict=True):
            found.append(_expand(slots, tuple(absent), likelihood, cut))
    return found


def _expand(slots: Slots, absent: tuple[int, ...], likelihood: Floats, cut: Truncation) -> Fillings:
    """Return the fillings of one set, given the distribution (V,) of the slot that is filled first."""
    own = slots.slots(absent)
    order = cut.ranks(len(own))
    truth = slots.original[own]
    known = truth >= 0
    original = float(likelihood[truth[order[0]]]) if known[order[0]] else float("nan")
    if cut.exclude_original and len(own) == 1 and known[0] and original < 1.0:
        likelihood = likelihood.copy()
        likelihood[truth[0]] = 0.0
        likelihood /= likelihood.sum()
    kept, joint = _keep(likelihood[None], np.ones(1), cut, len(own) == 1)
    fills = np.full((len(joint), len(own)), MASKED, dtype=np.int32)
    fills[:, order[0]] = kept[1]
    for depth, rank in enumerate(order[1:], start=2):
        path = np.full((1, len(own)), MASKED, dtype=np.int32)
        path[0, order[: depth - 1]] = truth[order[: depth - 1]]
        fills, joint, step = _continue(slots, absent, rank, fills, joint, path, cut, depth == len(own))
        original *= float(step[truth[rank]]) if known[rank] else float("nan")
    return _finish(absent, fills, joint, original, truth, cut)


def _continue(
    slots: Slots,
    absent: tuple[int, ...],
    rank: int,
    fills: NDArray[np.int32],
    joint: Floats,
    path: NDArray[np.int32],
    cut: Truncation,
    last: bool,
) -> tuple[NDArray[np.int32], Floats, Floats]:
    """Fill one more slot of the likeliest partial fillings, and give its distribution (V,) on the original's path."""
    own = slots.slots(absent)
    beam = np.argsort(-joint, kind="stable")[: cut.beam]
    fills, joint = fills[beam], joint[beam]
    asked = np.concatenate([path, fills])
    parts: list[tuple[NDArray[np.int32], Floats]] = []
    on_path = np.zeros(slots.size)
    step = max(CELLS // max(slots.size, 1), 1)
    for start in range(0, len(asked), step):
        states = slots.masked(absent, len(asked[start : start + step]))
        states[:, own] = asked[start : start + step]
        likelihood = slots.distribution(states, np.full(len(states), own[rank]))
        if start == 0:
            on_path, likelihood, states = likelihood[0], likelihood[1:], states[1:]
        begin = max(start - 1, 0)
        (rows, candidates), part = _keep(likelihood, joint[begin : begin + len(likelihood)], cut, last)
        parts.append((fills[begin + rows], part))
        parts[-1][0][:, rank] = candidates
    grown, joint = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    kept = np.flatnonzero(joint > cut.threshold)
    if not len(kept):
        kept = np.argsort(-joint, kind="stable")[: cut.beam]
    return grown[kept], joint[kept], on_path


def _keep(likelihood: Floats, joint: Floats, cut: Truncation, last: bool) -> tuple[tuple[Ints, Ints], Floats]:
    """Return which (partial filling, candidate) pairs stay, and their joint likelihoods.

    Before the last slot a pair can only lose likelihood, so what is at the threshold or under it never comes back.
    """
    products = joint[:, None] * likelihood
    chosen = products > cut.threshold
    if not chosen.any() or (not last and cut.beam < chosen.sum()):
        ranked = np.argsort(-products, axis=None, kind="stable")[: cut.beam]
        chosen = np.zeros(products.shape, dtype=bool)
        chosen.flat[ranked] = True
    rows, candidates = np.nonzero(chosen)
    return (rows, candidates), products[chosen]


def _finish(
    absent: tuple[int, ...],
    fills: NDArray[np.int32],
    joint: Floats,
    original: float,
    truth: NDArray[np.int32],
    cut: Truncation,
) -> Fillings:
    """Return the fillings in order of likelihood, cut and, without the original, renormalised."""
    whole = 1.0
    if cut.exclude_original and len(truth) > 1:
        other = (fills != truth).any(axis=1)
        fills, joint = fills[other], joint[other]
        whole -= 0.0 if np.isnan(original) else original
    order = np.argsort(-joint, kind="stable")[: cut.top_n]
    fills, joint = fills[order], joint[order]
    joint = joint / max(whole, joint.sum(), np.finfo(np.float64).tiny)
    complete = cut.threshold <= 0 and cut.top_n is None and len(truth) == 1
    return Fillings(absent, fills, joint, 0.0 if complete else float(max(1.0 - joint.sum(), 0.0)), original)


def draw_fillings(
    slots: Slots, sets: Sequence[Sequence[int]], n_draws: int, *, sequential: bool, exclude_original: bool, seed: int
) -> list[NDArray[np.int32]]:
    """Draw fillings of sets of absent units.

    Args:
        slots: the example.
        sets: sets of absent units.
        n_draws: number of draws n for each set.
        sequential: whether each slot is conditioned on those drawn before it (the chain rule of Eq. 3); otherwise all
            are drawn from one pass in which all are masked.
        exclude_original: leave each unit's original out: once all its slots but the last were drawn as the original,
            the original's last candidate is excluded, unless nothing else has any likelihood.
        seed: with the set of units it fixes the draws, so that neither order nor number of sets changes them.
    Returns:
        For each set int32 (n, k), candidates in the absent units' slots.
    Cost: one row through the likelihood model for each set; sequential: at most n_draws for each slot.
    """
    found = []
    for start, stop in _groups([len(slots.slots(absent)) for absent in sets], slots.size):
        group = sets[start:stop]
        together = [None] * len(group) if sequential else _together(slots, group)
        for absent, fixed in zip(group, together, strict=True):
            found.append(_draw(slots, absent, fixed, n_draws, exclude_original, seed))
    return found


def _groups(sizes: Sequence[int], n_candidates: int) -> list[tuple[int, int]]:
    """Return ranges of sets whose distributions fit in memory together."""
    bounds, cells = [0], 0
    for i, size in enumerate(sizes):
        if cells and cells + size * n_candidates > CELLS:
            bounds.append(i)
            cells = 0
        cells += size * n_candidates
    return list(pairwise([*bounds, len(sizes)])) if sizes else []


def _together(slots: Slots, sets: Sequence[Sequence[int]]) -> list[Floats]:
    """Return for each set float64 (k, V), the distributions of its slots while all of them are masked."""
    own = [slots.slots(absent) for absent in sets]
    states = np.concatenate([slots.masked(absent, len(k)) for absent, k in zip(sets, own, strict=True)])
    likelihood = slots.distribution(states, np.concatenate(own))
    return np.split(likelihood, np.cumsum([len(k) for k in own])[:-1])


def _draw(
    slots: Slots, absent: Sequence[int], fixed: Floats | None, n_draws: int, exclude_original: bool, seed: int
) -> NDArray[np.int32]:
    """Draw fillings (n, k) of one set, from fixed distributions (k, V) or one slot after another."""
    own = slots.slots(absent)
    uniform = slots.generator(absent, seed).random((n_draws, len(own)))
    ends = np.cumsum([len(slots.of_unit[unit]) for unit in absent])
    starts = ends - [len(slots.of_unit[unit]) for unit in absent]
    fills = np.full((n_draws, len(own)), MASKED, dtype=np.int32)
    for rank, slot in enumerate(own):
        if fixed is None:
            states, back = np.unique(fills, axis=0, return_inverse=True)
            asked = slots.masked(absent, len(states))
            asked[:, own] = states
            likelihood = slots.distribution(asked, np.full(len(asked), slot))[back.reshape(-1)]
        else:
            likelihood = np.repeat(fixed[rank : rank + 1], n_draws, axis=0)
        if exclude_original and rank + 1 in ends and slots.original[slot] >= 0:
            begin = int(starts[np.searchsorted(ends, rank + 1)])
            same = (fills[:, begin:rank] == slots.original[own[begin:rank]]).all(axis=1)
            same &= likelihood[:, slots.original[slot]] < likelihood.sum(axis=1)
            likelihood[same, slots.original[slot]] = 0.0
        fills[:, rank] = invert(likelihood, uniform[:, rank])
    return fills


def invert(likelihood: Floats, uniform: Floats) -> NDArray[np.int32]:
    """Return the candidate (n,) at which each distribution (n, V) passes a uniform number (n,)."""
    cumulative = np.cumsum(likelihood, axis=1)
    passed = cumulative > (uniform * cumulative[:, -1])[:, None]
    return np.asarray(np.argmax(passed, axis=1), dtype=np.int32)
