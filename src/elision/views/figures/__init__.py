"""Pictures of explanations and measurements for papers and notebooks, drawn by matplotlib (`elision[figures]`).

Each function returns a `matplotlib.figure.Figure` that pyplot knows nothing of; `save` writes it. A caller's rcParams
neither change nor matter. Importing this module without matplotlib raises OptionError.
"""

from __future__ import annotations

from elision.errors import OptionError

try:
    import matplotlib as _matplotlib  # noqa: F401
except ImportError as error:
    raise OptionError('figures need the matplotlib library: pip install "elision[figures]"') from error

from elision.views.figures.bars import bars
from elision.views.figures.curves import curves, degradation_curves
from elision.views.figures.dots import metric_grid
from elision.views.figures.links import groups
from elision.views.figures.page import save
from elision.views.figures.strips import comparison_grid, heat_strip

__all__ = ["bars", "comparison_grid", "curves", "degradation_curves", "groups", "heat_strip", "metric_grid", "save"]
