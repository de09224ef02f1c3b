"""Several methods' explanations of one text, side by side, with their rank correlations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from elision.arrays import Floats
from elision.constructed import short
from elision.errors import require_one_of
from elision.results.correlation import CORRELATIONS, correlate
from elision.results.explanation import Explanation


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Explanations of one example by m methods.

    Attributes:
        names: the methods' names.
        explanations: one of each.
        failures: the names of methods that could not explain the example, with the reasons.
    """

    names: tuple[str, ...]
    explanations: tuple[Explanation, ...]
    failures: tuple[tuple[str, str], ...] = ()

    @property
    def scores(self) -> Floats:
        """float64 (m, u), each method in its own unit."""
        return np.array([explanation.scores for explanation in self.explanations])

    def correlation(self, kind: str = "spearman") -> Floats:
        """Return float64 (m, m), how alike the methods rank units; NaN where one scores all alike.

        Args:
            kind: "spearman" and "kendall" compare ranks, "pearson" the scores.
        """
        require_one_of("kind", kind, CORRELATIONS)
        found = np.eye(len(self.names))
        for i, one in enumerate(self.scores):
            for j, other in enumerate(self.scores[:i]):
                found[i, j] = found[j, i] = correlate(one, other, kind)
        return found

    def to_html(self, *, palette: str = "red-blue") -> str:
        """Return one self-contained HTML file: the methods one under another, with a switch, and their correlations.

        Args:
            palette: colours for and against, "red-blue" or "orange-teal"; the reader can switch them.
        Raises:
            OptionError: there is no such palette.
        """
        from elision.views.html import document

        return document(self, palette)

    def _repr_html_(self) -> str:
        from elision.views.html import fragment

        return fragment(self)

    def __repr__(self) -> str:
        return f"Comparison({short(self.names)}, {short(self.explanations[0].example)})"

    def __str__(self) -> str:
        from io import StringIO

        from rich.console import Console

        from elision.views.comparison import view

        console = Console(file=StringIO(), width=100, color_system=None)
        console.print(view(self))
        return str(console.file.getvalue()).rstrip()  # type: ignore[attr-defined]
