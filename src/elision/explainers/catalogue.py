"""Which methods there are, what they need and what they cost."""

from __future__ import annotations

from dataclasses import dataclass

VALUES, EMBEDDINGS, LAYERS, FITTING = "values only", "embeddings", "hidden layers", "fitting"


@dataclass(frozen=True)
class Method:
    """A method's entry in the list.

    Attributes:
        name: as `explain(method=...)` and `--method` take it.
        summary: what its scores are.
        needs: "values only" works with every model, functions included; "embeddings" and "hidden layers" want a PyTorch
            model; "fitting" learns from texts first.
        cost: of one explanation of a text with u words.
    """

    name: str
    summary: str
    needs: str
    cost: str


_METHODS = (
    Method("marginalization", "log-odds less those expected over what could stand there", VALUES, "some 200 u rows"),
    Method("group-masks", "words that carry the answer together, across two texts", VALUES, "1,024 rows, a short-list"),
    Method("word-masks", "a mask for each word that keeps the answer", VALUES, "some 100 to 1,000 rows"),
    Method("lime", "weights of a local linear model", VALUES, "2 u + 2,048 rows at most"),
    Method("shapley", "each word's fair share of the answer", VALUES, "2^u rows to 12 words, then 2 u + 2,048"),
    Method("leave-one-out", "the answer less that without the word", VALUES, "u rows"),
    Method("saliency", "how steeply the answer changes with a word's vector", EMBEDDINGS, "1 row, forth and back"),
    Method("input-x-gradient", "the gradient along a word's vector", EMBEDDINGS, "1 row, forth and back"),
    Method("integrated-gradients", "the gradient on the way from a baseline", EMBEDDINGS, "50 rows, forth and back"),
    Method(
        "gradient-shap",
        "the gradient at random points on the way from a baseline",
        EMBEDDINGS,
        "50 rows, forth and back",
    ),
    Method("deep-lift", "differences to a baseline, layer by layer", EMBEDDINGS, "2 rows, forth and back"),
    Method("iba", "bits that a hidden layer must let through", LAYERS, "200 rows, forth and back"),
    Method("l2x", "words that a trained selector picks", FITTING, "1 row, once fitted"),
    Method("attention", "a baseline, no explanation: attention received", LAYERS, "1 row"),
    Method("random", "a baseline: random numbers", VALUES, "no row"),
)


def methods() -> tuple[Method, ...]:
    """Return all methods, each with one line, what it needs and what it costs."""
    return _METHODS
