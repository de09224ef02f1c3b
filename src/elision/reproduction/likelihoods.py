"""What becomes of the scores with better and worse likelihoods (Kim et al. 2020, Section 4.5, Figure 5)."""

from __future__ import annotations

from elision.reproduction.context import StudyContext
from elision.reproduction.erasure import measure, setting_of_sst
from elision.reproduction.methods import LIKELIHOOD, MASK, RANDOM, marginalization
from elision.reproduction.result import Cell, Picture, Result, Row
from elision.reproduction.tags import figures

SENTENCES = ("a deep and meaningful film .", "the performances take the movie to a higher level .")
WATCHED = ("film", "movie")
# Where no word is much likelier than the others, 0.1 bits would take ten times as many rows.
BUDGET = 5000
_METHODS = (
    marginalization("uniform", "Uniform", budget=BUDGET),
    marginalization("prior", "Prior", budget=BUDGET),
    marginalization("builtin:mlm", "MLM, pre-trained"),
    marginalization(LIKELIHOOD, "MLM, fine-tuned"),
    MASK,
    RANDOM,
)
# Scores of "film" and "movie" in the two sentences.
SCORES = {"MLM, pre-trained": (0.256, 0.631), "MLM, fine-tuned": (0.007, 0.321)}
_MODEL = "sst2-minilm"


def im_figure5(context: StudyContext) -> Result:
    """Return the two sentences' strips, and each likelihood's AUC_rep and neutral scores."""
    many = context.explain(_MODEL, _METHODS, context.examples("sst2"), "token")
    two = context.explain(_MODEL, _METHODS, SENTENCES, "token").by_method
    resampled, deleted = measure(context, many, ("AUC_rep", "deletion 20 %")).values()
    rows = []
    for method, explanations in many.by_method.items():
        _, _, neutral, share = figures(explanations)
        papers = SCORES.get(method, (None, None))
        own = [
            Cell(float(e.scores[[unit.text for unit in e.units].index(word)]), paper=paper)
            for e, word, paper in zip(two[method], WATCHED, papers, strict=True)
        ]
        rows.append(Row((method,), (*own, *map(Cell.of, (resampled[method], deleted[method], neutral, share)))))
    pictures = tuple(
        Picture("ab"[i], "strips", strips=[(method, own[i]) for method, own in two.items()])
        for i in range(len(SENTENCES))
    )
    return Result(
        "Marginalization with worse and better likelihoods, of BERT on SST-2 (Kim et al. 2020, Figure 5)",
        ("likelihood",),
        (*(f"'{word}', bits" for word in WATCHED), "AUC_rep", "deletion 20 %", "neutral, bits", "neutral, share"),
        tuple(rows),
        setting_of_sst(context, "two sentences") + " Pre-trained is the small general masked language model that is "
        "built in; fine-tuned is the one trained on texts of this kind; prior counts SST-2's training sentences.",
        (
            "AUC_rep draws from the fine-tuned model, which favours it; lower is better in all columns",
            f"uniform and prior stop at {BUDGET:,} rows a sentence: there 0.1 bits need not be reached",
            "neutral: mean |score| of words that SST-2 tags neutral, in bits and as a share of the strongest word's",
            *(f"{title}: {reason}" for title, reason in many.refused.items()),
        ),
        pictures=pictures,
    )
