"""Methods against each other: the table, its fairness marks, its files."""

from __future__ import annotations

import csv
import io
import json
from functools import partial

import numpy as np
import pytest
from toys.models import keyword_model

import elision
from elision import metrics
from elision.errors import Interrupted, OptionError
from elision.metrics.evaluation import compare
from elision.results.intervals import difference, holm

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


@pytest.fixture(scope="module")
def judged():
    return compare(
        keyword_model(),
        TEXTS,
        ["search", "search@unk", "leave-one-out@delete+unk"],
        ["aopc", "aopc@unk", "sufficiency", "degradation"],
        n_resamples=100,
        ceilings=True,
    )


def test_a_method_that_searched_is_its_metrics_ceiling_and_no_rival(judged) -> None:
    assert judged.explanations["search"][0].origin.removals >= {"delete"}
    marked = {key for key, cell in judged.cells.items() if cell.ceiling}
    of_all = {("search", metric) for metric in judged.metrics if metric != "aopc@unk"}
    assert marked == of_all | {("search@unk", "aopc@unk")}
    for metric in judged.metrics:
        rivals = [method for method in judged.methods if (method, metric) not in marked]
        means = {method: judged.measurements[method, metric].mean for method in rivals}
        best = (min if metric == "sufficiency" else max)(means, key=means.get)
        assert [method for method in judged.methods if judged.cells[method, metric].best] == [best]
        gaps = [
            difference(judged.measurements[m, metric], judged.measurements[best, metric], n_resamples=100)
            for m in rivals
            if m != best
        ]
        assert [judged.cells[m, metric].p for m in rivals if m != best] == holm([gap[3] for gap in gaps])
        for method, own in marked:
            if own == metric:
                cell, gap = (
                    judged.cells[method, metric],
                    difference(judged.measurements[method, metric], judged.measurements[best, metric], n_resamples=100),
                )
                assert cell.p is None
                assert (cell.difference, cell.difference_lower, cell.difference_upper) == gap[:3]
    assert {
        "search looked for what aopc, sufficiency, degradation reward, leaving units out in the same way: read it "
        "there as a ceiling, not as a rival (marked ^, and never bold)"
    } <= set(judged.warnings)
    favoured = [
        own.partition(", as ")[2].partition(" did")[0].split(", ") for own in judged.warnings if "favours" in own
    ]
    assert len(favoured) == 4
    assert not {"search", "search@unk"} & {name for names in favoured for name in names}
    assert any(own.startswith("search@unk looked for what aopc@unk rewards,") for own in judged.warnings)


def test_parts_of_several_removals_are_shared(judged) -> None:
    shared = {metric for metric in judged.metrics if judged.cells["leave-one-out@delete+unk", metric].shared}
    assert shared == set(judged.metrics)
    several = compare(keyword_model(), TEXTS[:2], ["search@unk"], ["aopc@delete+unk"], n_resamples=10)
    cell = several.cells["search@unk", "aopc@delete+unk"]
    assert (cell.shared, cell.ceiling) == (True, False)


def test_a_metric_that_rewards_no_order_has_no_ceiling() -> None:
    def figure(model, explanations, *, engine, seed):
        return metrics.Measurement(name="figure", values=np.ones(len(explanations)), removal={"name": "unk"})

    own = compare(keyword_model(), TEXTS[:2], ["search@unk"], [figure, "aopc@unk"], n_resamples=10, ceilings=True)
    assert not own.cells["search@unk", "figure"].ceiling
    assert own.cells["search@unk", "aopc@unk"].ceiling
    assert set(own.ceilings) == {"aopc@unk"}
    assert own.cells["random", "figure"].attained is None


def test_shares_are_of_what_is_attainable(judged) -> None:
    model = keyword_model()
    for metric in judged.metrics:
        own = metrics.attainable(metric, model, [elision.Random()(model, text) for text in TEXTS])
        assert own.proven.all()
        assert judged.ceilings[metric].ends == pytest.approx(own.ends, abs=1e-12)
        assert judged.ceilings[metric].n_moved == 0
        for method in judged.methods:
            cell = judged.cells[method, metric]
            assert cell.attained == pytest.approx((cell.mean - own.worst) / (own.best - own.worst), abs=1e-12)
            assert 0.0 <= cell.attained <= 1.0
    data = json.loads(judged.to_json())
    assert data["metrics"]["aopc"]["attainable"]["ends"] == judged.ceilings["aopc"].ends.tolist()
    row = next(row for row in data["rows"] if (row["method"], row["metric"]) == ("search", "aopc"))
    assert (row["ceiling"], row["attained"]) == (True, judged.cells["search", "aopc"].attained)
    table = list(csv.DictReader(io.StringIO(judged.to_csv())))
    assert {row["ceiling"] for row in table} == {"True", "False"}
    assert float(table[0]["attained"]) == judged.cells["search", "aopc"].attained


def test_without_ceilings_nothing_is_sought(found) -> None:
    assert found.ceilings == {}
    assert {cell.attained for cell in found.cells.values()} == {None}
    assert "attainable" not in found.to_markdown()
    assert "attainable" not in json.loads(found.to_json())["metrics"]["aopc"]


def test_an_interruption_while_ceilings_are_sought_leaves_the_table(monkeypatch) -> None:
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("elision.metrics.evaluation.attainable", stop)
    with pytest.raises(Interrupted, match="while ceilings were sought") as caught:
        compare(keyword_model(), TEXTS[:2], ["random"], ["aopc"], n_resamples=10, ceilings=True)
    left = caught.value.finished
    assert (left.methods, left.ceilings) == (("random", "leave-one-out"), {})
    assert left.warnings[0] == "stopped while ceilings were sought"


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
