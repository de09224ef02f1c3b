"""Texts with coloured words, and the table of their scores with bars."""

from __future__ import annotations

from html import escape

import numpy as np

from elision.results.explanation import Explanation
from elision.views.answers import percent, sides
from elision.views.groups import numeral, share
from elision.views.html.colours import group_colour, shade, side, sign
from elision.views.html.rationales import meaning_of, over
from elision.views.rationales import marks
from elision.views.shared import (
    interval,
    interval_ends,
    is_signed,
    number,
    pieces,
    points,
    strength,
    without,
)
from elision.views.words import error_hint


def strip(explanation: Explanation, segment: int) -> str:
    """Return one text, each word coloured by its score, underlined by its sign, with its group's numeral.

    Lines above it say in which sets it is.
    """
    shares, sets = strength(explanation), marks(explanation) or [""] * len(explanation.units)
    parts = []
    for text, i in pieces(explanation, segment):
        if i is None:
            parts.append(escape(text))
            continue
        group = share(explanation, i)
        own = f' data-group="{escape(group)}"' if group else ""
        own += f' data-set="{meaning_of(sets[i])}"' if sets[i] else ""
        title = ", ".join(filter(None, [_title(explanation, i), meaning_of(sets[i])]))
        word = (
            f'<span class="word {sign(shares[i])}" data-unit="{i}"{own} title="{escape(title)}" '
            f'style="{shade(shares[i])}">{escape(text)}</span>'
        )
        parts.append(over(sets[i], word) + _mark(explanation.group_of(i)))
    name = f"text {segment + 1}" if len(explanation.segments) > 1 else "text"
    return f'<p class="strip{" lined" * any(sets)}" dir="auto" data-name="{name}">{"".join(parts)}</p>'


def _mark(group: int | None) -> str:
    """Return a group's numeral, underlined in its colour, or nothing."""
    return "" if group is None else f'<sub style="border-color:{group_colour(group)}">{numeral(group)}</sub>'


def _title(explanation: Explanation, i: int) -> str:
    title = f"{number(explanation, explanation.scores[i])} {explanation.unit_of_scores}".rstrip()
    bounds = interval(explanation, i)
    title = f"{title} ({bounds})" if bounds else title
    absent = without(explanation, i)
    change = f", {told} points" if (told := points(explanation, i)) else ""
    title = f"without it {absent}{change}; {title}" if absent else title
    group = share(explanation, i)
    return f"{title}, group {group}" if group else title


def scores(explanation: Explanation) -> str:
    """Return a table: a row for each word, with a bar, what the answer is without it, and the score with its interval.

    Where a class's probability without a word is known, the script folds all other numbers away until they are asked
    for.
    """
    pair = len(explanation.segments) > 1
    low, high = _range(explanation)
    head = ['<th scope="col" class="name">text</th>'] * pair + ['<th scope="col" class="name">word</th>']
    towards, away = sides(explanation)
    negative = f"<b>- {away}</b>" if is_signed(explanation) else ""
    head.append(f'<th scope="col" class="bars"><span>{negative}<b>+ {towards}</b></span></th>')
    columns = _columns(explanation)
    heads = [(name, "bit" if "bit" in own else "set" * (name == "set")) for name, own, _ in columns]
    head += [f'<th scope="col"{f" class={kind}" * bool(kind)}>{name}</th>' for name, kind in heads]
    rows = []
    for i, unit in enumerate(explanation.units):
        cells = [f"<td>{unit.segment + 1}</td>"] * pair + [f'<th scope="row"><bdi>{escape(unit.text)}</bdi></th>']
        cells.append(f"<td>{_bar(explanation, i, low, high)}</td>")
        cells += [f"<td{own}>{escape(shown[i])}</td>" for _, own, shown in columns]
        rows.append(f'<tr data-unit="{i}">{"".join(cells)}</tr>')
    zero = 100 * -low / (high - low)
    return (
        '<div class="wide" tabindex="0" role="group" aria-label="scores">'
        f'<table class="scores" style="--zero:{zero:.2f}%"><thead><tr>{"".join(head)}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>{_intervals_are(explanation)}</div>"
    )


def _columns(explanation: Explanation) -> list[tuple[str, str, list[str]]]:
    """Return the table's numbers: heading, attributes and a text for each unit."""
    everyone = range(len(explanation.units))
    told, likely = explanation.absent_values is not None, explanation.likelihoods
    found = []
    if told:
        found.append(("without it", ' class="without"', [without(explanation, i) for i in everyone]))
    in_percent = told and explanation.is_probability
    if in_percent:
        found.append(("points", ' class="points"', [points(explanation, i) for i in everyone]))
    bit = " bit" * in_percent
    found.append(("score", f' class="score{bit}"', [number(explanation, score) for score in explanation.scores]))
    if interval_ends(explanation) is not None:
        found.append(("error or bounds", f' class="interval{bit}"', [interval(explanation, i) for i in everyone]))
    if likely is not None:
        found.append(
            ("likelihood", f' class="{bit.strip()}"' * in_percent, [percent(float(value)) for value in likely])
        )
    if (sets := marks(explanation)) is not None:
        found.append(("set", ' class="set"', sets))
    return found


def _range(explanation: Explanation) -> tuple[float, float]:
    """Return the least and the largest number that bars or intervals reach; 0 is among them."""
    ends = interval_ends(explanation)
    reached = np.concatenate([explanation.scores, [0.0], [] if ends is None else ends.ravel()])
    low, high = float(reached.min()), float(reached.max())
    return (low, high) if high > low else (low, low + 1.0)


def _bar(explanation: Explanation, i: int, low: float, high: float) -> str:
    """Return a bar from 0 to the score, and a line from the interval's lower to its upper end."""
    score, ends = float(explanation.scores[i]), interval_ends(explanation)
    spans = [("bar " + side(score), min(score, 0.0), max(score, 0.0))]
    if ends is not None:
        spans.append(("reach", float(ends[0, i]), float(ends[1, i])))
    drawn = "".join(
        f'<i class="{kind}" style="left:{100 * (start - low) / (high - low):.2f}%;'
        f'width:{100 * (end - start) / (high - low):.2f}%"></i>'
        for kind, start, end in spans
    )
    return f'<span class="track" aria-hidden="true">{drawn}</span>'


def _intervals_are(explanation: Explanation) -> str:
    if interval_ends(explanation) is None:
        return ""
    line = "a 95 % interval" if explanation.std_error is not None else "the bounds"
    return f'<p class="legend">line over a bar: {line}<span class="bit">; {error_hint(explanation)}</span></p>'
