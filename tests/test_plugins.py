"""What other packages add: each kind is listed and used like our own; what is broken is named once and left out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from toys.command import Command

import elision
from elision.errors import PluginWarning
from elision.explainers.registry import METHODS
from elision.metrics.registry import METRICS
from elision.models.registry import MODELS
from elision.plugins import Registry
from elision.removal.registry import REMOVALS
from elision.views.registry import VIEWS

PLUGIN = Path(__file__).parent / "toys" / "plugin"
TEXT = "a good film"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let each test look for entry points anew."""
    with monkeypatch.context() as patch:
        for registry in (METHODS, REMOVALS, METRICS, MODELS, VIEWS):
            patch.setattr(registry, "_added", None)
        yield


@pytest.fixture
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the toy package where packages are found."""
    monkeypatch.syspath_prepend(PLUGIN)


def broken(folder: Path, monkeypatch: pytest.MonkeyPatch, group: str, points: str, code: str = "") -> None:
    """Install a package with entry points of one group."""
    place = folder / "broken-1.0.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (place / "entry_points.txt").write_text(f"[{group}]\n{points}\n")
    (folder / "broken_code.py").write_text(code)
    monkeypatch.syspath_prepend(folder)


@pytest.mark.usefixtures("_installed")
def test_an_explainer_and_a_removal_with_their_options() -> None:
    listed = {method.name: method for method in elision.methods()}
    assert list(listed)[-1] == "first-word"
    assert listed["first-word"].summary == "the first word's effect"
    assert listed["first-word"].source == "the neighbours 2024"
    assert [option.name for option in listed["first-word"].options] == ["weight", "removal", "seed"]
    found = elision.explain("good film", model="spotter:good", method="first-word", weight=10, removal="hash")
    np.testing.assert_allclose(found.scores, [10 * (0.9 - 0.2), 0.0])
    kept = elision.explain("good film", model="spotter:good", method="first-word", removal="hash", word="good")
    np.testing.assert_allclose(kept.scores, [0.0, 0.0])
    with pytest.raises(
        elision.OptionError, match=r"word goes with removal='hash' only; lime has n_samples, .*, seed, budget"
    ):
        elision.explain("good film", model="spotter:good", method="lime", word="good")


@pytest.mark.usefixtures("_installed")
def test_a_metric() -> None:
    model = elision.load("spotter:good")
    found = elision.metrics.compare(model, [TEXT, "a film"], ["leave-one-out"], ["length"])
    assert found.cells["leave-one-out", "length"].mean == 2.5


@pytest.mark.usefixtures("_installed")
def test_a_model_takes_the_settings_that_it_names() -> None:
    assert elision.load("spotter:good").labels == ("absent", "there")
    assert elision.load("spotter:good", labels=["no", "yes"]).labels == ("no", "yes")
    with pytest.raises(elision.OptionError, match="device is no setting of models of 'spotter'; leave it out"):
        elision.load("spotter:good", device="cpu")


@pytest.mark.usefixtures("_installed")
def test_the_command_line_has_them_too(run: Command) -> None:
    assert "first-word" in run("methods").out
    assert "what the score is multiplied by" in run("methods", "first-word").out
    assert "a word of hashes" in run("removals").out
    assert "How many units there are" in run("metrics").out
    arguments = ("explain", "good film", "--model", "spotter:good", "--method", "first-word")
    assert run(*arguments, "--set", "weight=-10", "--view", "bare").out == "good:-7.0 film:0.0\n"
    settings = ("--set", "removal=hash", "--set", "word=good")
    assert run(*arguments, *settings, "--view", "bare").out == "good:0.0 film:0.0\n"
    refused = run(*arguments, "--set", "weight=heavy")
    assert (refused.code, refused.err) == (2, "elision: --set weight=... must be a number, got 'heavy'\n")


@pytest.mark.parametrize(
    ("point", "code", "reason"),
    [
        ("lime = broken_code:X", "X = 1", "elision has its own of this name"),
        ("odd = broken_nowhere:X", "", "ModuleNotFoundError: No module named 'broken_nowhere'"),
        ("odd = broken_code:X", "", "AttributeError: module 'broken_code' has no attribute 'X'"),
        ("odd = broken_code:X", "X = 3", "broken_code:X is no Explainer"),
        ("odd = broken_code:X", "1 / 0", "ZeroDivisionError: division by zero"),
        (
            "odd = broken_code:X",
            "import elision\nclass X(elision.WhiteBoxExplainer):\n    name = 'even'\n    look = None",
            "broken_code:X calls itself 'even'",
        ),
        (
            "odd = broken_code:X",
            "import elision\nclass X(elision.GameExplainer):\n    name = 'odd'",
            "broken_code:X lacks ask",
        ),
    ],
)
def test_a_broken_one_is_named_once_and_left_out(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, code: str, reason: str
) -> None:
    monkeypatch.delitem(__import__("sys").modules, "broken_code", raising=False)
    broken(tmp_path, monkeypatch, "elision.explainers", point, code)
    name = point.split(" ")[0]
    told = f"the method {name!r} of broken is left out: {reason}"
    with pytest.warns(PluginWarning) as caught:
        assert [method.name for method in elision.methods()] == list(METHODS.own)
    assert [str(one.message) for one in caught] == [told]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(METHODS) == list(METHODS.own)
    monkeypatch.setattr(METHODS, "_added", None)
    listed = run("methods")
    assert (listed.code, listed.err) == (0, f"elision: {told}\n")


@pytest.mark.parametrize("registry", [REMOVALS, METRICS, MODELS, VIEWS])
def test_a_broken_one_of_each_kind(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(tmp_path, monkeypatch, registry._group, "odd = broken_code:nothing")
    with pytest.warns(PluginWarning, match=f"the {registry._kind} 'odd' of broken is left out: AttributeError"):
        assert "odd" not in registry
    assert list(registry) == list(registry.own)


def test_our_own_are_found_without_a_look_at_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "_others", lambda self: pytest.fail("other packages were looked for"))
    assert METHODS["random"] is elision.Random
    assert METHODS.find("random") is elision.Random
    assert "random" in METHODS
    model = elision.load(lambda texts: [[0.5, 0.5]] * len(texts), labels=["a", "b"])
    assert elision.explain(TEXT, model=model, method="random").target == "a"


def test_a_models_own_error_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(tmp_path, monkeypatch, "elision.models", "rude = broken_rude:make")
    (tmp_path / "broken_rude.py").write_text("def make(name):\n    raise KeyError(name)\n")
    with pytest.raises(elision.ModelError, match=r"^'rude:x' cannot be loaded: KeyError: 'x'$"):
        elision.load("rude:x")
