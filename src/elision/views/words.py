"""What views say in plain words: one sentence on top, what colours mean, and what "without it" means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from elision.arrays import Floats
from elision.explainers.registry import methods
from elision.results.explanation import Explanation
from elision.views.answers import answer_text, named_target, percent, sides
from elision.views.shared import WEAK, interval_ends, is_signed, number, strength, without

_MOST_NAMED = 3
_MOST_OF_A_GROUP = 4
_ABOUT_AS_MUCH = 0.95
"""Scores without an error are told apart where they differ by more than a twentieth."""
_EPSILON = 1e-9
ABSENCE = {
    "pad": "with a blank in its place",
    "zero": "with its vector set to 0",
    "unk": "with an unknown word in its place",
    "mask": "with a mask in its place",
    "drop": "with the model not looking at it",
    "delete": "with the word taken out",
    "marginal": "with what else could stand there, as likely as language has it",
}
"""How a word is left out by each removal."""


class Name(NamedTuple):
    """What a sentence takes from the reader or the model, and views set off.

    Attributes:
        text: the characters.
        is_word: whether it is a word of the text, which stands in quotation marks, or a class.
    """

    text: str
    is_word: bool = False


class Hue(NamedTuple):
    """The name of a colour, which goes with the palette.

    Attributes:
        text: as the sentence begins.
        side: 1 for the colour of what speaks for the class, -1 against it.
    """

    text: str
    side: int


Said = tuple[str | Name | Hue, ...]


def plain(said: Said) -> str:
    """Return a sentence as characters."""
    return "".join(map(shown, said))


def shown(part: str | Name | Hue) -> str:
    """Return a part of a sentence as characters."""
    if isinstance(part, str):
        return part
    return f"“{part.text}”" if isinstance(part, Name) and part.is_word else part.text


def sentence(explanation: Explanation, colours: tuple[str, str] | None = None) -> Said:
    """Return what the scores say, in a sentence or two; nothing where there are no words.

    It says no more than the scores do: a word is named as the strongest where its interval leaves out 0 and those of
    the others do not reach it.

    Args:
        explanation: what was found.
        colours: the names of those for and against; None where a view has none.
    """
    if not explanation.units:
        return ()
    if explanation.method == "random":
        return ("These scores are random numbers: they say nothing about the answer.",)
    prefix: Said = ()
    if not explanation.is_probability:
        prefix = (*_score_is(explanation), " ")
    elif explanation.target != explanation.predicted:
        said = Name(explanation.predicted), Name(explanation.target)
        prefix = "The model says ", said[0], "; explained here is ", said[1], ". "
    if explanation.groups:
        return prefix + _of_groups(explanation)
    order = _sides(explanation)
    if not order:
        return prefix + _nothing(explanation)
    if not is_signed(explanation):
        return prefix + _highest(explanation)
    return prefix + _pushes(explanation, order, colours)


def _score_is(explanation: Explanation) -> Said:
    """Return the score explained, by its name where that is not just "score"."""
    name: Said = ("The score",) if explanation.target == "score" else (Name(explanation.target),)
    return (*name, f" is {answer_text(explanation, explanation.value)}.")


def for_class(explanation: Explanation, label: str) -> Explanation:
    """Return an explanation with another label's scores; what is known of the target only is left out."""
    scores = explanation.scores_for(label)
    return explanation.replace(
        target=label,
        scores=scores,
        std_error=None,
        lower=None,
        upper=None,
        absent_values=_absent(explanation, label, scores),
    )


def _absent(explanation: Explanation, label: str, scores: Floats) -> Floats | None:
    """Return a label's number float64 (u,) without each unit, from what its score says; None where it can't."""
    whole = float(explanation.answers[explanation.labels.index(label)])
    inside = min(max(whole, _EPSILON), 1.0 - _EPSILON)
    behaviour = explanation.origin.behaviour
    if explanation.absent_values is None:
        return None
    if behaviour in ("log_odds", "logit"):
        odds = (inside / (1.0 - inside)) * (np.exp2(-scores) if behaviour == "log_odds" else np.exp(-scores))
        return np.asarray(odds / (1.0 + odds))
    if behaviour == "log_probability":
        return np.asarray(np.minimum(inside * np.exp(-scores), 1.0))
    return np.asarray(whole - scores) if behaviour in ("probability", "similarity", "score") else None


def _reaches(explanation: Explanation) -> tuple[Floats, Floats]:
    """Return float64 (u,) twice: how strong each score is at least, and at most; 0 where its interval holds 0."""
    sizes, ends = np.abs(explanation.scores), interval_ends(explanation)
    if ends is None:
        return sizes, np.maximum(sizes, 0.0)
    towards = explanation.scores > 0
    least = np.where(towards, ends[0], -ends[1])
    return np.maximum(least, 0.0), np.where(towards, ends[1], -ends[0])


def _sides(explanation: Explanation) -> list[int]:
    """Return 1 and -1, those that a score speaks for beyond doubt and strongly enough to be coloured, strongest first.

    Where most words weigh about as much as the strongest, none does.
    """
    least, _ = _reaches(explanation)
    shares = np.array(strength(explanation))
    best = {side: float(np.where(side * shares >= WEAK, least, 0.0).max()) for side in (1, -1)}
    found = sorted((side for side in best if best[side] > 0), key=lambda side: -best[side])
    if found and len(shares) > 2 and 2 * len(_leaders(explanation, found[0])) > len(shares):
        return []
    return found


def _leaders(explanation: Explanation, side: int) -> list[int]:
    """Return the units that may be the strongest of a side, first the one that is so most surely."""
    least, most = _reaches(explanation)
    own = [i for i, score in enumerate(explanation.scores) if side * score > 0]
    top = max(own, key=lambda i: (least[i], most[i]))
    exact = interval_ends(explanation) is None
    bar = least[top] * (_ABOUT_AS_MUCH if exact else 1.0)
    rivals = sorted((i for i in own if i != top and most[i] >= bar), key=lambda i: -least[i])
    return [top, *rivals]


def _nothing(explanation: Explanation) -> Said:
    """Return why no word stands out."""
    sizes = np.abs(explanation.scores)
    top = int(sizes.argmax())
    if sizes[top] == 0:
        return ("No word stands out: all scores are 0.",)
    if _reaches(explanation)[0].max() > 0:
        return ("No word stands out: most weigh about as much as the strongest, ", _word(explanation, top), ".")
    of = "error" if explanation.std_error is not None else "uncertainty"
    return (
        f"No word stands out: the {of} of the strongest score, that of ",
        _word(explanation, top),
        ", is as large as the score.",
    )


def _word(explanation: Explanation, i: int) -> Name:
    return Name(explanation.units[i].text, is_word=True)


def _pushes(explanation: Explanation, order: Iterable[int], colours: tuple[str, str] | None) -> Said:
    """Return which words push towards the class explained, or raise the score, and which away, the stronger first.

    What scores are is said where they are not the change that each word alone makes.
    """
    told = explanation.absent_values is not None
    said: Said = ()
    for place, side in enumerate(order):
        colour = "Some" if colours is None else Hue(colours[side < 0].capitalize(), side)
        said += " " * (place > 0), colour, " words ", *_does(explanation, side, first=place == 0), ": above all "
        said += (*_strongest(explanation, side, first=place == 0), ".")
    is_change = told and explanation.meaning.adds_up_to is None
    return said if is_change else said + _scores_are(explanation)


def _does(explanation: Explanation, side: int, *, first: bool) -> Said:
    """Return what the words of a side do, which is more where the answer without them is known."""
    told = explanation.absent_values is not None
    if not explanation.is_probability:
        verbs = ("raise it", "lower it") if told else ("speak for a higher one", "speak for a lower one")
        return (verbs[side < 0],)
    verbs = ("push towards ", "push away from ") if told else ("speak for ", "speak against ")
    return verbs[side < 0], Name(explanation.target) if first else "it"


def _strongest(explanation: Explanation, side: int, *, first: bool) -> Said:
    """Return the strongest words of a side with what the answer is without them, or with their scores."""
    leaders = _leaders(explanation, side)
    named = leaders if len(leaders) <= _MOST_NAMED else leaders[:1]
    absent, whole = explanation.absent_values, answer_text(explanation, explanation.value)
    compared = first and explanation.is_probability
    if len(named) == 1 and absent is not None:
        said: Said = _word(explanation, named[0]), f"; without it {without(explanation, named[0])}"
        said += (f", with it {whole}",) if compared else ()
    else:
        said = ()
        for place, i in enumerate(named):
            joint = "" if place == 0 else " and " if place == len(named) - 1 else ", "
            own = (
                f"without it {without(explanation, i)}"
                if absent is not None
                else number(explanation, explanation.scores[i])
            )
            unit = f" {_unit(explanation)}".rstrip() if absent is None else ""
            said += joint, _word(explanation, i), f" ({own}{unit})"
        said += (f"; with all words {whole}",) if compared and absent is not None else ()
    others = len(leaders) - len(named)
    return said + ((f"; {others} others may weigh as much",) if others else ())


def _unit(explanation: Explanation) -> str:
    return "" if explanation.unit_of_scores == "probability" else explanation.unit_of_scores


def _scores_are(explanation: Explanation) -> Said:
    """Return what a method's scores are, as the list of methods says it; nothing of a method that is not listed."""
    known = {method.name: method.summary for method in methods()}.get(explanation.method)
    return () if known is None else (f" The scores: {known}.",)


def _highest(explanation: Explanation) -> Said:
    """Return the highest of scores that have no sign."""
    leaders = _leaders(explanation, 1)
    named = leaders if len(leaders) <= _MOST_NAMED else leaders[:1]
    said: Said = ()
    for place, i in enumerate(named):
        joint = "" if place == 0 else " and " if place == len(named) - 1 else ", "
        said += joint, _word(explanation, i), f" ({number(explanation, explanation.scores[i])})"
    said += (" has the highest score" if len(named) == 1 else " have the highest scores",)
    others = f"; {len(leaders) - 1} others may have as much" if len(named) < len(leaders) else ""
    return (*said, f"{others}. Scores say how much, not for or against.", *_scores_are(explanation))


def _of_groups(explanation: Explanation) -> Said:
    """Return the words of the most important group, in each text."""
    groups = explanation.groups or ()
    if len(groups) > 1 and percent(groups[0].importance) == percent(groups[1].importance):
        return (f"No group of words stands out: {len(groups)} groups matter alike.",)
    answer: Said = ("The answer ", Name(explanation.target)) if explanation.is_probability else ("It",)
    said: Said = (*answer, " rests most on ")
    texts = [own for own in groups[0].words if own]
    for place, own in enumerate(texts):
        said += (" together with ",) * (place > 0)
        for i, word in enumerate(own[:_MOST_OF_A_GROUP]):
            said += (", ",) * (i > 0) + (Name(word, is_word=True),)
        said += (" …",) * (len(own) > _MOST_OF_A_GROUP)
    return (*said, f": group 1, {percent(groups[0].importance)} of the importance.")


def key(explanation: Explanation) -> list[tuple[Said, float]]:
    """Return what colours mean, each with the share that shows its colour."""
    if not is_signed(explanation):
        return [(("the higher the score, the stronger",), 0.6)]
    towards, away = sides(explanation)
    return [((f"{towards} ", Name(named_target(explanation))), 0.6), ((f"{away} it",), -0.6)]


def shades(explanation: Explanation) -> str:
    """Return what a colour's strength means, and which words have none."""
    much = "the stronger, the more; " if is_signed(explanation) else ""
    return f"{much}no colour: under {100 * WEAK:.0f} % of the strongest"


def absence(explanation: Explanation) -> str:
    """Return what stands behind "without it", or nothing where scores don't say what the answer is without a word."""
    if explanation.absent_values is None:
        return ""
    names = explanation.origin.removal.split("+")
    known = [ABSENCE[name] for name in names if name in ABSENCE]
    # What each of several is, stands with the sets where there are any.
    how = listed(names if explanation.rationales else known) if len(names) > 1 else "".join(known)
    means = f" ({'on average: ' * (len(names) > 1)}{how})" if how else ""
    if not explanation.is_probability:
        return f"without it: the score when the word is left out{means}"
    return f"without it: the probability when the word is left out{means}; points: its change in percentage points"


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: a, b and c."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def error_hint(explanation: Explanation) -> str:
    """Return what stands beside a score, or nothing where it is exact."""
    if explanation.std_error is not None:
        return "± is one standard error"
    return "bounds: the score lies within them" if explanation.lower is not None else ""


def sum_hint(explanation: Explanation) -> str:
    """Return what all scores add up to, or nothing."""
    of = explanation.meaning.adds_up_to
    return "" if of is None else f"all scores add up to {of}"


def unit_hint(explanation: Explanation) -> str:
    """Return what one unit of the scores is, where people may not know it."""
    bits = explanation.meaning.unit == "bits" and explanation.meaning.signed
    log_odds = explanation.origin.behaviour == "log_odds" and explanation.method != "random"
    return "one bit doubles the odds" if bits and log_odds else ""
