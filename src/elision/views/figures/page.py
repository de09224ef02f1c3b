"""What every picture is drawn on: a page written from the top down in inches, and the files it is saved in."""

from __future__ import annotations

import io
import os
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from elision.errors import OptionError
from elision.results.explanation import Explanation
from elision.views.figures.fonts import UNKNOWN, readable
from elision.views.shared import number, visible

INK = "#222222"
GREY = "#6b6b6b"
PALE = "#d9d9d9"
SIZE = 10.0
SMALL = 8.0
MARGIN = 0.12
POINT = 1.0 / 72.0
_METADATA: dict[str, dict[str, Any]] = {
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None, "ModDate": None},
    ".png": {"Software": None},
}
_AS_TEXT = {"svg.fonttype": "none", "svg.hashsalt": "elision", "pdf.fonttype": 42}
_DOTS_AN_INCH = 200

Colour = tuple[int, int, int]
P = ParamSpec("P")


def drawn(picture: Callable[P, Figure]) -> Callable[P, Figure]:
    """Make a function draw under matplotlib's own defaults, whatever rcParams the caller has set, and restore those."""

    @wraps(picture)
    def under_defaults(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with matplotlib.style.context("default"):
            figure = picture(*args, **kwargs)
            if figure.axes:
                # Ticks are made when first drawn: by then the caller's settings would be theirs.
                figure.draw_without_rendering()
            return figure

    return under_defaults


def hexadecimal(colour: Colour, weight: float = 1.0) -> str:
    """Return a colour mixed with white: its share is weight."""
    return "#" + "".join(f"{round(255 + (channel - 255) * weight):02x}" for channel in colour)


class Original(Text):
    """A text that remembers the characters no font of this machine has: whoever opens an SVG file may have one."""

    original: str = ""


def label(text: Any, *, axes: Axes | None = None, **settings: Any) -> Original:
    """Return a text that is drawn as it stands: no formulas, no markup; of axes where they are given."""
    shown, families = readable(str(text))
    made = Original(0, 0, shown, parse_math=False, usetex=False, fontfamily=list(families))
    made.original = "".join(UNKNOWN if unicodedata.category(c) in ("Cn", "Cs") else c for c in visible(str(text)))
    made.set(**({"color": INK, "fontsize": SIZE} | settings))
    if axes is not None:
        axes.add_artist(made)
        made.set_clip_on(False)
    return made


def score_text(explanation: Explanation, i: int) -> str:
    """Return a unit's score as its method means it, with a minus as wide as the plus."""
    return number(explanation, explanation.scores[i]).replace("-", "−")


class Page:
    """A figure in inches from its upper left corner, as high as is known when all is written.

    Args:
        width: in inches.
    """

    def __init__(self, width: float) -> None:
        self.figure = Figure(figsize=(width, 1.0), dpi=100, facecolor="white", layout=None)
        self.width = width
        self._shift = Affine2D()
        self.place = Affine2D().scale(1.0, -1.0) + self._shift + self.figure.dpi_scale_trans
        self._panels: list[tuple[Axes, tuple[float, float, float, float]]] = []

    def text(self, x: float, y: float, text: str, **settings: Any) -> Original:
        """Write a text whose baseline starts at (x, y)."""
        made = label(text, x=x, y=y, transform=self.place, **settings)
        self.figure.add_artist(made)
        return made

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> FancyBboxPatch:
        """Fill a box with soft corners whose upper left corner is (x, y)."""
        radius = min(0.03, width / 2, height / 2)
        patch = FancyBboxPatch(
            (x, y),
            width,
            height,
            boxstyle=f"round,pad=0,rounding_size={radius}",
            transform=self.place,
            facecolor=colour,
            edgecolor="none",
            linewidth=0.0,
        )
        self.figure.add_artist(patch)
        return patch

    def line(self, x: tuple[float, ...], y: tuple[float, ...], **settings: Any) -> Line2D:
        """Draw a line through points."""
        made = Line2D(x, y, transform=self.place, **({"solid_capstyle": "butt", "color": INK} | settings))
        self.figure.add_artist(made)
        return made

    def panel(self, x: float, y: float, width: float, height: float) -> Axes:
        """Return axes whose upper left corner is (x, y)."""
        axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.tick_params(labelsize=SMALL, colors=GREY, labelcolor=INK, length=3.0, width=0.6)
        for side, spine in axes.spines.items():
            spine.set(visible=side in ("left", "bottom"), color=GREY, linewidth=0.6)
        axes.set_axisbelow(True)
        self._panels.append((axes, (x, y, width, height)))
        return axes

    def finish(self, height: float) -> Figure:
        """Return the figure, cut off below height."""
        self.figure.set_size_inches(self.width, height)
        self._shift.translate(0.0, height)
        for axes, (x, y, w, h) in self._panels:
            axes.set_position((x / self.width, 1.0 - (y + h) / height, w / self.width, h / height))
        return self.figure


def save(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure as SVG, PDF or PNG, by the file's extension; the same figure gives the same bytes.

    Texts stay texts in SVG and PDF.

    Args:
        figure: one of this package's.
        path: the file to write.
    Raises:
        OptionError: the extension is none of the three, or the file cannot be written.
    """
    file = Path(path)
    kind = file.suffix.lower()
    if kind not in _METADATA:
        raise OptionError(f"a figure's file must end in .svg, .pdf or .png, got {str(file)!r}")
    written = io.BytesIO()
    with matplotlib.style.context(["default", _AS_TEXT]), _spelled_out(figure, kind == ".svg"):
        figure.savefig(written, format=kind[1:], metadata=_METADATA[kind], dpi=_DOTS_AN_INCH)
    try:
        file.write_bytes(written.getvalue())
    except OSError as error:
        raise OptionError(f"cannot write {str(file)!r}: {error.strerror}") from error


@contextmanager
def _spelled_out(figure: Figure, wanted: bool) -> Iterator[None]:
    """Give texts, for as long as they are written, also the characters that this machine cannot draw."""
    texts = [text for text in figure.findobj(Original) if isinstance(text, Original)] if wanted else []
    shown = [text.get_text() for text in texts]
    for text in texts:
        text.set_text(text.original)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph ")
            yield
    finally:
        for text, before in zip(texts, shown, strict=True):
            text.set_text(before)
