"""The page: head, sections one per method, data, style and script."""

from __future__ import annotations

import hashlib
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from elision.results.explanation import Explanation
from elision.views.answers import answer_text, headline, percent, score_digits
from elision.views.html.assets import asset, policy, script
from elision.views.html.groups import groups, interactions
from elision.views.html.rationales import rationales
from elision.views.html.record import record
from elision.views.html.said import legend, palettes, sentences
from elision.views.html.words import scores, strip
from elision.views.palettes import DEFAULT, Palette, find_palette
from elision.views.shared import WEAK, meaning, precision, score_title
from elision.views.words import absence, sum_hint, unit_hint

if TYPE_CHECKING:
    from elision.results.comparison import Comparison

_LONGEST_TITLE = 60
_SHOWN_CLASSES = 12
_ORDERS = {"reading": "reading order", "size": "strongest first"}
_CLASS_ORDERS = {"for": "for the class first", "against": "against it first"}
_SCORE_ORDERS = {"for": "what raises it first", "against": "what lowers it first"}


def document(found: Explanation | Comparison, palette: str = DEFAULT) -> str:
    """Return one self-contained HTML file, which asks for nothing from outside and runs no script but its own.

    Args:
        found: what to show.
        palette: of the words' colours, "red-blue" or "orange-teal"; the reader can switch it.
    Raises:
        OptionError: there is no such palette.
    """
    colours = find_palette(palette)
    first = _named(found)[0][1]
    text = " ".join(" | ".join(first.segments).split())
    short = text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 1] + "…"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"{policy(script('report.js'))}\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(first.target)}: {escape(short)}</title>\n<style>{asset('document.css')}</style>\n"
        f"</head>\n<body>\n<main>\n{_render(found, 1, colours)}\n</main>\n</body>\n</html>\n"
    )


def fragment(found: Explanation | Comparison, palette: str = DEFAULT) -> str:
    """Return a part of a page, such as a notebook's: its style reaches nothing outside it, nor does its script."""
    return _render(found, 3, find_palette(palette))


def _render(found: Explanation | Comparison, level: int, palette: Palette) -> str:
    named = _named(found)
    data = [explanation.to_json(indent=None).replace("<", "\\u003c") for _, explanation in named]
    mark = hashlib.sha256("\n".join(data).encode()).hexdigest()[:12]
    first, alone = named[0][1], len(named) == 1
    heading = f"h{level}"
    sections = "\n".join(
        _section(name, explanation, own, f"h{level + 1}", "" if alone else sentences(explanation, palette))
        for (name, explanation), own in zip(named, data, strict=True)
    )
    return (
        f'<div class="elision-report" id="elision-{mark}" data-palette="{palette.name}">\n'
        f"<style>{asset('report.css')}</style>\n"
        f'<{heading} class="head">{escape(headline(first))}</{heading}>\n'
        f"{sentences(first, palette) if alone else ''}\n{_classes(first)}\n"
        f"{_controls(named, palette)}\n{_correlations(found)}\n{sections}\n"
        f"<script>{script('report.js')}</script>\n</div>"
    )


def _named(found: Explanation | Comparison) -> list[tuple[str, Explanation]]:
    if isinstance(found, Explanation):
        return [(found.method, found)]
    return list(zip(found.names, found.explanations, strict=True))


def _section(name: str, explanation: Explanation, data: str, heading: str, said: str) -> str:
    """Return what one method found; its JSON, which `Explanation.from_json` reads, stands first.

    What the method found is said here where several methods stand one under another; else it is said on top.
    """
    notes = "".join(f'<p class="note">Note: {escape(note)}</p>' for note in explanation.notes)
    strips = "".join(strip(explanation, segment) for segment in range(len(explanation.segments)))
    return (
        f'<section data-method="{escape(name)}" data-digits="{score_digits(explanation)}">\n'
        f'<script type="application/json">{data}</script>\n'
        f"<{heading}>{escape(name)}</{heading}>\n{said}"
        f'<p class="unscored" hidden></p>\n{strips}\n{legend(explanation)}\n'
        f"{rationales(explanation)}"
        f'<div class="panel" hidden></div>\n{groups(explanation)}{interactions(explanation)}'
        f"<details{'' if said else ' open'}><summary>Scores of {len(explanation.units)} words</summary>"
        f"{_numbers_are(explanation)}{scores(explanation)}</details>\n"
        f"{notes}{_footer(explanation)}{record(explanation)}\n</section>"
    )


def _numbers_are(explanation: Explanation) -> str:
    """Return what the table's numbers are; those of the scores go with their columns."""
    title, hints = escape(score_title(explanation)), (unit_hint(explanation), sum_hint(explanation))
    hint = "; ".join(filter(None, hints))
    without = f'<p class="legend">{escape(absence(explanation))}</p>' if absence(explanation) else ""
    folded = " bit" if without and explanation.is_probability else ""
    return (
        f'{without}<p class="legend{folded}">score: <span class="meaning" data-title="{title}">'
        f"{escape(meaning(explanation))}</span>{f'; {escape(hint)}' if hint else ''}</p>"
    )


def _footer(explanation: Explanation) -> str:
    said = precision(explanation)
    return f'<p class="legend footer">{escape(said[0].upper() + said[1:])}.</p>' if said else ""


def _classes(explanation: Explanation) -> str:
    """Return every class with its probability, as bars, or every score; of many the less likely ones are folded."""
    if not explanation.is_probability:
        return _outputs(explanation)
    order = np.argsort(-explanation.probabilities, kind="stable")
    items = [
        f'<li><span class="share" style="width:{100 * float(explanation.probabilities[i]):.1f}%"></span>'
        f"<bdi>{escape(explanation.labels[i])}</bdi> {escape(percent(float(explanation.probabilities[i])))}</li>"
        for i in order
    ]
    shown, folded = items[:_SHOWN_CLASSES], items[_SHOWN_CLASSES:]
    found = f'<ul class="classes" aria-label="probability of each class">{"".join(shown)}</ul>'
    if folded:
        found += f"<details><summary>{len(folded)} less likely classes</summary>"
        found += f'<ul class="classes" aria-label="probability of less likely classes">{"".join(folded)}</ul></details>'
    return found


def _outputs(explanation: Explanation) -> str:
    """Return every score in the model's order, where there are several."""
    if len(explanation.labels) == 1:
        return ""
    items = "".join(
        f"<li><bdi>{escape(label)}</bdi> {escape(answer_text(explanation, float(value)))}</li>"
        for label, value in zip(explanation.labels, explanation.answers, strict=True)
    )
    return f'<ul class="classes outputs" aria-label="scores">{items}</ul>'


def _controls(named: list[tuple[str, Explanation]], palette: Palette) -> str:
    """Return the switches, hidden until the script runs."""
    first = named[0][1]
    switches = []
    if any(explanation.class_scores is not None for _, explanation in named):
        labels = [(label, label) for label in first.labels]
        switches.append(_select("class" if first.is_probability else "score", "target", labels, first.target))
    if len(named) > 1:
        methods = [("all", "all"), *((str(i), name) for i, (name, _) in enumerate(named))]
        switches.append(_select("method", "method", methods, "all"))
    orders = _ORDERS | (_CLASS_ORDERS if first.is_probability else _SCORE_ORDERS)
    switches.append(_select("order of words", "order", list(orders.items()), "reading"))
    least = f"{100 * WEAK:.0f}"
    switches.append(
        f'<label>colour from <input type="range" name="least" min="0" max="100" value="{least}">'
        f" <output>{least} %</output> of the strongest</label>"
    )
    switches.append(palettes(palette))
    if any(explanation.is_probability and explanation.absent_values is not None for _, explanation in named):
        switches.append('<label class="check"><input type="checkbox" name="bits"> more numbers</label>')
    return f'<div class="controls" hidden>{"".join(switches)}</div>'


def _select(title: str, name: str, options: list[tuple[str, str]], chosen: str) -> str:
    items = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(said)}</option>'
        for value, said in options
    )
    return f'<label>{title} <select name="{name}">{items}</select></label>'


def _correlations(found: Explanation | Comparison) -> str:
    """Return how alike the methods rank the words, or nothing for one method."""
    if isinstance(found, Explanation) or len(found.names) < 2:
        return ""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in found.names)
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{'' if np.isnan(r) else f'{r:.2f}'}</td>" for r in own)
        + "</tr>"
        for name, own in zip(found.names, found.correlation(), strict=True)
    )
    return (
        '<details class="correlations"><summary>Rank correlation of the methods</summary>'
        f'<div class="wide" tabindex="0" role="group" aria-label="rank correlations"><table><thead><tr><td></td>{head}'
        f"</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )
