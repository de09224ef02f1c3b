"""How many tokens go through a model together."""

from __future__ import annotations

from typing import final

_GAIN = 1.05
_MOST_TOKENS = 1 << 20
"""Where the trial ends: at a gain of less, or at so many tokens. Choices."""


@final
class TokenBudget:
    """The most tokens in one batch, padding included.

    By trial, it doubles while full batches get faster per token by at least 5 %, and then stays; the trial runs on
    the work at hand, so it costs nothing. In either case it halves where memory does not suffice, and stays there.

    Args:
        tokens: what it is, or by trial what it starts from.
        by_trial: whether it grows.
    """

    def __init__(self, tokens: int, *, by_trial: bool = False) -> None:
        self.tokens = tokens
        self._growing = by_trial
        self._warm = False
        self._best = 0.0

    def report(self, area: int, seconds: float) -> None:
        """Take note that a batch of so many tokens, padding included, took so many seconds."""
        if not self._growing or area <= self.tokens // 2:
            return
        if not self._warm:
            # The first batch of a size also pays for compiling kernels and for fetching memory.
            self._warm = True
            return
        speed = area / max(seconds, 1e-9)
        self._warm = False
        if speed < _GAIN * self._best:
            self.tokens //= 2
            self._growing = False
        else:
            self._best = speed
            self._growing = self.tokens < _MOST_TOKENS
            self.tokens = min(2 * self.tokens, _MOST_TOKENS)

    def shrink(self, area: int) -> None:
        """Take note that memory did not suffice for a batch of so many tokens."""
        self.tokens = max(min(self.tokens, area // 2), 1)
        self._growing = False
