"""The page of many explanations: head, words by class, errors, what is uncertain or surprising, and a list of all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from html import escape

from elision.results.explanation import Explanation
from elision.results.origin import Rounding
from elision.runs.collection import Collection, collect
from elision.runs.file import Label, LabelledExplanation, labelled, read_run
from elision.runs.words import LEAST_TIMES, Surprise, Words
from elision.views.html.assets import asset, policy, script
from elision.views.html.rationales import key_of_sets
from elision.views.html.said import palettes, swatch
from elision.views.html.set_data import data
from elision.views.html.set_entry import entry, kind_name, said, why_surprising, why_tied, why_wide
from elision.views.html.set_orders import Order, orders
from elision.views.html.set_summary import confusions, facts, words
from elision.views.palettes import DEFAULT, Palette, find_palette
from elision.views.shared import WEAK, is_signed, precision_of, visible

_ERRORS = 25
_OTHERS = 10
_SECTIONS = {
    "words": "Words that weigh most",
    "errors": "Errors",
    "uncertain": "Most uncertain",
    "surprising": "Most surprising",
    "all": "All explanations",
}
_RECKONED = f"""
<p><b>Words.</b> Explanations are taken together where model, method, removal, kind of score, number of texts and class
explained are the same. A word's mean is over all its occurrences, whether capital or small; the two texts of a pair are
kept apart. The interval is Student's, over explanations: occurrences in one text are not taken as independent. A word
that is in one explanation has none. Words are ranked by the interval's bound nearest to 0; where the interval holds 0,
and for words that occur less than {LEAST_TIMES} times, the effect may be chance: they are folded away. Of many words
some stand out by chance, one in twenty that have no effect.</p>
<p><b>Errors.</b> The likeliest class is not the label. The least probable label comes first.</p>
<p><b>Farthest from the label.</b> The distance of the model's score to the label, where answers are scores.</p>
<p><b>Nearest to a tie.</b> The likeliest class leads the second by the least probability.</p>
<p><b>Widest intervals.</b> Half the width of the widest interval of a text's scores (95 %, or bounds), divided by the
text's strongest score.</p>
<p><b>Most surprising.</b> The difference between what a word weighs here and its mean elsewhere, divided by its
standard deviation there, or by the root mean square of all scores of the class where that is more. Elsewhere are the
other explanations that are taken together with this one; the word must occur at least {LEAST_TIMES} times there. The
word for which this is largest stands for its explanation.</p>
"""


def report(
    run: str | os.PathLike[str] | Iterable[Explanation | LabelledExplanation],
    labels: Iterable[Label] | None = None,
    *,
    title: str | None = None,
    palette: str = DEFAULT,
) -> str:
    """Return one self-contained HTML file on many explanations.

    It has, for each class, the words that weigh most over all explanations, errors where labels are given, what is most
    uncertain and most surprising, and all explanations with search and pages. It asks for nothing from outside; without
    JavaScript all but the list of all is there.

    Args:
        run: a file that `write_run` wrote (see `read_run`), or explanations; read one after another.
        labels: the true class of each, by name in any case or by index, or the true score, None or NaN where it is not
            known; they replace those of the run.
        title: of the page.
        palette: of the words' colours, "red-blue" or "orange-teal"; the reader can switch it.
    Returns:
        The page.
    Raises:
        OptionError: the file cannot be read, there are no explanations, labels are not one for each, or there is no
            such palette.
        TargetError: a label is no class of its explanation.
    """
    found = read_run(run) if isinstance(run, str | os.PathLike) else run
    return document(collect(labelled(found, labels)), title, palette)


def document(collection: Collection, title: str | None = None, palette: str = DEFAULT) -> str:
    """Return the page of a collection."""
    colours = find_palette(palette)
    count = len(collection.items)
    name = said(visible(title)) if title is not None else f"{count:,} explanation{'s' if count > 1 else ''}"
    found = Words(collection)
    surprises = found.surprises()
    known = orders(collection, surprises)
    sections = {
        "words": words(collection, found),
        "errors": _errors(collection, known),
        "uncertain": _uncertain(collection, known),
        "surprising": _surprising(collection, known, surprises),
        "all": _all(collection, known),
    }
    links = " ".join(f'<a href="#{key}">{_SECTIONS[key]}</a>' for key, body in sections.items() if body)
    bodies = "\n".join(
        f'<section id="{key}" aria-labelledby="{key}-title"><h2 id="{key}-title">{_SECTIONS[key]}</h2>{body}</section>'
        for key, body in sections.items()
        if body
    )
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"{policy(script('set.js'))}\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(name)}</title>\n<style>{asset('document.css')}{asset('report.css')}{asset('set.css')}</style>\n"
        f'</head>\n<body>\n<main class="elision-report elision-set" data-palette="{palette}">\n'
        f'<h1 class="head">{escape(name)}</h1>\n'
        f"{facts(collection)}\n{_looks(collection, colours)}\n"
        f'<nav class="sections" aria-label="sections">{links}</nav>\n{bodies}\n'
        f'<details class="reckoned"><summary>How this is reckoned</summary>{_RECKONED}</details>\n{_footer(collection)}'
        f'<script type="application/json">{data(collection, known, surprises)}</script>\n'
        f"<script>{script('set.js')}</script>\n</main>\n</body>\n</html>\n"
    )
    return page.encode("utf-8", "replace").decode()


def _looks(collection: Collection, palette: Palette) -> str:
    """Return what the words' colours mean, and their switch, hidden until the script runs."""
    signed = any(is_signed(item.explanation) for item in collection.items)
    classes = any(item.explanation.is_probability for item in collection.items)
    towards, away = ("for the class explained", "against it") if classes else ("raises the score", "lowers it")
    samples = [((towards,), 0.6), ((away,), -0.6)][: 1 + signed]
    shown = " ".join(swatch(said, share) for said, share in samples)
    words = f"the stronger, the more; no colour: under {100 * WEAK:.0f} % of the text's strongest"
    return (
        f'<p class="key">{shown} <span class="legend">{words}</span></p>'
        f"{key_of_sets(item.explanation for item in collection.items)}"
        f'<div class="controls looks" hidden>{palettes(palette)}</div>'
    )


def _footer(collection: Collection) -> str:
    """Return in what numbers the models compute, each once, and what their rounding may do."""
    moves: dict[tuple[str, str], float] = {}
    for item in collection.items:
        origin = item.explanation.origin
        kind = (origin.dtype, item.explanation.unit_of_scores)
        own = (origin.rounding or Rounding()).moves or 0.0
        moves[kind] = max(own, moves.get(kind, 0.0))
    said = [
        precision_of(dtype, Rounding(moves=most) if most else None, unit)
        for (dtype, unit), most in moves.items()
        if dtype
    ]
    line = "; ".join(dict.fromkeys(said))
    return f'<p class="legend footer">{escape(line[0].upper() + line[1:])}.</p>\n' if line else ""


def _listed(collection: Collection, order: Order, most: int, why: Callable[[int], str], head: str) -> str:
    """Return the first entries of an order under a line that says how many there are."""
    shown = order.places[: min(most, order.known)]
    if not shown:
        return ""
    entries = "".join(entry(collection, place, why(place)) for place in shown)
    some = f"{len(shown)} of {order.known:,}; all are in the list below" if order.known > len(shown) else "all"
    return f'<h3>{head} <span class="legend">({some})</span></h3><ol class="entries">{entries}</ol>'


def _named(known: list[Order], name: str) -> Order | None:
    return next((order for order in known if order.name == name), None)


def _errors(collection: Collection, known: list[Order]) -> str:
    """Return confusions and the first errors, or nothing where there are no labels."""
    order = _named(known, "errors")
    if order is None:
        return ""
    listed = _listed(collection, order, _ERRORS, lambda place: "", "Least probable label first")
    return confusions(collection) + (listed or '<p class="note">Every label is the class predicted.</p>')


def _uncertain(collection: Collection, known: list[Order]) -> str:
    items = collection.items
    tie, wide = _named(known, "tie"), _named(known, "wide")
    parts = []
    if tie is not None:
        parts.append(_listed(collection, tie, _OTHERS, lambda place: why_tied(items[place]), "Nearest to a tie"))
    if wide is not None:
        title = "Intervals widest against the strongest score"
        parts.append(_listed(collection, wide, _OTHERS, lambda place: why_wide(items[place]), title))
    return "".join(parts)


def _surprising(collection: Collection, known: list[Order], surprises: list[Surprise | None]) -> str:
    order = _named(known, "surprising")

    def why(place: int) -> str:
        own = surprises[place]
        return "" if own is None else why_surprising(collection.items[place], own)

    if order is None:
        return f'<p class="note">No word occurs {LEAST_TIMES} times in other explanations of its class.</p>'
    return _listed(collection, order, _OTHERS, why, "A word weighs otherwise than elsewhere")


def _all(collection: Collection, known: list[Order]) -> str:
    """Return the list's controls, hidden until the script runs, and its empty place."""
    items = collection.items
    predicted = list(dict.fromkeys(i.explanation.predicted for i in items if i.explanation.is_probability))
    labels = list(dict.fromkeys(item.true_class for item in items if item.true_class is not None))
    controls = [
        '<label class="search">search <input type="search" name="search" autocomplete="off"></label>',
        _select("order", "order", [(order.name, order.title) for order in known]),
    ]
    if predicted:
        known_classes = [(said(own), said(own)) for own in sorted(predicted)]
        controls.append(_select("predicted", "predicted", [("", "any class"), *known_classes]))
    if labels:
        controls.append(_select("label", "label", [("", "any"), *((said(own), said(own)) for own in sorted(labels))]))
        controls.append('<label><input type="checkbox" name="errors"> errors only</label>')
    if len(collection.kinds) > 1:
        kinds = [(str(i), kind_name(kind)) for i, kind in enumerate(collection.kinds)]
        controls.append(_select("kind", "kind", [("", "all"), *kinds]))
    above, below = (
        f'<nav class="pages" aria-label="{name}" hidden><button type="button" class="previous">Previous</button>'
        '<label>page <input type="number" name="page" min="1" value="1"> of <output>1</output></label>'
        '<button type="button" class="next">Next</button></nav>'
        for name in ("pages", "pages, below the list")
    )
    return (
        '<noscript><p class="note">Search and pages of all explanations need JavaScript; what stands above does not.'
        "</p></noscript>"
        f'<div class="controls" role="search" hidden>{"".join(controls)}</div>'
        f'<p class="found" role="status" aria-live="polite" hidden></p>{above}<ol class="entries" hidden></ol>{below}'
    )


def _select(title: str, name: str, options: list[tuple[str, str]]) -> str:
    items = "".join(f'<option value="{escape(value)}">{escape(told)}</option>' for value, told in options)
    return f'<label>{title} <select name="{name}">{items}</select></label>'
