"""One explanation of a set as an entry of a list: what was predicted, the words in colour, why it stands there."""

from __future__ import annotations

from html import escape

import numpy as np

from elision.results.explanation import Explanation
from elision.runs.collection import Collection, Item, Kind
from elision.runs.words import Surprise
from elision.views.answers import answer_text, percent, score_digits
from elision.views.html.colours import shade, sign
from elision.views.html.rationales import meaning_of, over
from elision.views.html.set_orders import label_probability, widest
from elision.views.rationales import marks
from elision.views.shared import interval, number, pieces, short_name, strength

_WORDS = 300
_LONGEST = 500
_DIGITS = 2


def named(label: str) -> str:
    """Return a class's name, escaped and kept from turning what stands beside it."""
    return f"<bdi>{escape(said(label))}</bdi>"


def said(name: str) -> str:
    """Return a name, or what stands for an empty one."""
    return name if name.strip() else "(no name)"


def kind_name(kind: Kind) -> str:
    """Return a kind in one line."""
    parts = [said(kind.method), f"model {said(short_name(kind.model))}", kind.removal, kind.meaning.name]
    return " · ".join([part.replace("_", " ") for part in parts if part] + ["pairs"] * kind.pairs)


def entry(collection: Collection, place: int, why: str = "") -> str:
    """Return an entry; the script makes the same of the page's data.

    Args:
        collection: all explanations.
        place: of the one to show.
        why: a line, in HTML, on why it stands in its list.
    """
    item = collection.items[place]
    explanation = item.explanation
    line = f'<p class="why">{why}</p>' if why else ""
    notes = "".join(f'<p class="note">Note: {escape(str(note))}</p>' for note in explanation.notes)
    texts = "".join(_strip(explanation, segment) for segment in range(len(explanation.segments)))
    return f'<li class="entry" data-item="{place}">{_facts(collection, place)}{texts}{line}{notes}</li>'


def _facts(collection: Collection, place: int) -> str:
    """Return place, prediction and label, the class explained where it is another, the kind where there are several."""
    item = collection.items[place]
    explanation = item.explanation
    best = float(explanation.probabilities.max()) if explanation.is_probability else explanation.value
    predicted = f"{named(explanation.predicted)} {escape(answer_text(explanation, best))}"
    parts = [f'<span class="predicted">{predicted}</span>']
    if item.true_class is not None:
        own = label_probability(item) or 0.0
        parts.append(f'<span class="label">label {named(item.true_class)} {escape(percent(own))}</span>')
    elif isinstance(item.label, float):
        parts.append(f'<span class="label">label {answer_text(explanation, item.label)}</span>')
    if item.wrong:
        parts.append('<strong class="error">✗ error</strong>')
    if explanation.target != explanation.predicted:
        told = f"{named(explanation.target)} {escape(answer_text(explanation, explanation.value))}"
        parts.append(f'<span class="explained">explained {told}</span>')
    if len(collection.kinds) > 1:
        parts.append(f'<span class="kind">{escape(kind_name(collection.kinds[item.kind]))}</span>')
    return f'<p class="facts"><span class="place">{place + 1}</span>{"".join(parts)}</p>'


def _strip(explanation: Explanation, segment: int) -> str:
    """Return one text, its first words with colours, signs and sets; a long one is cut, and says so."""
    shares, sets = strength(explanation), marks(explanation) or [""] * len(explanation.units)
    parts, shown, before = [], 0, ""
    count = sum(unit.segment == segment for unit in explanation.units)
    for text, i in pieces(explanation, segment):
        if i is None:
            before = escape(cut(text))
            continue
        if shown == _WORDS:
            before = f'<span class="rest"> … {count - shown:,} more words</span>'
            break
        shown += 1
        title = ", ".join(filter(None, [_title(explanation, i), meaning_of(sets[i])]))
        word = (
            f'<span class="word {sign(shares[i])}" title="{escape(title)}" '
            f'style="{shade(shares[i])}">{escape(cut(text))}</span>'
        )
        parts.append(before + over(sets[i], word))
        before = ""
    return f'<p class="strip{" lined" * any(sets)}" dir="auto">{"".join(parts)}{before}</p>'


def cut(text: str, longest: int = _LONGEST) -> str:
    """Return the beginning of a text that is too long to show."""
    return text if len(text) <= longest else f"{text[:longest]}…"


def _title(explanation: Explanation, i: int) -> str:
    title = f"{number(explanation, explanation.scores[i])} {explanation.unit_of_scores}".rstrip()
    bounds = interval(explanation, i)
    return f"{title} ({bounds})" if bounds else title


def why_tied(item: Item) -> str:
    """Return the two likeliest classes."""
    explanation = item.explanation
    order = np.argsort(-explanation.probabilities, kind="stable")[:2]
    return ", ".join(
        f"{named(explanation.labels[i])} {escape(percent(float(explanation.probabilities[i])))}" for i in order
    )


def why_wide(item: Item) -> str:
    """Return the word with the widest interval, and the strongest score."""
    explanation, found = item.explanation, widest(item.explanation)
    if found is None:
        return ""
    i, half = found
    strongest = float(np.abs(explanation.scores).max())
    digits = _DIGITS if explanation.is_probability else score_digits(explanation)
    return (
        f"widest interval: {_word(explanation, i)} ± {half:.{digits}f}; the strongest score is {strongest:.{digits}f}"
    )


def why_surprising(item: Item, surprise: Surprise) -> str:
    """Return the word that departs most, what it weighs here and elsewhere."""
    explanation = item.explanation
    here, elsewhere = number(explanation, surprise.score), number(explanation, surprise.elsewhere)
    times = f"{surprise.times:,} times"
    return f"{_word(explanation, surprise.unit)}: {here} here, {elsewhere} on average elsewhere ({times})"


def _word(explanation: Explanation, i: int) -> str:
    return f"<b><bdi>{escape(cut(explanation.units[i].text, 60))}</bdi></b>"
