"""What views say of the smallest sets of words that keep the answer, or take it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from elision.errors import brief
from elision.results.explanation import Explanation
from elision.results.findings.rationales import ROLES, Rationale, Rationales, Role
from elision.views.answers import answer_text, percent
from elision.views.words import ABSENCE, Name, Said, listed

KEEPS, TAKES, BOTH = "keeps", "takes", "both"
MARKS: dict[str, str] = {
    KEEPS: "one of the words that keep the answer alone",
    TAKES: "one of the words whose absence takes the answer",
}
"""What a word of the set that is sufficient, and of the one that is necessary, is marked with, and what it means."""
_MARK_OF: dict[Role, str] = {"sufficient": KEEPS, "necessary": TAKES}
_MOST_WORDS = 12
_LONGEST_PHRASE = 80
_TEXTS = ("first", "second")
_WHOLE_PERCENTS = (0.01, 0.99)
_EVEN = 50


def rationale_sentences(explanation: Explanation) -> list[Said]:
    """Return a sentence on the words that keep the answer alone, and one on those whose absence takes it.

    Nothing where no sets were sought. They speak of what holds under all removals that were asked about, or under most.
    """
    found = explanation.finding(Rationales)
    if found is None:
        return []
    kept, taken = found.of("sufficient"), found.of("necessary")
    return [_sufficient(explanation, kept), _necessary(explanation, taken, kept)]


def _sufficient(explanation: Explanation, kept: Rationale | None) -> Said:
    whole = answer_text(explanation, explanation.value)
    if not explanation.is_probability:
        does: Said = (_scored(explanation), " keeps more than half of what the words do to it")
        beside = f"; with all words {whole}"
    else:
        does, beside = ("the model still says ", Name(explanation.target)), ""
    if kept is None:
        return ("No words were found with which alone ", *does, ".")
    numbers, under = f" ({span(explanation, kept)}{beside})", _under(explanation, kept)
    if not _size(kept) and explanation.is_probability:
        says = ("the model says ", Name(explanation.target), f" already{numbers}")
        return ("Without any word ", *says, ", so no words are needed for it", under, ".")
    if _is_whole(explanation, kept) and not kept.smallest:
        return ("No fewer than all words were found with which ", *does, numbers, under, _tail(kept), ".")
    if _is_whole(explanation, kept):
        return ("It is only with all words that ", *does, numbers, under, ".")
    under = under or ", however the other words are left out" * (len(asked(explanation)) > 1)
    return ("With ", *named(explanation, kept), " alone ", *does, numbers, under, _tail(kept), ".")


def _necessary(explanation: Explanation, taken: Rationale | None, kept: Rationale | None) -> Said:
    if taken is None:
        return ("No words were found whose absence changes that.",)
    numbers, under = f" ({span(explanation, taken)})", _under(explanation, taken)
    does = "it says so no more" if explanation.is_probability else "more than half of that is gone"
    needless = kept is not None and not _size(kept) and taken.values.keys() <= kept.values.keys()
    against = needless and not _is_whole(explanation, taken)
    why = ", for the words that are left speak against it" * (against and explanation.is_probability)
    words = named(explanation, taken)
    if _is_whole(explanation, taken):
        words = ("any word",)
    elif kept is not None and _size(kept) > 1 and (kept.units, kept.n_cut) == (taken.units, taken.n_cut):
        words = ("these",)
    return ("Without ", *words, f" {does}", numbers, under, why, _tail(taken), ".")


def _tail(found: Rationale) -> str:
    """Return what is known of smaller sets; nothing where there can be none."""
    size = _size(found)
    if size < 2:
        return ""
    if found.smallest:
        return "; no smaller set does"
    if found.role == "sufficient":
        return "; neither can be spared" if size == 2 else "; none of them can be spared"
    return "; both have to go" if size == 2 else "; each of them has to go"


def _under(explanation: Explanation, found: Rationale) -> str:
    """Return under which removals a set holds, where that is not all of them."""
    rest = [name for name in asked(explanation) if name not in found.values]
    if not rest:
        return ""
    own, others = listed(found.removals), listed(rest)
    return f", where words are left out by {own}; no set was found that does so by {others} too"


def differing(explanation: Explanation) -> list[Said]:
    """Return a sentence for each removal under which alone other sets do; nothing where none are other."""
    found = explanation.finding(Rationales)
    if found is None:
        return []
    common = {role: found.of(role) for role in ROLES}
    said: list[Said] = []
    for name in asked(explanation):
        parts: list[Said] = []
        for own in found.sets:
            general = common[own.role]
            if own.removals != (name,) or (general is not None and own.units == general.units):
                continue
            parts.append((*alone(explanation, own), f" ({span(explanation, own)})"))
        joined = tuple(part for i, one in enumerate(parts) for part in (_joint(i, len(parts)), *one) if part)
        said += [(f"By {name} only, ", *joined, ".")] * bool(parts)
    return said


def alone(explanation: Explanation, found: Rationale) -> Said:
    """Return what a set does, as a clause."""
    if not _size(found):
        return ("no word is needed",)
    words = ("all words",) if _is_whole(explanation, found) else named(explanation, found)
    if found.role == "necessary":
        return ("leaving out ", *words, " takes it")
    return (*words, " alone keep it" if _size(found) > 1 else " alone keeps it")


def ways(explanation: Explanation) -> str:
    """Return how words were left out, and that there may be other sets; or nothing where none were sought."""
    names = asked(explanation)
    if not names:
        return ""
    told = [f"{name}, {ABSENCE[name]}" if name in ABSENCE else name for name in names]
    many = f"in {len(names)} ways: " if len(names) > 1 else "by "
    sets = explanation.rationales or ()
    smaller = ", or smaller" * any(_size(one) > 1 and not one.smallest for one in sets)
    others = f". Other sets may be as small{smaller}" * any(one.units for one in sets)
    return f"a word is left out {many}{'; '.join(told)}{others}"


def marks(explanation: Explanation) -> list[str] | None:
    """Return for each unit whether it is in the set that keeps the answer, in the one that takes it, or in both.

    None where no sets were sought, or none has words.
    """
    found = explanation.finding(Rationales)
    if found is None:
        return None
    sets = {_MARK_OF[role]: own.units for role in ROLES if (own := found.of(role)) is not None}
    told = []
    for unit in explanation.units:
        on = [mark for mark, units in sets.items() if unit in units]
        told.append(BOTH if len(on) == 2 else "".join(on))
    return told if any(told) else None


def marked(mark: str) -> list[str]:
    """Return the one or two marks that a unit's mark stands for."""
    return [own for own in MARKS if mark in (own, BOTH)]


def mark_hint(explanation: Explanation) -> str:
    """Return what marks mean, or nothing where there are none."""
    there = {one for mark in marks(explanation) or () for one in marked(mark)}
    told = [f"{mark}: {text}" for mark, text in MARKS.items() if mark in there]
    return "; ".join([*told, "both: one of either"] if BOTH in (marks(explanation) or ()) else told)


def asked(explanation: Explanation) -> tuple[str, ...]:
    """Return the removals under which sets were sought, by name."""
    found = explanation.finding(Rationales)
    if found is None:
        return ()
    own = dict.fromkeys(name for one in found.sets for name in one.values)
    listed = explanation.origin.removal.split("+")
    return tuple(listed) if own.keys() <= set(listed) else tuple(own)


def named(explanation: Explanation, found: Rationale) -> Said:
    """Return the words of a set, at most a dozen; those that stand side by side are one, those of a pair by text."""
    shown = found.units[:_MOST_WORDS]
    rest = _size(found) - len(shown)
    place = {unit: i for i, unit in enumerate(explanation.units)}
    texts: list[list[str]] = []
    for segment in range(len(explanation.segments)):
        own = [place[unit] for unit in shown if unit.segment == segment]
        runs = [[i for _, i in run] for _, run in groupby(enumerate(own), lambda pair: pair[1] - pair[0])]
        texts.append([phrase for run in runs for phrase in _phrases(explanation, run)])
    said: list[Said] = []
    pair = len(explanation.segments) > 1
    for segment, phrases in enumerate(texts):
        for i, phrase in enumerate(phrases):
            whose = f" of the {_TEXTS[segment]} text" if pair and i == len(phrases) - 1 else ""
            said.append((Name(brief(phrase, _LONGEST_PHRASE), is_word=True), whose))
    said += [(f"{rest} more words" if rest > 1 else "one more word",)] * (rest > 0)
    return tuple(part for i, one in enumerate(said) for part in (_joint(i, len(said)), *one) if part)


def _phrases(explanation: Explanation, run: Sequence[int]) -> list[str]:
    """Return units that follow one another as they stand in the text, cut where more than space lies between."""
    found: list[list[int]] = []
    for i in run:
        unit, last = explanation.units[i], explanation.units[found[-1][-1]] if found else None
        text = explanation.segments[unit.segment]
        if last is not None and not text[last.end : unit.start].strip():
            found[-1].append(i)
        else:
            found.append([i])
    ends = [(explanation.units[own[0]], explanation.units[own[-1]]) for own in found]
    return [" ".join(explanation.segments[a.segment][a.start : b.end].split()) for a, b in ends]


def span(explanation: Explanation, found: Rationale) -> str:
    """Return the least and the largest number of a set's removals, such as 88 to 95 %."""
    low, high = min(found.values.values()), max(found.values.values())
    if not explanation.is_probability:
        ends = [answer_text(explanation, value) for value in (low, high)]
        return ends[0] if ends[0] == ends[1] else " to ".join(ends)
    ends = [_short(value) for value in (low, high)]
    return f"{ends[0]} %" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]} %"


def _short(value: float) -> str:
    """Return a probability in whole per cent, or, near a half and the ends, with the digits that tell it from them."""
    least, most = _WHOLE_PERCENTS
    whole = round(100 * value)
    return f"{whole}" if least <= value <= most and whole != _EVEN else percent(value).removesuffix(" %")


def _scored(explanation: Explanation) -> Name | str:
    return "the score" if explanation.target == "score" else Name(explanation.target)


def _is_whole(explanation: Explanation, found: Rationale) -> bool:
    return len(found.units) > 0 and not found.n_cut and len(found.units) == len(explanation.units)


def _size(found: Rationale) -> int:
    return len(found.units) + found.n_cut


def _joint(i: int, of: int) -> str:
    return "" if i == 0 else " and " if i == of - 1 else ", "
