"""Methods against each other: the table, its fairness marks, its files."""

from __future__ import annotations

import csv
import io
import json
from functools import partial

import numpy as np
import pytest
from rich.console import Console
from toys.models import keyword_model

import elision
from elision import metrics
from elision.errors import OptionError
from elision.metrics.evaluation import compare
from elision.results.intervals import difference, holm
from elision.views.evaluation import view

TEXTS = ["a good film", "a bad film , not good", "good plot , bad actor", "the film was bad", "bad bad good film"]


@pytest.fixture(scope="module")
def found():
    return compare(
        keyword_model(),
        TEXTS,
        ["shapley", "leave-one-out@unk"],
        ["aopc", "aopc@unk", "sufficiency", "auc-rep"][:3],
        n_resamples=300,
    )


def test_baselines_are_always_there(found) -> None:
    assert found.methods == ("shapley", "leave-one-out@unk", "leave-one-out", "random")
    own = compare(keyword_model(), TEXTS[:2], ["random", "leave-one-out"], ["aopc"], n_resamples=10)
    assert own.methods == ("random", "leave-one-out")


def test_cells_are_the_metrics_of_the_explanations(found) -> None:
    model = keyword_model()
    for name, method in (("shapley", elision.Shapley()), ("leave-one-out@unk", elision.LeaveOneOut(removal="unk"))):
        explanations = [method(model, text) for text in TEXTS]
        for metric, removal in (("aopc", "delete"), ("aopc@unk", "unk")):
            own = metrics.aopc(model, explanations, removal=removal)
            assert found.measurements[name, metric].values.tolist() == own.values.tolist()
            cell = found.cells[name, metric]
            assert (cell.mean, cell.n) == (own.mean, 5)
            assert (cell.lower, cell.upper) == own.interval(n_resamples=300)


def test_differences_are_paired_with_the_best_and_corrected(found) -> None:
    for metric, best_of in (("aopc", max), ("sufficiency", min)):
        means = {name: found.measurements[name, metric].mean for name in found.methods}
        best = next(name for name in found.methods if found.cells[name, metric].best)
        assert means[best] == best_of(means.values())
        assert found.cells[best, metric].p is None
        others = [name for name in found.methods if name != best]
        gaps = [
            difference(found.measurements[name, metric], found.measurements[best, metric], n_resamples=300)
            for name in others
        ]
        corrected = holm([gap[3] for gap in gaps])
        for name, gap, p in zip(others, gaps, corrected, strict=True):
            cell = found.cells[name, metric]
            assert (cell.difference, cell.difference_lower, cell.difference_upper, cell.p) == (*gap[:3], p)


def test_a_shared_removal_is_marked_and_said(found) -> None:
    shared = {key for key, cell in found.cells.items() if cell.shared}
    # functions of texts are explained by "delete" where no removal is named; random asks nothing
    assert shared == {
        *(("shapley", m) for m in ("aopc", "sufficiency")),
        *(("leave-one-out", m) for m in ("aopc", "sufficiency")),
        ("leave-one-out@unk", "aopc@unk"),
    }
    assert len(found.warnings) == 3
    assert "aopc@unk removes units by 'unk', as leave-one-out@unk did" in found.warnings[1]
    assert all(warning in found.to_markdown() for warning in found.warnings)


def test_markdown_has_figures_and_shared_marks_and_five_examples_make_nothing_bold(found) -> None:
    lines = found.to_markdown().splitlines()
    assert lines[0] == "| method | aopc ↑ | aopc@unk ↑ | sufficiency ↓ |"
    for method, line in zip(found.methods, lines[2:6], strict=True):
        columns = [part.strip() for part in line.strip("|").split("|")]
        assert columns[0] == method
        for metric, text in zip(found.metrics, columns[1:], strict=True):
            cell = found.cells[method, metric]
            assert f"{cell.mean:.3f} ({cell.lower:.3f} to {cell.upper:.3f})" in text
            assert text.endswith("!") == cell.shared
    assert "**" not in found.to_markdown()
    assert "bold or *" not in found.to_markdown()
    assert "- with 5 examples nothing can be told apart, so nothing is bold\n" in found.to_markdown()
    assert "- fewer than 30 examples: intervals are too narrow\n" in found.to_markdown()
    assert str(found) == found.to_markdown()


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


def test_csv_and_json_hold_the_table(found) -> None:
    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert len(rows) == 12
    for row in rows:
        cell = found.cells[row["method"], row["metric"]]
        assert float(row["mean"]) == cell.mean
        assert row["p"] == ("" if cell.p is None else str(cell.p))
        assert row["shared"] == str(cell.shared)
    data = json.loads(found.to_json())
    assert data["values"]["shapley"]["aopc"] == found.measurements["shapley", "aopc"].values.tolist()
    assert data["metrics"]["aopc@unk"]["removal"] == {"name": "unk"}
    assert data["settings"]["examples"] == 5


def test_methods_and_metrics_of_ones_own() -> None:
    def length(model, explanations, *, engine, seed):
        values = np.array([float(len(e.units)) for e in explanations])
        return metrics.Measurement(name="length", values=values, higher_is_better=None)

    own = compare(
        keyword_model(),
        TEXTS,
        [elision.LeaveOneOut(removal="mask")],
        [length, partial(metrics.aopc, removal="unk", n_units=2)],
        n_resamples=10,
    )
    assert own.methods == ("leave-one-out", "random")
    assert own.metrics == ("length", "aopc")
    cell = own.cells["random", "length"]
    assert (cell.mean, cell.best, cell.p, cell.shared) == (np.mean([3, 6, 5, 4, 4]), False, None, False)
    assert own.arrows == {"length": "", "aopc": "higher"}
    assert own.to_markdown().splitlines()[0] == "| method | length | aopc ↑ |"


def test_wilcoxon_and_the_seed_reach_the_differences() -> None:
    settings = {"methods": ["shapley@unk"], "metrics": ["aopc"], "n_resamples": 50}
    texts = [f"{text} {more}" for text in TEXTS for more in ("", "good", "bad actor")]
    one = compare(keyword_model(), texts, **settings)
    other = compare(keyword_model(), texts, **settings, test="wilcoxon")
    assert one.cells["random", "aopc"].p != other.cells["random", "aopc"].p
    seeded = compare(keyword_model(), texts, **settings, seed=5)
    assert one.cells["random", "aopc"].mean != seeded.cells["random", "aopc"].mean


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"examples": "a text"}, "examples must be a sequence"),
        ({"examples": []}, "at least one example"),
        ({"methods": []}, "methods must be a sequence of at least one name"),
        ({"methods": "lime"}, "methods must be a sequence"),
        ({"methods": ["lime", "lime"]}, "'lime' stands there twice"),
        ({"methods": ["lime@"]}, "lacks the removal"),
        ({"methods": [3]}, "a name or an Explainer, got int"),
        ({"methods": ["magic"]}, "method must be one of"),
        ({"metrics": ["magic"]}, "metric must be one of aopc"),
        ({"metrics": ["auc-rep@mask"]}, "has its own removal"),
        ({"metrics": ["auprc"]}, "auprc compares with what people highlighted"),
        ({"metrics": ["auprc@3"], "annotations": []}, "takes 1 for the first text or 2 for the second, got '3'"),
        ({"metrics": metrics.aopc}, "metrics must be a sequence"),
        ({"test": "t"}, "test must be one of"),
    ],
)
def test_mistakes_in_one_line(arguments, message) -> None:
    with pytest.raises(OptionError, match=message):
        compare(keyword_model(), **({"examples": TEXTS, "methods": ["random"], "metrics": ["aopc"]} | arguments))
