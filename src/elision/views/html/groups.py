"""Groups as bands with links to their words, their importance as bars, and how pairs of words act together."""

from __future__ import annotations

from html import escape

from elision.results.explanation import Explanation
from elision.text import Unit
from elision.views.groups import interaction_line, members, numeral
from elision.views.html.colours import group_colour, shade, sign
from elision.views.shared import percent, signed

_ROW = 28.0
_THICK = 20.0
_GAP = 12.0
_LEAST_MEMBERSHIP = 0.02


def groups(explanation: Explanation) -> str:
    """Return the groups as a picture and as a table, or nothing where there are none.

    A link's width and strength are the word's probability of being in the group (phi), a bar is a group's importance
    (psi).

    Source: Chen et al. 2021, Figure 1.
    """
    if not explanation.groups:
        return ""
    return f'<div class="groups">{_picture(explanation)}{_table(explanation)}</div>\n'


def _picture(explanation: Explanation) -> str:
    """Return the words of each text in a column, and the groups' bands between them, most links uncrossed."""
    found = explanation.groups or ()
    sides = [
        [
            i
            for i, unit in enumerate(explanation.units)
            if unit.segment == segment and any(group.membership[i] >= _LEAST_MEMBERSHIP for group in found)
        ]
        for segment in range(len(explanation.segments))
    ]
    heights = [max(*(_THICK * sum(float(g.membership[i]) for i in side) for side in sides), _THICK) for g in found]
    height = max(_ROW * max(map(len, sides)), sum(heights) + _GAP * (len(found) - 1))
    places = {i: (height - _ROW * len(side)) / 2 + _ROW * (row + 0.5) for side in sides for row, i in enumerate(side)}
    tops = _tops(explanation, places, heights, height)
    bands = "".join(
        f'<span class="band" style="top:{tops[i]:.1f}px;height:{heights[i]:.1f}px;--own:{group_colour(i)}">'
        f"<b>{numeral(i)}</b></span>"
        for i in range(len(found))
    )
    columns = [_words(explanation, sides[0]), _links(explanation, sides[0], places, tops, heights, height)]
    columns.append(f'<div class="bands">{bands}</div>')
    if len(sides) > 1:
        columns += [_links(explanation, sides[1], places, tops, heights, height, flipped=True)]
        columns += [_words(explanation, sides[1])]
    kind = "pair" if len(sides) > 1 else "single"
    return (
        '<div class="wide" tabindex="0" role="group" aria-label="picture of the groups">'
        f'<div class="links {kind}" role="img" aria-label="groups of words, told in the table below" '
        f'style="height:{height:.1f}px">{"".join(columns)}</div></div>'
    )


def _tops(explanation: Explanation, places: dict[int, float], heights: list[float], height: float) -> list[float]:
    """Return where each band starts, in the order of their words' mean places."""
    means = []
    for group in explanation.groups or ():
        weights = {i: float(group.membership[i]) for i in places}
        total = sum(weights.values())
        means.append(sum(w * places[i] for i, w in weights.items()) / total if total > 0 else height / 2)
    gap = (height - sum(heights)) / (len(heights) + 1)
    tops, y = [0.0] * len(heights), gap
    if gap < _GAP:
        gap = (height - sum(heights)) / max(len(heights) - 1, 1)
        y = 0.0
    for i in sorted(range(len(heights)), key=lambda i: (means[i], i)):
        tops[i] = y
        y += heights[i] + gap
    return tops


def _words(explanation: Explanation, side: list[int]) -> str:
    items = "".join(f'<li data-unit="{i}"><bdi>{escape(explanation.units[i].text)}</bdi></li>' for i in side)
    return f"<ul>{items}</ul>"


def _links(
    explanation: Explanation,
    side: list[int],
    places: dict[int, float],
    tops: list[float],
    heights: list[float],
    height: float,
    *,
    flipped: bool = False,
) -> str:
    """Return the links of one text's words, as wide as phi, from the words' middle to the bands'."""
    found = explanation.groups or ()
    spans = {i: sum(float(group.membership[i]) for group in found) * _THICK for i in side}
    starts = {i: places[i] - spans[i] / 2 for i in side}
    paths = []
    for band, group in enumerate(found):
        end = tops[band] + (heights[band] - _THICK * sum(float(group.membership[i]) for i in side)) / 2
        for i in side:
            phi = float(group.membership[i])
            start, wide = starts[i], phi * _THICK
            if phi >= _LEAST_MEMBERSHIP:
                word = escape(explanation.units[i].text)
                paths.append(
                    f'<path d="{_curve(start, end, wide, flipped=flipped)}" fill="{group_colour(band)}" '
                    f'fill-opacity="{0.2 + 0.6 * min(phi, 1.0):.2f}" data-unit="{i}">'
                    f"<title>{word}: group {numeral(band)} ({escape(percent(phi))})</title></path>"
                )
            starts[i] += wide
            end += wide
    return f'<svg viewBox="0 0 100 {height:.1f}" preserveAspectRatio="none">{"".join(paths)}</svg>'


def _curve(start: float, end: float, wide: float, *, flipped: bool) -> str:
    """Return a band from a word to a group: from the left edge to the right one, or back."""
    here, there = (100, 0) if flipped else (0, 100)
    back = f"L{there},{end + wide:.1f}C50,{end + wide:.1f} 50,{start + wide:.1f} {here},{start + wide:.1f}Z"
    return f"M{here},{start:.1f}C50,{start:.1f} 50,{end:.1f} {there},{end:.1f}{back}"


def _table(explanation: Explanation) -> str:
    """Return a row for each group: importance as a bar, loss, words of each text."""
    pair = len(explanation.segments) > 1
    titles = ["group", "importance", "loss", *(["words of text 1", "words of text 2"] if pair else ["words"])]
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    rows = []
    for i, group in enumerate(explanation.groups or ()):
        wide = 100 * min(max(group.importance, 0.0), 1.0)
        cells = f'<th scope="row"><b class="badge" style="border-color:{group_colour(i)}">{numeral(i)}</b></th>'
        cells += f'<td><span class="track"><i style="width:{wide:.1f}%;background:{group_colour(i)}"></i></span>'
        cells += f"{escape(percent(group.importance))}</td><td>{group.loss:.2f}</td>"
        cells += "".join(
            f"<td><bdi>{escape(members(explanation, i, segment))}</bdi></td>"
            for segment in range(len(explanation.segments))
        )
        rows.append(f"<tr>{cells}</tr>")
    return (
        '<div class="wide" tabindex="0" role="group" aria-label="groups">'
        f'<table class="importance"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def interactions(explanation: Explanation) -> str:
    """Return the Shapley interactions as a matrix: of the two texts' words, or of all words of one; or nothing."""
    pair = len(explanation.segments) > 1
    found = [p for p in explanation.interactions or () if p.across or not pair]
    if not found:
        return ""
    values = {(p.first, p.second): p.shapley for p in found}
    values |= {} if pair else {(p.second, p.first): p.shapley for p in found}
    largest = max(map(abs, values.values())) or 1.0
    involved = {unit for key in values for unit in key}
    rows = [u for u in explanation.units if u in involved and u.segment == 0]
    columns = [u for u in explanation.units if u in involved and u.segment == (1 if pair else 0)]
    head = "".join(f'<th scope="col"><bdi>{escape(unit.text)}</bdi></th>' for unit in columns)
    body = "".join(
        f'<tr><th scope="row"><bdi>{escape(one.text)}</bdi></th>'
        + "".join(_cell(values, one, other, largest) for other in columns)
        + "</tr>"
        for one in rows
    )
    title = interaction_line(explanation) or "interactions"
    return (
        f"<details><summary>{escape(title)}</summary>"
        '<div class="wide" tabindex="0" role="group" aria-label="interactions"><table class="matrix">'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table></div></details>\n"
    )


def _cell(values: dict[tuple[Unit, Unit], float], one: Unit, other: Unit, largest: float) -> str:
    value = values.get((one, other))
    if value is None:
        return "<td></td>"
    part = value / largest
    return f'<td class="{sign(part)}" style="{shade(part)}">{signed(value)}</td>'
