"""The package from outside: what `help`, `dir`, completion and a star import find."""

from __future__ import annotations

import importlib
import pydoc
import re
import rlcompleter
import subprocess
import sys

import pytest

import elision


def test_help_fits_in_a_hundred_lines_and_names_everything() -> None:
    shown = pydoc.render_doc(elision, renderer=pydoc.plaintext)
    assert len(shown.splitlines()) <= 100
    assert max(map(len, shown.splitlines())) <= 120
    errors = {name for name in dir(elision) if name.endswith(("Error", "Warning", "Interrupted"))}
    parts = {"Candidate", "Group", "Interaction", "LabelledExplanation", "Rationale", "Sampling", "Unit", "__version__"}
    assert {name for name in dir(elision) if not re.search(rf"\b{name}\b", elision.__doc__ or "")} == errors - {
        "ElisionError"
    } | (parts)


def test_help_of_a_name_is_its_own() -> None:
    assert "n_samples: rows of the regression" in pydoc.render_doc(elision.Lime, renderer=pydoc.plaintext)


def test_dir_and_completion_have_every_name() -> None:
    assert {"explain", "Lime", "Removal", "Behaviour", "Likelihood", "Model", "metrics", "__version__"} <= set(
        dir(elision)
    )
    completer = rlcompleter.Completer({"elision": elision})
    assert completer.complete("elision.Li", 0).startswith("elision.Li")  # type: ignore[union-attr]
    for name in dir(elision):
        assert getattr(elision, name) is not None


@pytest.mark.parametrize(
    ("package", "name"), [("explainers", "Lime"), ("removal", "Marginal"), ("metrics", "auc_rep")]
)
def test_packages_whose_names_are_imported_late_list_them(package: str, name: str) -> None:
    module = importlib.import_module(f"elision.{package}")
    assert name in dir(module)
    assert f" {name}(" in pydoc.render_doc(module, renderer=pydoc.plaintext)
    for own in dir(module):
        assert getattr(module, own) is not None
    with pytest.raises(AttributeError, match=rf"module 'elision.{package}' has no attribute 'nothing'"):
        module.nothing  # noqa: B018


STAR = """
import sys
{before}
from elision import *
found = {{name for name in dir() if not name.startswith("_")}} - {{"sys", "elision"}}
import elision
print(found == set(dir(elision)) - {{"__version__"}}, len(found), Lime.name, metrics.__name__)
"""


@pytest.mark.parametrize("before", ["", "import elision.text, elision.cli.entry; elision.explain"])
def test_a_star_import_takes_the_public_names_and_no_submodule(before: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STAR.format(before=before)], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"True {len(dir(elision)) - 1} lime elision.metrics\n"


def test_submodules_and_missing_names() -> None:
    import elision.text

    assert elision.text is sys.modules["elision.text"]
    with pytest.raises(AttributeError, match="module 'elision' has no attribute 'nothing'"):
        elision.nothing  # noqa: B018


def test_names_can_be_replaced_and_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = elision.explain
    with monkeypatch.context() as patch:
        patch.setattr(elision, "explain", len)
        assert elision.explain is len
    assert elision.explain is before
