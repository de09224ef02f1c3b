"""What views say of groups: numerals, colours, words, interactions."""

from __future__ import annotations

from elision.results.explanation import Explanation, Interaction
from elision.views.shared import percent, signed

GROUP_COLOURS = (
    (213, 94, 0),
    (0, 114, 178),
    (0, 158, 115),
    (204, 121, 167),
    (150, 120, 0),
    (86, 150, 200),
    (90, 90, 90),
)
"""Colours that people with colour blindness tell apart, after Okabe & Ito 2008; each stands beside its numeral."""

_MOST_PAIRS = 5
_CERTAIN = 0.995
_LEAST_SHOWN = 0.005


def numeral(i: int) -> str:
    """Return a group's numeral: 1 is the most important, and no word of a text is taken for it as an "A" would be."""
    return str(i + 1)


def colour(i: int) -> tuple[int, int, int]:
    """Return a group's colour; the numeral tells groups apart where colours repeat."""
    return GROUP_COLOURS[i % len(GROUP_COLOURS)]


def share(explanation: Explanation, unit: int) -> str:
    """Return a unit's likeliest group and its probability, such as "1 (98.0 %)", or nothing."""
    group = explanation.group_of(unit)
    if group is None:
        return ""
    return f"{numeral(group)} ({percent(float((explanation.groups or ())[group].membership[unit]))})"


def members(explanation: Explanation, group: int, segment: int) -> str:
    """Return the words of a group in one text, the likeliest first, with their membership where it is no certainty."""
    found = [
        (float((explanation.groups or ())[group].membership[i]), unit.text)
        for i, unit in enumerate(explanation.units)
        if unit.segment == segment and explanation.group_of(i) == group
    ]
    found.sort(key=lambda pair: -pair[0])
    return ", ".join(word if share > _CERTAIN else f"{word} {percent(share)}" for share, word in found)


def strongest(explanation: Explanation) -> list[Interaction]:
    """Return the strongest interactions: across the two texts where there are two."""
    single = len(explanation.segments) == 1
    pairs = [p for p in explanation.interactions or () if (p.across or single) and abs(p.shapley) >= _LEAST_SHOWN]
    return pairs[:_MOST_PAIRS]


def interaction_line(explanation: Explanation) -> str:
    """Return the strongest interactions in one line, or nothing."""
    pairs = strongest(explanation)
    if not pairs:
        return ""
    said = ", ".join(f"{pair.first} + {pair.second} {signed(pair.shapley)}" for pair in pairs)
    return f"strongest interactions ({explanation.origin.behaviour_unit}): {said}"
