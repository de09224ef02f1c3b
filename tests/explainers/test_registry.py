"""Explainers by name: each option of each constructor is reached, and stands in one place."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from toys.command import Command
from toys.models import keyword_model

import elision
from elision.explainers.registry import METHODS, all_options, describe, make_explainer, says_nothing
from elision.metrics.registry import METRICS
from elision.options import Option
from elision.removal.registry import REMOVALS, removals
from elision.views.registry import VIEWS

TEXT = "a good film"
SOURCES = Path(elision.__file__).parent
OTHER = {
    "likelihood": "uniform",
    "original": "exclude",
    "order": "right-to-left",
    "behaviour": "logit",
    "sides": "both",
    "solver": "sampling",
    "shortlist": "1,0",
    "removal": "zero",
    "attribution": "expected",
    "estimator": "kernel",
    "baseline": "mask",
    "layer": "1",
}
"""Values other than the defaults of options that are no numbers."""
OTHER_SOLVER = {"search": "beam"}
TOGETHER = {("lime", "n_features"): "2"}
CASES = [(name, option) for name in METHODS.own for option in describe(name).options]


def text_of(option: Option, method: str) -> str:
    """Return another value than the default, as the shell takes it."""
    if option.name == "solver" and method in OTHER_SOLVER:
        return OTHER_SOLVER[method]
    if option.name in OTHER:
        return OTHER[option.name]
    return str((option.default or 2) * 2) if "int" in option.kinds else str((option.default or 1.0) / 2)


def given(option: Option, method: str) -> Any:
    return option.read(text_of(option, method))


def shown(explainer: elision.Explainer, option: Option) -> bool:
    """Tell whether an explainer's repr, which is its call, has an option."""
    called = repr(explainer)
    return f"{option.name}=" in called or (option.name == "likelihood" and "('" in called)


@pytest.mark.parametrize(("method", "option"), CASES, ids=[f"{name}-{option.name}" for name, option in CASES])
def test_explain_reaches_every_option(method: str, option: Option, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[elision.Explainer] = []
    monkeypatch.setattr(elision.Explainer, "__call__", lambda self, *args, **more: made.append(self))
    elision.explain(TEXT, model=keyword_model(), method=method, **{option.name: given(option, method)})
    assert shown(made[0], option)


@pytest.mark.parametrize(("method", "option"), CASES, ids=[f"{name}-{option.name}" for name, option in CASES])
def test_the_shell_reaches_every_option(
    method: str, option: Option, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: dict[str, Any] = {}

    def stop(text: str, *, method: str, **options: Any) -> None:
        reached.update(options)
        raise elision.ElisionError("stopped")

    monkeypatch.setattr(elision, "explain", stop)
    monkeypatch.setattr("elision.explainers.learned.l2x.L2X.load", lambda folder, budget=None: "l2x")
    fitted = ("--explainer", "FOLDER") if describe(method).needs == "fitting" else ()
    run("explain", TEXT, "--method", method, "--set", f"{option.name}={text_of(option, method)}", *fitted)
    if fitted and option.name == "budget":
        return
    assert reached[option.name] == given(option, method)
    assert type(reached[option.name]) is type(given(option, method))


def test_options_of_a_removal_and_of_a_short_list_go_with_it() -> None:
    found = make_explainer("shapley", removal="marginal", likelihood="uniform", n_draws=5, top_n=7, beam=9)
    assert found.removal is not None
    described = found.removal.describe()
    assert {key: described[key] for key in ("n_draws", "top_n", "beam")} == {"n_draws": 5, "top_n": 7, "beam": 9}
    listed = make_explainer("group-masks", shortlist="word-masks", n_samples=7)
    assert repr(listed) == "GroupMasks(shortlist=WordMasks(n_samples=7))"
    names = {option.name for option in all_options("lime", {"removal": "marginal"})}
    assert {"n_samples", "kernel_width", "n_draws", "fill"} <= names
    assert "n_draws" not in {option.name for option in all_options("lime", {})}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"method": "lime", "kernel_wdth": 2},
            "lime has no option 'kernel_wdth'; lime has n_samples, kernel_width, alpha, n_features, removal, "
            "behaviour, seed, budget: did you mean 'kernel_width'?",
        ),
        (
            {"method": "saliency", "n_steps": 3},
            "n_steps does not go with method='saliency', but with 'integrated-gradients', 'iba'; saliency has "
            "behaviour, seed, budget",
        ),
        (
            {"method": "random", "n_draws": 3},
            "n_draws goes with removal='marginal' only; random has seed",
        ),
        (
            {"method": "lime", "n_candidates": None},
            "n_candidates does not go with method='lime', but with 'marginalization'; lime has n_samples, "
            "kernel_width, alpha, n_features, removal, behaviour, seed, budget",
        ),
        ({"method": elision.Lime(), "alpha": 0.5}, "alpha is a setting of the explainer: Lime(alpha=...)"),
        ({"method": elision.Lime(), "seed": 1}, "seed is a setting of the explainer: Lime(seed=...)"),
    ],
)
def test_an_option_that_a_method_has_not_is_refused_in_a_line(options: dict, message: str) -> None:
    with pytest.raises(elision.OptionError) as error:
        elision.explain(TEXT, model=keyword_model(), **options)
    assert str(error.value) == message


def test_what_asks_for_nothing_is_no_option() -> None:
    assert says_nothing("original", "keep")
    assert says_nothing("k", None)
    assert not says_nothing("n_candidates", None)
    assert not says_nothing("n_samples", 50)
    assert not says_nothing("nonsense", None)
    whole = {"original": "keep", "tolerance": None, "threshold": None, "likelihood": None, "k": None, "n_groups": None}
    found = make_explainer("leave-one-out", removal=None, behaviour=None, solver=None, estimator=None, **whole)
    assert repr(found) == "LeaveOneOut()"
    assert repr(make_explainer("marginalization", n_candidates=None)) == "InputMarginalization(n_candidates=None)"


def test_advice_of_the_library_can_be_followed_from_explain() -> None:
    short = elision.explain("a meaningful film", model="builtin:sentiment", method="integrated-gradients", n_steps=60)
    assert short.provenance["settings"]["n_steps"] == 60
    cut = elision.explain(TEXT, model="builtin:sentiment", threshold=1e-2, beam=20, top_n=30)
    assert (cut.provenance["removal"]["beam"], cut.provenance["removal"]["top_n"]) == (20, 30)


# --- one place

NEW = """
from elision.explainers.explainer import Attribution
from elision.explainers.white_box_explainer import WhiteBoxExplainer


class Loud(WhiteBoxExplainer):
    \"\"\"Score every unit alike.

    Args:
        volume: the score.
    Source: nobody 2020. Deviations: none.
    \"\"\"

    name = "loud"
    summary = "every word alike"
    cost = "no row"

    def __init__(self, *, volume: int = 3) -> None:
        self.volume = volume
        super().__init__(behaviour="probability")

    def look(self, v):
        import numpy as np

        return Attribution(scores=np.full(len(v.units), float(self.volume)))
"""
OTHERS = """
from elision.removal.constant import Fixed
from elision.removal.removal import Removal
from elision.results.measurement import Measurement
import numpy as np


class Dots(Removal):
    \"\"\"Put dots there.\"\"\"

    name = "dots"
    summary = "three dots"

    def bind(self, model, encoding, *, seed):
        return Fixed(lambda known: [(encoding.replace(known, "..."), np.arange(len(known)))])


def ones(model, explanations, *, engine, seed):
    \"\"\"Say 1 of each.\"\"\"
    return Measurement(name="ones", values=np.ones(len(explanations)))


def first(explanation):
    return explanation.units[0].text
"""


@pytest.fixture
def _added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write a file with new things, and a line for each in its registry."""
    (tmp_path / "new_explainer.py").write_text(NEW, encoding="utf-8")
    (tmp_path / "new_others.py").write_text(OTHERS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(METHODS.own, "loud", "new_explainer:Loud")
    monkeypatch.setitem(REMOVALS.own, "dots", "new_others:Dots")
    monkeypatch.setitem(METRICS.own, "ones", "new_others:ones")
    monkeypatch.setitem(VIEWS.own, "first", "new_others:first")


def tables() -> ModuleType:
    """Return tools/tables.py."""
    spec = importlib.util.spec_from_file_location("tables", SOURCES.parents[1] / "tools" / "tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.usefixtures("_added")
def test_an_option_of_a_new_explainer_is_everywhere(run: Command) -> None:
    found = elision.explain(TEXT, model=keyword_model(), method="loud", volume=5)
    np.testing.assert_array_equal(found.scores, [5.0, 5.0, 5.0])
    arguments = ("explain", TEXT, "--method", "loud", "--model", run.classifier, "--json", "-")
    assert elision.Explanation.from_json(run(*arguments, "--set", "volume=4").out).scores.tolist() == [4.0, 4.0, 4.0]
    page = run("methods", "loud").out
    assert "loud: every word alike" in page
    assert "source: nobody 2020" in page
    assert "volume  a whole number  3        the score." in page
    written = tables().methods()
    assert "| `loud` | every word alike | values only | no row | nobody 2020 |" in written
    assert "| `loud` | `volume=3` |" in written


@pytest.mark.usefixtures("_added")
def test_a_removal_a_metric_and_a_view_take_a_file_and_a_line(run: Command) -> None:
    answers = {True: [0.2, 0.8], False: [0.6, 0.4]}
    model = elision.load(lambda texts: [answers["..." in text] for text in texts], labels=["a", "b"])
    found = elision.explain(TEXT, model=model, method="leave-one-out", removal="dots", behaviour="probability")
    np.testing.assert_allclose(found.scores, [0.4, 0.4, 0.4])
    assert "| `dots` | three dots | any model | - |" in tables().removals()
    measured = elision.metrics.compare(model, [TEXT], ["random"], ["ones"])
    assert measured.cells["random", "ones"].mean == 1.0
    assert "| `ones` | - | Say 1 of each |" in tables().metrics()
    assert run("explain", TEXT, "--method", "random", "--view", "first", "--model", run.classifier).out == "a\n"


RECORDS = ("explainers", "removal", "likelihood", "game", "metrics", "results", "runs", "views", "reproduction")
"""Folders whose classes record what they were told, or read what was recorded."""


def lists_of_options() -> Iterator[tuple[str, list[str]]]:
    """Yield where in the sources strings stand together of which several are names of options."""
    names = {option.name for name in METHODS.own for option in describe(name).options}
    names |= {option.name for removal in removals() for option in removal.options}
    for file in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
            told = [own.value for own in parts if isinstance(own, ast.Constant) and own.value in names]
            if len(told) > 1:
                yield file.relative_to(SOURCES).as_posix(), told


def test_no_option_is_described_twice() -> None:
    found = [(file, told) for file, told in lists_of_options() if file.split("/")[0] not in ("training", *RECORDS)]
    found += [(file, told) for file, told in lists_of_options() if file.endswith("registry.py")]
    assert [file for file, told in found if file != "cli/train.py"] == []
