"""The table of an evaluation: what is bold, and what is said below it."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from rich.console import Console
from toys.models import keyword_model

from elision import metrics
from elision.metrics.evaluation import compare
from elision.views.evaluation import standing, view


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


def ceilings(**settings):
    texts = [
        f"{text} {more}" for text in ("a good film", "bad plot", "not good") for more in ("", "good", "bad", "film")
    ]
    metrics = ["aopc@unk", "sufficiency"]
    return compare(keyword_model(), texts, ["search@unk", "shapley"], metrics, ceilings=True, **settings)


def test_ceilings_stand_under_the_methods_and_shares_beside_figures() -> None:
    own = ceilings()
    lines = own.to_markdown().splitlines()
    aopc, sufficiency = own.ceilings["aopc@unk"], own.ceilings["sufficiency"]
    assert lines[6] == f"| best attainable | {aopc.best:.3f} | {sufficiency.best:.3f} |"
    assert lines[7] == f"| worst attainable | {aopc.worst:.3f} | {sufficiency.worst:.3f} |"
    first = lines[2].split(" | ")
    cell = own.cells["search@unk", "aopc@unk"]
    assert first[1] == f"{cell.mean:.3f} ({cell.lower:.3f} to {cell.upper:.3f}), {100 * cell.attained:.0f}% ^"
    assert "0 % the worst and 100 % the best" in remarks(own)
    assert "not proven" not in remarks(own)
    assert "lay beyond" not in remarks(own)
    assert "nothing is said of" not in remarks(own)
    shown = run_width(own, 100)
    assert f"best attainable {' ' * 20}" in shown
    assert [line.count("%") for line in shown.splitlines() if line.startswith("shapley")] == [2]
    assert run_width(own, 80).count("best attainable") == 2


def test_a_ceiling_is_never_bold_though_it_leads() -> None:
    own = ceilings()
    assert own.cells["search@unk", "aopc@unk"].mean >= own.cells["shapley", "aopc@unk"].mean
    rows = {line.split(" | ")[0].strip("| "): line.split(" | ")[1] for line in own.to_markdown().splitlines()[2:6]}
    assert rows["search@unk"].endswith("% ^")
    assert rows["shapley"].startswith("**")
    assert "**" not in rows["search@unk"]
    assert "- search@unk looked for what aopc@unk rewards" in remarks(own)
    assert "read it there as a ceiling, not as a rival (marked ^, and never bold)" in remarks(own)


def test_ceilings_do_not_make_up_for_few_examples_of_rivals() -> None:
    own = ceilings()
    few = {
        (method, metric): replace(found, values=np.where(np.arange(12) < 4, found.values, np.nan))
        if method not in ("shapley", "search@unk")
        else found
        for (method, metric), found in own.measurements.items()
    }
    assert own.cells["shapley", "aopc@unk"].best
    assert standing(own, "aopc@unk").leaders == {"shapley", "leave-one-out"}
    assert "with 4 examples nothing" in standing(replace(own, measurements=few), "aopc@unk").remark


def test_what_was_not_proven_or_moved_is_said() -> None:
    own = ceilings()
    aopc = own.ceilings["aopc@unk"]
    unsure = replace(aopc, proven=np.arange(len(aopc.proven)) > 2, n_moved=1)
    said = remarks(replace(own, ceilings={"aopc@unk": unsure}))
    assert "not proven (aopc@unk: 3): there the best may be better than shown" in said
    assert "beyond what the search found, and counts as attainable, for some (aopc@unk: 1)" in said
    assert "- nothing is said of what is attainable in sufficiency" in said
