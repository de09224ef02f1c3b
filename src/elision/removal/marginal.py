"""Leave words out the way language would: the expectation over what could stand in their place."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar, final

import numpy as np

from elision.arrays import Bools, Floats, Ints
from elision.errors import OptionError, UnitError, require_at_least, require_count, require_one_of
from elision.likelihood.filling import ORDERS, Fillings, Slots, Truncation, draw_fillings, enumerate_fillings
from elision.likelihood.likelihood import Likelihood, Uniform
from elision.likelihood.masked_lm import MaskedLanguageModel
from elision.likelihood.sampled_filling import sample_fillings
from elision.models.encoding import Encoding
from elision.models.model import Model
from elision.models.rows import Rows
from elision.removal.removal import BoundRemoval, Draws, Removal

FILLS = ("parallel", "sequential", "exact")
ORIGINALS = ("keep", "exclude")
N_DRAWS = 32
"""Draws where several units are absent, which cannot be summed over. A choice: their standard error is stated."""


@final
class Marginal(Removal):
    """Marginalize absent units over a likelihood model's candidates.

    p(y | x without S) = sum over fillings of p(y | filling, rest) p(filling | rest). One absent unit: the sum over its
    candidates, truncated and renormalised (Eq. 4); a word of several tokens by the chain rule (Eq. 3). Several absent
    units: `n_draws` seeded draws, or with fill="exact" the sum over joint fillings.

    Args:
        likelihood: a Likelihood, a masked language model's folder or hub name, "uniform", or None for the built-in
            masked language model.
        threshold: sigma; fillings with a joint likelihood of at most this are left out. 0 takes the whole vocabulary.
        top_n: leave out all but the n likeliest fillings, or None.
        fill: how several absent units are filled: "parallel" draws each token by itself from one pass, "sequential"
            draws one after another given those before, "exact" sums over fillings along the chain rule.
        n_draws: draws for each set of several absent units.
        original: "keep" the original word among the candidates (the paper), or "exclude" it and renormalise the
            rest, so that a word that the likelihood model predicts well is not scored near zero merely for that.
        beam: partial fillings that are continued, for units of several tokens and fill="exact".
        order: the order in which tokens are filled by the chain rule: "left-to-right", "right-to-left", or the
            tokens' ranks, a permutation of 0 to k - 1 for sets of k tokens.
    Raises:
        OptionError: an option is out of range.
        ModelError: the likelihood model cannot be loaded or used.
    Source: Kim et al. 2020, Eq. 2-4. Deviations: special tokens are no candidates.
    """

    name: ClassVar[str] = "marginal"
    summary: ClassVar[str] = "what a likelihood model puts there: a masked one, a unigram prior, or all words alike"
    needs: ClassVar[str] = "a likelihood model"
    cost: ClassVar[str] = f"{N_DRAWS} rows, its draws; for one absent unit its candidates"
    averages: ClassVar[bool] = True

    def __init__(
        self,
        likelihood: Likelihood | str | os.PathLike[str] | None = None,
        *,
        threshold: float = 1e-5,
        top_n: int | None = None,
        fill: str = "parallel",
        n_draws: int = N_DRAWS,
        original: str = "keep",
        beam: int = 256,
        order: str | Sequence[int] = "left-to-right",
    ) -> None:
        require_at_least("threshold", threshold, 0)
        if threshold >= 1:
            raise OptionError(f"threshold must be less than 1, got {threshold}")
        for name, value in (("n_draws", n_draws), ("beam", beam), ("top_n", 1 if top_n is None else top_n)):
            require_count(name, value, 1)
        require_one_of("fill", fill, FILLS)
        require_one_of("original", original, ORIGINALS)
        self.likelihood = make_likelihood(likelihood)
        self.fill, self.n_draws, self.original = fill, n_draws, original
        self.cut = Truncation(threshold, top_n, beam, original == "exclude", _check_order(order))

    @property
    def expected_rows(self) -> int:
        """About how many rows stand for one subset: its draws; for one absent unit, its candidates, more."""
        return self.n_draws

    def bind(self, model: Model, encoding: Encoding, *, seed: int) -> BoundMarginal:
        """Return the removal for an example.

        Raises:
            UnsupportedError: the likelihood model cannot work with the explained model.
        """
        return BoundMarginal(self, self.likelihood.bind(model, encoding), encoding, seed)

    def describe(self) -> dict[str, Any]:
        """Return name, settings and likelihood model."""
        order = self.cut.order if isinstance(self.cut.order, str) else list(self.cut.order)
        return {
            "name": self.name,
            "likelihood": self.likelihood.describe(),
            "threshold": self.cut.threshold,
            "top_n": self.cut.top_n,
            "fill": self.fill,
            "n_draws": self.n_draws,
            "original": self.original,
            "beam": self.cut.beam,
            "order": order,
        }


def _check_order(order: str | Sequence[int]) -> str | tuple[int, ...]:
    if isinstance(order, str):
        require_one_of("order", order, ORDERS)
        return order
    if sorted(order) != list(range(len(order))):
        raise OptionError(f"order must be a permutation of 0 to {len(order) - 1}, got {list(order)}")
    return tuple(int(rank) for rank in order)


@final
class BoundMarginal(BoundRemoval):
    """Marginalization of one example's units.

    Attributes:
        settings: the removal.
        slots: the example as the likelihood model fills it.
    """

    def __init__(self, settings: Marginal, slots: Slots, encoding: Encoding, seed: int) -> None:
        self.settings = settings
        self.slots = slots
        self._encoding = encoding
        self._seed = seed
        self._fillings: dict[tuple[int, ...], Fillings] = {}

    @property
    def likelihood_evaluations(self) -> int:
        """Rows that went through the likelihood model so far."""
        return self.slots.evaluations[0]

    def fillings(self, sets: Sequence[tuple[int, ...]]) -> list[Fillings]:
        """Return the likeliest fillings of each set of absent units; each set is enumerated once.

        Raises:
            UnitError: the order's permutation does not fit a set.
        """
        new = [absent for absent in dict.fromkeys(sets) if absent not in self._fillings]
        self._require_order(new)
        if new:
            self._fillings.update(zip(new, enumerate_fillings(self.slots, new, self.settings.cut), strict=True))
        return [self._fillings[absent] for absent in sets]

    def sampled(self, sets: Sequence[tuple[int, ...]], n: int) -> list[Fillings]:
        """Return n fillings of each set, drawn from the whole vocabulary; threshold and top_n do not matter.

        Raises:
            UnitError: the order's permutation does not fit a set.
        """
        self._require_order(sets)
        return sample_fillings(self.slots, sets, n, self.settings.cut, seed=self._seed)

    def _require_order(self, sets: Sequence[tuple[int, ...]]) -> None:
        order = self.settings.cut.order
        if isinstance(order, tuple):
            for absent in sets:
                n = len(self.slots.slots(absent))
                if n != len(order):
                    raise UnitError(f"order names {len(order)} tokens, but {self._words(absent)} has {n}")

    def _words(self, absent: Sequence[int]) -> str:
        return " + ".join(repr(self._encoding.units[unit].text) for unit in absent)

    def rows(self, fillings: Fillings) -> list[tuple[Rows, Ints]]:
        """Return the explained model's rows, with the index of each row's filling."""
        return self.slots.render(fillings.absent, fillings.fills)

    def words(self, fillings: Fillings, index: int) -> tuple[str, ...]:
        """Return one filling's words, one for each absent unit."""
        ends = np.cumsum([len(self.slots.of_unit[unit]) for unit in fillings.absent])
        parts = np.split(fillings.fills[index], ends[:-1])
        return tuple(self.slots.spell(unit, p.tolist()) for unit, p in zip(fillings.absent, parts, strict=True))

    def most_rows(self, known: Bools) -> Ints:
        """Return int (s,), the most rows of each subset: its fillings where they are summed, else draws."""
        absent_sets, summed = self._absent(known)
        rows = np.full(len(known), self.settings.n_draws)
        rows[summed] = [len(f.fills) for f in self.fillings([absent_sets[s] for s in summed])]
        return rows

    def _absent(self, known: Bools) -> tuple[list[tuple[int, ...]], list[int]]:
        """Return each subset's absent units, and which subsets are summed over fillings rather than drawn."""
        absent_sets = [tuple(int(unit) for unit in np.flatnonzero(~row)) for row in known]
        return absent_sets, [s for s, a in enumerate(absent_sets) if len(a) == 1 or self.settings.fill == "exact"]

    def draws(self, known: Bools) -> Draws:
        """Return weighted fillings: the truncated sum where one unit is absent, else draws."""
        blocks: list[tuple[Rows, Ints, Floats]] = []
        left_out = np.zeros(len(known))
        absent_sets, summed = self._absent(known)
        for s, fillings in zip(summed, self.fillings([absent_sets[s] for s in summed]), strict=True):
            left_out[s] = fillings.left_out
            for rows, index in self.rows(fillings):
                blocks.append((rows, np.full(len(index), s), fillings.weights[index]))
        drawn = sorted(set(range(len(known))) - set(summed))
        drawings = draw_fillings(
            self.slots,
            [absent_sets[s] for s in drawn],
            self.settings.n_draws,
            sequential=self.settings.fill == "sequential",
            exclude_original=self.settings.original == "exclude",
            seed=self._seed,
        )
        for s, fills in zip(drawn, drawings, strict=True):
            for rows, index in self.slots.render(absent_sets[s], fills):
                blocks.append((rows, np.full(len(index), s), np.full(len(index), 1.0 / len(fills))))
        return Draws(blocks, left_out, sampled=np.isin(np.arange(len(known)), drawn))


def make_likelihood(likelihood: Likelihood | str | os.PathLike[str] | None) -> Likelihood:
    """Return a likelihood model: the one given, "uniform", a masked language model by name, or the built-in one.

    Raises:
        OptionError: it is none of these.
    """
    if isinstance(likelihood, Likelihood):
        return likelihood
    if likelihood == "uniform":
        return Uniform()
    if likelihood is None or isinstance(likelihood, str | os.PathLike):
        return MaskedLanguageModel("builtin:mlm" if likelihood is None else likelihood)
    raise OptionError(
        f"likelihood must be a folder, a hub name, 'uniform' or a Likelihood; got {type(likelihood).__name__}"
    )
