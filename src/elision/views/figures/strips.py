"""Texts whose words are coloured by their scores: one under another, or methods side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from elision.errors import OptionError, require_at_least, require_count
from elision.results.explanation import Explanation
from elision.views.answers import answer_text, headline, named_target, sides
from elision.views.figures.flow import PAD, Line, Word, flow
from elision.views.figures.fonts import broken, fitted, measure
from elision.views.figures.page import GREY, MARGIN, PALE, POINT, SIZE, SMALL, Colour, Page, drawn, hexadecimal
from elision.views.palettes import BLUE, RED
from elision.views.shared import is_signed, score_title, strength

PINK: Colour = (232, 62, 140)
SKY: Colour = (30, 136, 229)
Mark = tuple[Colour, float, bool]
"""A word's colour, how strong it is, and whether the word speaks against the class."""

_LEAST_WIDTH = 2.0
_LEAST_SHOWN = 0.02
_ASCENT = 0.95 * SIZE * POINT
_DESCENT = 0.3 * SIZE * POINT
_PITCH = 1.75 * SIZE * POINT
_SCORE = 1.05 * SMALL * POINT
_BETWEEN = 0.09
_COLUMN = 0.3
_LARGEST_NAMES = 0.3


@dataclass(frozen=True, slots=True)
class _Style:
    """How strips are drawn: what stands below words, how many are coloured, where words start and end."""

    numbers: bool
    top: int | None
    left: float
    right: float


@drawn
def heat_strip(
    explanations: Explanation | Sequence[Explanation],
    *,
    names: Sequence[str] | None = None,
    width: float = 7.0,
    top: int | None = None,
    numbers: bool = False,
) -> Figure:
    """Draw texts with each word coloured by its score, the strongest word of each text in full colour.

    Red with a solid line below speaks for the class explained, blue with a dashed line against it.

    Args:
        explanations: one, or several, drawn one under another.
        names: what stands at the left of each, such as the method; without it the class explained and its
            probability, or the score.
        width: in inches.
        top: colour only the so many units that weigh most, those of a pair's first text in pink, of its second in blue.
        numbers: write each score below its word.
    Returns:
        A figure as high as its lines need.
    Raises:
        OptionError: there is nothing to draw, names are not as many, or a setting is out of range.
    """
    shown = [explanations] if isinstance(explanations, Explanation) else list(explanations)
    if not shown:
        raise OptionError("explanations must hold at least one explanation, got none")
    if names is None:
        names = [f"{e.target} {answer_text(e, e.value)}" for e in shown]
    if isinstance(names, str) or len(names) != len(shown):
        given = 1 if isinstance(names, str) else len(names)
        raise OptionError(f"names must be as many as explanations, {len(shown)}, got {given}")
    style, page = _start(shown, names, width, top, numbers=numbers)
    y = MARGIN
    for name, explanation in zip(names, shown, strict=True):
        y = _strip(page, y, name, explanation, style) + _BETWEEN
    return page.finish(_legend(page, y, shown, style) + MARGIN)


@drawn
def comparison_grid(
    named: Mapping[str, Sequence[Explanation]],
    *,
    width: float = 7.0,
    top: int | None = None,
    numbers: bool = False,
) -> Figure:
    """Draw what several methods find in the same examples: a block for each example, a strip for each method.

    Args:
        named: method's name -> explanations of n examples, the same for all methods and in the same order.
        width: in inches.
        top: colour only the so many units that weigh most, those of a pair's first text in pink, of its second in blue.
        numbers: write each score below its word.
    Returns:
        A figure as high as its lines need.
    Raises:
        OptionError: there is nothing to draw, methods do not explain the same texts, or a setting is out of range.
    """
    columns = [list(explanations) for explanations in named.values()]
    if not columns or not columns[0]:
        raise OptionError("named must hold at least one method with one explanation, got none")
    for name, column in zip(named, columns, strict=True):
        if [e.segments for e in column] != [e.segments for e in columns[0]]:
            raise OptionError(f"all methods must explain the same texts in the same order; {name!r} explains others")
    shown = [explanation for column in columns for explanation in column]
    style, page = _start(shown, list(named), width, top, numbers=numbers)
    y = MARGIN
    for i, first in enumerate(columns[0]):
        if i:
            page.line((MARGIN, width - MARGIN), (y, y), color=PALE, linewidth=0.8)
            y += _BETWEEN
        y += _ASCENT
        head = f"{i + 1}   {headline(first)}" if len(columns[0]) > 1 else headline(first)
        page.text(MARGIN, y, fitted(head, SIZE, width - 2 * MARGIN, bold=True), fontweight="bold")
        y += _DESCENT + _BETWEEN
        for name, column in zip(named, columns, strict=True):
            y = _strip(page, y, name, column[i], style) + _BETWEEN
    return page.finish(_legend(page, y, shown, style) + MARGIN)


def _start(
    shown: Sequence[Explanation], names: Sequence[str], width: float, top: int | None, *, numbers: bool
) -> tuple[_Style, Page]:
    """Return the style that has room for the names, and an empty page.

    Raises:
        OptionError: width or top is out of range.
    """
    require_at_least("width", width, _LEAST_WIDTH)
    if top is not None:
        require_count("top", top, 1)
    widest = min(max(measure(str(name), SIZE) for name in names), _LARGEST_NAMES * width)
    left = MARGIN + widest + (_COLUMN / 2 if widest else 0.0)
    return _Style(numbers, top, left, width - MARGIN), Page(width)


def _strip(page: Page, y: float, name: str, explanation: Explanation, style: _Style) -> float:
    """Draw one explanation with its name at the left; return where it ends."""
    below = y
    for part in _wrapped(name, style.left - MARGIN):
        page.text(MARGIN, below + _ASCENT, part, color=GREY)
        below += _PITCH
    pair = len(explanation.segments) > 1
    tags = [f"{segment + 1}" if pair else "" for segment in range(len(explanation.segments))]
    indent = measure("2", SMALL) + 3 * PAD if pair else 0.0
    room = style.right - style.left - indent
    texts = [flow(explanation, segment, room, numbers=style.numbers) for segment in range(len(tags))]
    colours = _colours(explanation, style.top)
    beside = pair and all(len(lines) == 1 for lines in texts)
    beside = beside and sum(lines[0].width for lines in texts) + indent + _COLUMN <= room
    x, end = style.left, y
    for tag, lines in zip(tags, texts, strict=True):
        top = y if beside else end
        page.text(x, top + _ASCENT, tag, color=GREY, fontsize=SMALL) if tag else None
        right = x + indent + lines[0].width if beside else style.right
        for line in lines:
            _words(page, x + indent, right, top + _ASCENT, line, colours)
            top += _PITCH + (_SCORE if style.numbers else 0.0)
        end = max(end, top)
        x += indent + lines[0].width + _COLUMN if beside else 0.0
    return max(below, end) - (_PITCH - _ASCENT - _DESCENT) / 2


def _wrapped(name: str, room: float) -> list[str]:
    """Return a name in lines of at most room inches."""
    lines = [""]
    for word in str(name).split():
        for part in broken(word, SIZE, room):
            longer = f"{lines[-1]} {part}".strip()
            if lines[-1] and measure(longer, SIZE) > room:
                lines.append(part)
            else:
                lines[-1] = longer
    return lines


def _words(
    page: Page,
    left: float,
    right: float,
    baseline: float,
    line: Line,
    colours: Mapping[int, Mark],
) -> None:
    """Draw a line of words between two edges."""
    x = right - line.width if line.from_right else left
    for i, word in enumerate(line.words):
        # A gap belongs to the word before which it is read: in a line from right to left it stands after the word.
        x += 0.0 if line.from_right or i == 0 else word.gap
        mark = None if word.unit is None else colours.get(word.unit)
        _word(page, x, baseline, word, mark)
        x += word.width + (word.gap if line.from_right else 0.0)


def _word(page: Page, x: float, baseline: float, word: Word, mark: Mark | None) -> None:
    if mark is not None:
        colour, share, against = mark
        edge = baseline + _DESCENT
        page.box(x, baseline - _ASCENT, word.width, _ASCENT + _DESCENT, hexadecimal(colour, 0.10 + 0.5 * share))
        page.line(
            (x + 0.5 * POINT, x + word.width - 0.5 * POINT),
            (edge, edge),
            color=hexadecimal(colour, 0.4 + 0.6 * share),
            linewidth=1.4,
            linestyle=(0, (2.0, 1.2)) if against else "-",
        )
    middle = x + word.width / 2
    page.text(middle, baseline, word.text, ha="center", **({"color": GREY} if word.unit is None else {}))
    if word.score:
        page.text(middle, baseline + _DESCENT + _SCORE, word.score, ha="center", fontsize=SMALL, color=GREY)


def _colours(explanation: Explanation, top: int | None) -> dict[int, Mark]:
    """Return the marks of the units that are coloured."""
    shares = strength(explanation)
    by_text = top is not None and len(explanation.segments) > 1
    ranked = sorted(range(len(shares)), key=lambda i: -abs(shares[i]))[:top]
    found = {}
    for i in ranked:
        if abs(shares[i]) < (_LEAST_SHOWN if top is None else 1e-12):
            continue
        sides = (PINK, SKY)[explanation.units[i].segment]
        found[i] = (sides if by_text else RED if shares[i] > 0 else BLUE, abs(shares[i]), shares[i] < 0)
    return found


def _targets(shown: Sequence[Explanation]) -> str:
    """Return what is explained, by name where it is the same of all."""
    if len({e.target for e in shown}) > 1:
        return "the class explained" if any(e.is_probability for e in shown) else "the score explained"
    named = named_target(shown[0])
    return named if named != shown[0].target else f"“{named}”"


def _legend(page: Page, y: float, shown: Sequence[Explanation], style: _Style) -> float:
    """Draw what colours and lines mean; return where it ends."""
    target = _targets(shown)
    towards, away = sides(next((e for e in shown if e.is_probability), shown[0]))
    if style.top is not None and any(len(e.segments) > 1 for e in shown):
        marks = [(PINK, "text 1", False), (SKY, "text 2", False)]
        if any(i in _colours(e, style.top) and e.scores[i] < 0 for e in shown for i in range(len(e.units))):
            marks.append(((90, 90, 90), f"dashed: {away} {target}", True))
    elif any(is_signed(e) for e in shown):
        marks = [(RED, f"{towards} {target}", False), (BLUE, f"{away} {target}", True)]
    else:
        titles = {score_title(e) for e in shown}
        marks = [(RED, f"{next(iter(titles)) if len(titles) == 1 else 'score'} for {target}", False)]
    x, baseline = style.left, y + _ASCENT
    for colour, said, against in marks:
        said = fitted(said, SMALL, max(style.right - style.left - 0.3, 0.5))
        if x > style.left and x + 0.26 + measure(said, SMALL) > style.right:
            x, baseline = style.left, baseline + _PITCH
        _word(page, x, baseline, Word("", None, 0.2, 0.0), (colour, 0.8, against))
        page.text(x + 0.26, baseline, said, fontsize=SMALL, color=GREY)
        x += 0.26 + measure(said, SMALL) + _COLUMN / 1.5
    return baseline + _DESCENT
