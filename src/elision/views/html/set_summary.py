"""What a set's page says of all explanations: counts, accuracy, confusions, and the words that weigh most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

import numpy as np

from elision.results.explanation import Explanation
from elision.runs.collection import Collection, Item
from elision.runs.words import ClassWords, WordMean, Words
from elision.views.answers import named_target, percent, sides
from elision.views.html.colours import side
from elision.views.html.set_entry import cut, kind_name, named, said
from elision.views.shared import is_signed, number, score_title, short_name
from elision.views.words import unit_hint

_TABLES = 100
_OPEN = 4
_MATRIX = 10
_CONFUSIONS = 30
_WORD = 60
_SIGNIFICANT = 3


def facts(collection: Collection) -> str:
    """Return how many explanations there are, of which models and methods, and how often the models are right."""
    kinds = collection.kinds
    told = [
        ("explanations", f"{len(collection.items):,}"),
        ("model" if len({kind.model for kind in kinds}) == 1 else "models", _list(short_name(k.model) for k in kinds)),
        ("method" if len({kind.method for kind in kinds}) == 1 else "methods", _list(kind.method for kind in kinds)),
    ]
    for model, items in _by_model(collection).items():
        known = [item for item in items if item.true_class is not None]
        of = f" of {short_name(model)}" if len({kind.model for kind in kinds}) > 1 else ""
        distances = [item.distance for item in items if item.distance is not None]
        if distances:
            mean = f"{np.mean(distances):.{_SIGNIFICANT}g}"
            told.append((f"mean distance to the label{of}", f"{mean} ({len(distances):,} with a label)"))
        if known:
            right = sum(not item.wrong for item in known)
            share = percent(right / len(known))
            told.append((f"accuracy{of}", f"{share} ({right:,} of {len(known):,} with a label are right)"))
    if len(kinds) > 1:
        counts = Counter(item.kind for item in collection.items)
        told += [(f"kind {i + 1}", f"{kind_name(kind)}: {counts[i]:,}") for i, kind in enumerate(kinds)]
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in told)
    return f'<dl class="counts">{rows}</dl>'


def _list(names: object) -> str:
    return ", ".join(dict.fromkeys(map(said, names)))  # type: ignore[call-overload]


def _by_model(collection: Collection) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in collection.items:
        found.setdefault(collection.kinds[item.kind].model, []).append(item)
    return found


def confusions(collection: Collection) -> str:
    """Return for each model how often a label was predicted as which class: a matrix, or a list for many classes."""
    parts = []
    models = _by_model(collection)
    for model, items in models.items():
        counts = Counter((i.true_class, i.explanation.predicted) for i in items if i.true_class is not None)
        if not counts:
            continue
        title = f"<p>{escape(short_name(model))}</p>" if len(models) > 1 else ""
        names = list(dict.fromkeys(name for pair in counts for name in pair))
        table = _matrix(counts, sorted(names)) if len(names) <= _MATRIX else _pairs(counts)
        parts.append(f'{title}<div class="wide" tabindex="0" role="group" aria-label="confusions">{table}</div>')
    return "".join(parts)


def _matrix(counts: Counter[tuple[str, str]], names: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{named(name)}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row">{named(label)}</th>'
        + "".join(
            f"<td{'' if label == name or not counts[label, name] else ' class=wrong'}>{counts[label, name]:,}</td>"
            for name in names
        )
        + "</tr>"
        for label in names
    )
    return (
        '<table class="confusion"><caption>Rows: the label. Columns: the class predicted.</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _pairs(counts: Counter[tuple[str, str]]) -> str:
    """Return the most frequent confusions; ties as they came."""
    wrong = [(pair, count) for pair, count in counts.most_common() if pair[0] != pair[1]]
    of_label = Counter[str]()
    for (label, _), count in counts.items():
        of_label[label] += count
    body = "".join(
        f'<tr><th scope="row">{named(label)}</th><td>{named(predicted)}</td><td>{count:,}</td>'
        f"<td>{escape(percent(count / of_label[label]))}</td></tr>"
        for (label, predicted), count in wrong[:_CONFUSIONS]
    )
    some = f"The {_CONFUSIONS} most frequent of {len(wrong):,} confusions" if len(wrong) > _CONFUSIONS else "Confusions"
    head = "".join(f'<th scope="col">{name}</th>' for name in ("label", "predicted", "times", "of the label"))
    return (
        f'<table class="confusion"><caption>{some}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    )


def words(collection: Collection, found: Words) -> str:
    """Return a table for each kind and class: the words that weigh most for it and against it over all explanations."""
    firsts: dict[tuple[int, str], Explanation] = {}
    for item in collection.items:
        firsts.setdefault((item.kind, item.explanation.target), item.explanation)
    classes = found.by_class()
    parts = [_class(collection, own, firsts[own.kind, own.target], i) for i, own in enumerate(classes[:_TABLES])]
    if len(classes) > _TABLES:
        parts.append(
            f'<p class="note">Shown are the {_TABLES} classes with the most explanations, of {len(classes):,}.</p>'
        )
    return "".join(parts)


def _class(collection: Collection, own: ClassWords, first: Explanation, place: int) -> str:
    kind = f" · {escape(kind_name(collection.kinds[own.kind]))}" if len(collection.kinds) > 1 else ""
    of = "1 explanation" if own.explanations == 1 else f"{own.explanations:,} explanations"
    pair = len(first.segments) > 1
    of_words = "1 word" if own.words == 1 else f"{own.words:,} words"
    return (
        f'<details class="class"{" open" if place < _OPEN else ""}><summary><b>{named(own.target)}</b>: {of}{kind}'
        f'</summary><p class="sentence">{_said(own, first)}</p>'
        f'<p class="legend">{escape(score_title(first))}, mean over all occurrences, of {of_words}; the surest first'
        f"{f'; {escape(unit_hint(first))}' if unit_hint(first) else ''}</p>"
        f"{_sure(own, first, pair=pair)}{_chance(own, first, pair=pair)}</details>"
    )


def _said(own: ClassWords, first: Explanation) -> str:
    """Return which word surely weighs most for a class and against it."""
    if not (own.top_for or own.top_against):
        return "No word stands out: the effect of each may be chance. More texts would tell."
    tops = [(some[0], verb) for some, verb in zip((own.top_for, own.top_against), sides(first), strict=True) if some]
    said = []
    for place, (one, verb) in enumerate(tops):
        target = "it" if place else f"<b>{named(named_target(first))}</b>"
        word = f"“<b><bdi>{escape(cut(one.word, _WORD))}</bdi></b>”"
        mean = escape(f"{number(first, one.mean)} {first.unit_of_scores}".rstrip())
        does = f"weighs most surely {verb} {target}" if first.is_probability else f"most surely {verb} {target}"
        said.append(f"{word} {does}, {mean} on average")
    return "; ".join(said) + "."


def _sure(own: ClassWords, first: Explanation, *, pair: bool) -> str:
    """Return the words that surely weigh most, those for the class above those against it, or nothing."""
    if not (own.top_for or own.top_against):
        return ""
    towards, away = sides(first)
    target = named(named_target(first))
    blocks = [(f"{towards} {target}", "for", own.top_for)]
    blocks += [(f"{away} {target}", "against", own.top_against)] * is_signed(first)
    return _table(blocks, first, pair=pair)


def _chance(own: ClassWords, first: Explanation, *, pair: bool) -> str:
    """Return the words whose effect may be chance, folded."""
    if not own.by_chance:
        return ""
    some = f"the {len(own.chance)} heaviest of them" if len(own.chance) < own.by_chance else "all of them"
    more = " more" * bool(own.top_for or own.top_against)
    words = f"{own.by_chance:,}{more} word{'s' * (own.by_chance > 1)}"
    table = _table([(some, "chance", own.chance)], first, pair=pair)
    return f'<details class="chance"><summary>{words}, whose effect may be chance</summary>{table}</details>'


def _table(blocks: Sequence[tuple[str, str, Sequence[WordMean]]], first: Explanation, *, pair: bool) -> str:
    """Return words with bars on one scale, in blocks of a title in HTML, a class and words."""
    low, high = _range([one for _, _, some in blocks for one in some])
    head = ['<th scope="col" class="name">word</th>'] + ['<th scope="col" class="name">text</th>'] * pair
    head += ['<td class="bars"></td>']
    head += [f'<th scope="col">{name}</th>' for name in ("mean", "95 % interval", "times", "explanations")]
    bodies = []
    for title, kind, some in blocks:
        rows = "".join(_row(one, first, low, high, pair=pair) for one in some)
        rows = rows or f'<tr><td colspan="{len(head)}">-</td></tr>'
        heading = f'<tr><th scope="rowgroup" colspan="{len(head)}">{title}</th></tr>'
        bodies.append(f'<tbody class="{kind}">{heading}{rows}</tbody>')
    return (
        '<div class="wide" tabindex="0" role="group" aria-label="words">'
        f'<table class="scores words" style="--zero:{100 * -low / (high - low):.2f}%">'
        f"<thead><tr>{''.join(head)}</tr></thead>{''.join(bodies)}</table></div>"
    )


def _range(listed: Sequence[WordMean]) -> tuple[float, float]:
    """Return the least and the largest number that bars or intervals reach, 0 among them.

    A word in two explanations may have an interval that dwarfs all bars; what is beyond twice the longest is not drawn.
    """
    most = 2 * max((abs(one.mean) for one in listed), default=0.0)
    ends = [one.mean + side * (0.0 if np.isnan(one.reach) else one.reach) for one in listed for side in (-1, 1)]
    low, high = max(min([0.0, *ends]), -most), min(max([0.0, *ends]), most)
    return (low, high) if high > low else (low, low + 1.0)


def _row(one: WordMean, first: Explanation, low: float, high: float, *, pair: bool) -> str:
    spans = [("bar " + side(one.mean), min(one.mean, 0.0), max(one.mean, 0.0))]
    if not np.isnan(one.reach):
        spans.append(("reach", max(one.mean - one.reach, low), min(one.mean + one.reach, high)))
    drawn = "".join(
        f'<i class="{kind}" style="left:{100 * (start - low) / (high - low):.2f}%;'
        f'width:{100 * (end - start) / (high - low):.2f}%"></i>'
        for kind, start, end in spans
    )
    reach = (
        "-"
        if np.isnan(one.reach)
        else f"{number(first, one.mean - one.reach)} to {number(first, one.mean + one.reach)}"
    )
    text = f"<td>{one.segment + 1}</td>" if pair else ""
    return (
        f'<tr><th scope="row"><bdi>{escape(cut(one.word, _WORD))}</bdi></th>{text}'
        f'<td><span class="track" aria-hidden="true">{drawn}</span></td><td>{number(first, one.mean)}</td>'
        f"<td>{reach}</td><td>{one.times:,}</td><td>{one.examples:,}</td></tr>"
    )
