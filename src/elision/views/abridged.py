"""A long text's explanation, cut to the words that weigh most and what stands around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from elision.errors import brief
from elision.results.explanation import Explanation
from elision.text import Unit

_WHOLE = 2000
"""Characters of a text that is shown whole: some 25 lines of a terminal."""
_AROUND = 30
_LONGEST_UNIT = 120
_GAP = " … "


def abridged(explanation: Explanation, most: int) -> Explanation:
    """Return an explanation of the units that weigh most, in reading order, and of what stands around them.

    Args:
        explanation: of any length; a short one comes back as it is.
        most: how many units are kept.
    """
    kept = sorted(np.argsort(-np.abs(explanation.scores), kind="stable")[:most].tolist())
    long = any(len(segment) > _WHOLE for segment in explanation.segments)
    return _of(explanation, kept) if long or len(kept) < len(explanation.units) else explanation


def _of(explanation: Explanation, kept: list[int]) -> Explanation:
    found = [_excerpt(text, segment, explanation, kept) for segment, text in enumerate(explanation.segments)]
    new = dict(zip((explanation.units[i] for i in kept), (unit for _, units in found for unit in units), strict=True))
    cut = (finding.cut(kept, new) for finding in explanation.findings)
    return explanation.replace(
        segments=tuple(text for text, _ in found),
        units=tuple(new.values()),
        findings=tuple(finding for finding in cut if finding is not None),
    )


def _excerpt(text: str, segment: int, explanation: Explanation, kept: Sequence[int]) -> tuple[str, list[Unit]]:
    """Return what stands around the units that are kept of a text, and these units where they stand in it."""
    units = [explanation.units[i] for i in kept if explanation.units[i].segment == segment]
    if len(text) <= _WHOLE:
        return text, units
    found, cursor, moved = "", 0, []
    for i, unit in enumerate(units):
        before = _from(text, unit.start)
        if before > cursor:
            found += _GAP if found else _GAP.lstrip()
        found += text[max(before, cursor) : unit.start]
        own = brief(text[unit.start : unit.end], _LONGEST_UNIT)
        moved.append(replace(unit, start=len(found), end=len(found) + len(own), text=own))
        cursor = min(_to(text, unit.end), units[i + 1].start if i + 1 < len(units) else len(text))
        found += own + text[unit.end : cursor]
    if not units:
        cursor = _to(text, 0)
        found = text[:cursor]
    return found + _GAP.rstrip() * (cursor < len(text)), moved


def _from(text: str, start: int) -> int:
    """Return where what stands before a unit begins, with a whole word if there is one."""
    first = max(start - _AROUND, 0)
    space = text.find(" ", first, start) if first else -1
    return first if space < 0 else space + 1


def _to(text: str, end: int) -> int:
    """Return where what stands after a unit ends, with a whole word if there is one."""
    last = min(end + _AROUND, len(text))
    space = text.rfind(" ", end, last) if last < len(text) else -1
    return last if space < 0 else space
