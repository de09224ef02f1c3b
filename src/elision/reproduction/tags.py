"""Scores against the words' tags in the Stanford Sentiment Treebank (Kim et al. 2020, Section 4.3)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from elision.data.annotation import Annotation, sentiment_annotation
from elision.data.samples import LABELS
from elision.errors import ElisionError, OptionError
from elision.metrics.plausibility import intersection_of_tokens, neutral_score
from elision.reproduction.context import StudyContext
from elision.reproduction.erasure import setting_of_sst
from elision.reproduction.frame import SST_MODELS, Missing, need
from elision.reproduction.methods import ERASURES, MARGINALIZATION
from elision.reproduction.result import Cell, Result, Row
from elision.results.explanation import Explanation
from elision.results.measurement import Measurement
from elision.text import Example

IOT = {"Zero": 0.64, MARGINALIZATION.title: 0.72}
NEUTRAL = {"Zero": 0.175, MARGINALIZATION.title: 0.053}
COLUMNS = (
    "IoT, top 10",
    "neutral words: mean score, bits",
    "neutral words: mean |score|, bits",
    "neutral words: mean |score|, share of the strongest",
)
_FILE = "sst/test_binary.jsonl"


def word_tags() -> dict[str, tuple[list[str], list[int]]]:
    """Return a test sentence's text -> its words in lower case and their tags, 0 to 4.

    Raises:
        OptionError: there is no file with tags.
    """
    file = Path(os.environ.get("ELISION_DATA", "")) / _FILE
    try:
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        tags = {}
        for row in rows:
            words = [word.lower() for word in row["tokens"]]
            tags[" ".join(words)] = words, row["token_labels"]
        return tags
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OptionError(
            f"tags of words need {_FILE} with tokens and token_labels; name its folder with --data or ELISION_DATA"
        ) from error


def tags_of(explanations: Sequence[Explanation]) -> list[Annotation]:
    """Return the tags of explained SST-2 sentences, seen from the class explained."""
    tags = word_tags()
    return [sentiment_annotation(*tags[e.segments[0]], positive=e.target == e.labels[-1]) for e in explanations]


def right_ones(context: StudyContext, name: str, data: str, label: int | None, n: int) -> list[Example]:
    """Return the first n drawn test examples that a model gets right.

    Args:
        context: models and data.
        name: the model's.
        data: the data set's.
        label: their class, or None for any.
        n: at most so many.
    Raises:
        ElisionError: there is none, or model or data are missing.
    """
    model, part = context.model(name), context.split(data)
    rows = [row for row in context.order(data) if label is None or part.labels[row] == label]
    found: list[Example] = []
    for start in range(0, len(rows), 2 * n):
        block = rows[start : start + 2 * n]
        answers = context.answers(model, [part.examples[row] for row in block]).argmax(axis=1)
        found += [
            part.examples[row]
            for row, answer in zip(block, answers, strict=True)
            if answer == context.right_class(model, data, row)
        ]
        if len(found) >= n:
            break
    kind = "" if label is None else f" of class {LABELS[data][label]}"
    need(bool(found), f"{name} gets no test example{kind} right")
    return found[:n]


def figures(explanations: Sequence[Explanation]) -> tuple[Measurement, ...]:
    """Return what the four columns show."""
    marked = tags_of(explanations)
    return (
        intersection_of_tokens(explanations, marked),
        neutral_score(explanations, marked, signed=True),
        neutral_score(explanations, marked),
        neutral_score(explanations, marked, normalize=True),
    )


def _papers(method: str) -> tuple[float | None, ...]:
    """Return what the paper has in the columns of a method."""
    return IOT.get(method), NEUTRAL.get(method), None, None


def im_tags(context: StudyContext) -> Result:
    """Return IoT and the scores of neutral words."""
    word_tags()
    missing, rows = Missing(), []
    for title, name in SST_MODELS.items():
        try:
            examples = right_ones(context, name, "sst2", 1, context.limit)
            found = context.explain(name, ERASURES, examples, "token")
        except ElisionError as error:
            for method in ERASURES:
                cells = tuple(missing.cell(title, error, p) for p in _papers(method.title))
                rows.append(Row((title, method.title), cells))
            continue
        for name_of, explanations in found.by_method.items():
            cells = tuple(Cell.of(m, p) for m, p in zip(figures(explanations), _papers(name_of), strict=True))
            rows.append(Row((title, name_of), cells))
    missing.require([row for row in rows if row.cells[0].value is not None])
    return Result(
        "Scores against SST-2's tags of words (Kim et al. 2020, Section 4.3)",
        ("model", "method"),
        COLUMNS,
        tuple(rows),
        setting_of_sst(context, "100 for IoT, 500 for neutral words") + " Only positive sentences that the model got "
        "right.",
        (
            "IoT: which part of the positive words is among the ten highest scores; higher is better",
            "neutral words: the paper gives their 'average attribution score', which is the mean with signs, where "
            "scores for and against the class cancel; it does not say in which unit, nor whether signs were dropped",
            "without signs lower is better; random scores lie between -1 and 1, so that only the last column compares "
            "them",
            "in sentences of ten tokens or less IoT is 1 for every method",
            *missing.remarks(),
        ),
    )
