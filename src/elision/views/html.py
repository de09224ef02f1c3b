"""The explanation as an HTML fragment, for notebooks."""

from __future__ import annotations

from html import escape

from elision.explanation import Explanation
from elision.views.groups import colour, interaction_line, letter, members, share
from elision.views.shared import (
    BLUE,
    RED,
    headline,
    interval,
    number,
    percent,
    pieces,
    provenance_line,
    score_title,
    strength,
)


def render_html(explanation: Explanation) -> str:
    """Return a fragment that needs nothing from outside; every text is escaped."""
    shares = strength(explanation)
    lines = "".join(
        f'<p dir="auto" style="line-height:1.9;margin:.4em 0">{_strip(explanation, segment, shares)}</p>'
        for segment in range(len(explanation.segments))
    )
    notes = "".join(f"<p>Note: {escape(note)}</p>" for note in explanation.notes)
    return (
        '<div style="font-family:system-ui,sans-serif">'
        f"<p><strong>{escape(headline(explanation))}</strong></p>{lines}"
        f"{_groups(explanation)}"
        f"<details><summary>Scores: {escape(score_title(explanation))}</summary>{_table(explanation)}</details>{notes}"
        f'<p style="opacity:.7;font-size:85%">{escape(provenance_line(explanation))}</p></div>'
    )


def _strip(explanation: Explanation, segment: int, shares: list[float]) -> str:
    parts = []
    for text, unit in pieces(explanation, segment):
        if unit is None:
            parts.append(escape(text))
            continue
        red, green, blue = RED if shares[unit] > 0 else BLUE
        alpha = 0 if abs(shares[unit]) < 0.02 else 0.12 + 0.58 * abs(shares[unit])
        title = escape(_title(explanation, unit))
        style = f"background:rgba({red},{green},{blue},{alpha:.2f});padding:.1em .15em;border-radius:.2em"
        parts.append(f'<span title="{title}" style="{style}">{escape(text)}</span>{_mark(explanation.group_of(unit))}')
    return "".join(parts)


def _mark(group: int | None) -> str:
    """Return a group's letter in its colour, or nothing."""
    if group is None:
        return ""
    return f'<sub style="font-weight:bold;color:{_css(group)}">{letter(group)}</sub>'


def _css(group: int) -> str:
    red, green, blue = colour(group)
    return f"rgb({red},{green},{blue})"


def _groups(explanation: Explanation) -> str:
    """Return the groups as a table, with the strongest interactions."""
    if explanation.groups is None:
        return ""
    pair = len(explanation.segments) > 1
    head = "<th>group</th><th>importance</th><th>loss</th>"
    head += "<th>words of text 1</th><th>words of text 2</th>" if pair else "<th>words</th>"
    rows = []
    for i, group in enumerate(explanation.groups):
        cells = [
            f'<strong style="color:{_css(i)}">{letter(i)}</strong>',
            percent(group.importance),
            f"{group.loss:.2f}",
        ]
        cells += [escape(members(explanation, i, segment)) for segment in range(len(explanation.segments))]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    line = interaction_line(explanation)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return table + (f"<p>{escape(line)}</p>" if line else "")


def _title(explanation: Explanation, unit: int) -> str:
    title = f"{number(explanation, explanation.scores[unit])} {explanation.unit_of_scores}"
    bounds = interval(explanation, unit)
    title = f"{title} ({bounds})" if bounds else title
    group = share(explanation, unit)
    return f"{title}, group {group}" if group else title


def _table(explanation: Explanation) -> str:
    pair = len(explanation.segments) > 1
    head = "<th>text</th>" * pair + "<th>word</th><th>score</th><th>bounds or error</th>"
    likely = explanation.likelihoods
    if likely is not None:
        head += "<th>likelihood</th>"
    rows = []
    for i, unit in enumerate(explanation.units):
        cells = [str(unit.segment + 1)] * pair + [
            escape(unit.text),
            number(explanation, explanation.scores[i]),
            interval(explanation, i),
        ]
        if likely is not None:
            cells.append(escape(percent(float(likely[i]))))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
