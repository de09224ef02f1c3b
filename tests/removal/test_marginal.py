"""Units replaced by likely words: options, and what stands in their place."""

from __future__ import annotations

import pytest

import elision


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fill": "both"}, "fill must be one of parallel, sequential, exact; got 'both'"),
        ({"n_draws": 0}, "n_draws must be at least 1, got 0"),
        ({"n_draws": True}, "n_draws must be at least 1, got True"),
    ],
)
def test_marginal_options(options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError, match=f"^{message}$"):
        elision.Marginal("uniform", **options)
