"""The table of an evaluation: what is bold, and what is said below it."""

from __future__ import annotations

import io

import numpy as np
from rich.console import Console
from toys.models import keyword_model

from elision import metrics
from elision.metrics.evaluation import compare
from elision.views.evaluation import view


def judged(n: int, shifts: dict[str, float], told: int | None = None, **settings):
    """Return an evaluation of n texts in which figures lie around each method's shift; `told` of them say anything."""
    noise = {name: np.random.default_rng(i).normal(size=n) for i, name in enumerate(shifts)}

    def figure(model, explanations, *, engine, seed):
        name = explanations[0].provenance["removal"]["name"] if explanations[0].method != "random" else "random"
        values = shifts[name] + 0.1 * noise[name]
        return metrics.Measurement(name="figure", values=np.where(np.arange(n) < (told or n), values, np.nan))

    methods = [f"leave-one-out@{removal}" for removal in shifts if removal not in ("random", "delete")]
    return compare(keyword_model(), [f"a good film {i}" for i in range(n)], methods, [figure], **settings)


def bold(evaluation) -> set[str]:
    lines = evaluation.to_markdown().splitlines()[2 : 2 + len(evaluation.methods)]
    return {line.split(" | ")[0].strip("| ") for line in lines if "**" in line}


def remarks(evaluation) -> str:
    return "\n".join(line for line in evaluation.to_markdown().splitlines() if line.startswith("- "))


def test_bold_are_the_best_and_what_may_be_as_good() -> None:
    own = judged(40, {"mask": 3.0, "unk": 3.0, "delete": 1.0, "random": 0.0})
    assert bold(own) == {"leave-one-out@mask", "leave-one-out@unk"}
    assert "bold or *: the best, and all whose difference to it may be chance; random scores never" in remarks(own)
    assert "so nothing is bold" not in remarks(own)
    assert "fewer than" not in remarks(own)
    shown = run_width(own, 100)
    assert [line.split()[0] for line in shown.splitlines() if "*" in line and line.startswith("leave")] == sorted(
        bold(own)
    )


def run_width(evaluation, width: int) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(view(evaluation, width=width))
    return console.file.getvalue()


def test_nothing_is_bold_where_nothing_is_told_apart() -> None:
    own = judged(40, {"mask": 1.0, "delete": 1.0, "random": 1.0})
    assert not any(cell.p is not None and cell.p < 0.05 for cell in own.cells.values())
    assert bold(own) == set()
    assert "- no method is told apart from the best, so nothing is bold" in remarks(own)
    assert "*" not in run_width(own, 100).replace("bold or *", "")


def test_random_scores_are_never_bold() -> None:
    level = judged(40, {"mask": 1.02, "delete": 0.0, "random": 0.99})
    assert bold(level) == {"leave-one-out@mask"}
    assert "random scores may be as good as the best" in remarks(level)
    best = judged(40, {"mask": 1.0, "delete": 0.0, "random": 2.0})
    assert bold(best) == set()
    assert "- no method is better than random scores, so nothing is bold" in remarks(best)


def test_too_few_examples_to_tell_anything_apart() -> None:
    apart = {"mask": 3.0, "delete": 1.0, "random": 0.0}
    assert bold(judged(9, apart)) == set()
    assert "- with 9 examples nothing can be told apart, so nothing is bold" in remarks(judged(9, apart))
    few = judged(40, apart, told=4)
    assert bold(few) == set()
    assert "with 4 examples nothing can be told apart" in remarks(few)
    # Two comparisons by 20 resamples: no corrected p-value is below 2/21.
    rough = judged(12, apart, n_resamples=20)
    assert bold(rough) == set()
    assert "with 12 examples nothing can be told apart" in remarks(rough)
    assert bold(judged(12, apart, n_resamples=20, test="wilcoxon")) == {"leave-one-out@mask"}
    enough = judged(12, apart)
    assert bold(enough) == {"leave-one-out@mask"}
    assert "p-values under 0.05 come by chance in some 10 % of cases, not 5 %" in remarks(enough)
    assert "p-values under" not in remarks(judged(12, apart, test="wilcoxon"))
