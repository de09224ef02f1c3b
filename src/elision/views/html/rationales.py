"""The smallest sets that keep the answer, or take it: what is said of them, words' lines, and a table of all."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from elision.results.explanation import Explanation
from elision.results.findings.rationales import Rationale
from elision.views.html.said import told
from elision.views.rationales import MARKS, alone, asked, marked, marks, rationale_sentences, span, ways


def rationales(explanation: Explanation) -> str:
    """Return sentences on the sets, what their marks mean, and each removal's own sets, folded; or nothing."""
    said = rationale_sentences(explanation)
    if not said:
        return ""
    sentences = "".join(f"<p>{told(one)}</p>" for one in said)
    return f'<div class="sets">{sentences}{key_of_sets([explanation])}{_table(explanation)}</div>\n'


def over(mark: str, shown: str) -> str:
    """Return a word, or a sample, below the lines of its sets."""
    for i, own in enumerate(marked(mark)):
        shown = f'<span class="over {own}{" outer" * (i > 0)}">{shown}</span>'
    return shown


def meaning_of(mark: str) -> str:
    """Return what a unit's mark means; nothing where it has none."""
    return ", ".join(MARKS[own] for own in marked(mark))


def key_of_sets(explanations: Iterable[Explanation]) -> str:
    """Return what the lines above words mean, or nothing where there are none."""
    there = {own for one in explanations for mark in marks(one) or () for own in marked(mark)}
    samples = " ".join(
        f'<span>{over(own, own)}<span class="legend">{MARKS[own]}</span></span>' for own in MARKS if own in there
    )
    return f'<p class="key lines">{samples}</p>' if samples else ""


def _table(explanation: Explanation) -> str:
    """Return the sets under all removals and under each, folded."""
    names = asked(explanation)
    head = "".join(f'<th scope="col">{title}</th>' for title in ("left out by", "set", *_numbers(explanation)))
    rows = "".join(_row(explanation, one) for one in explanation.rationales or ())
    title = "Sets under each way of leaving out" if len(names) > 1 else "Sets and their numbers"
    return (
        f"<details><summary>{title}</summary>"
        f'<p class="legend">{escape(ways(explanation))}</p>'
        '<div class="wide" tabindex="0" role="group" aria-label="sets"><table class="rationales">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _numbers(explanation: Explanation) -> tuple[str, ...]:
    return ("probability",) if explanation.is_probability else ("score",)


def _row(explanation: Explanation, found: Rationale) -> str:
    names = escape(", ".join(found.removals))
    return (
        f'<tr><th scope="row">{names}</th><td>{told(alone(explanation, found))}</td>'
        f"<td>{escape(span(explanation, found))}</td></tr>"
    )
