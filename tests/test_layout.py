"""Tests lie as the modules do: each module has a test file of its name or its folder's, or stands in the list here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "elision"
LONGEST = 400

ELSEWHERE = {
    "_lazy": "test_package",
    "approximators/exact": "reference/test_shapley",
    "approximators/kernel": "reference/test_shapley",
    "approximators/lattice": "reference/test_group_masks",
    "approximators/lime": "reference/test_lime",
    "approximators/permutation": "reference/test_shapley",
    "approximators/subsets": "reference/test_shapley",
    "cli/compare": "cli/test_settings",
    "cli/lists": "cli/test_settings",
    "cli/texts": "cli/test_explain",
    "cli/usage": "cli/test_mistakes",
    "models/answer_kind": "models/test_answers",
    "data/annotation": "metrics/test_plausibility",
    "explainers/game_explainer": "explainers/test_leave_one_out",
    "explainers/gradients/gradient_explainer": "explainers/gradients/test_methods",
    "explainers/gradients/watch": "explainers/gradients/test_methods",
    "explainers/learned/selector": "explainers/learned/test_l2x",
    "explainers/lime": "explainers/test_approximated",
    "explainers/marginalization/candidate_features": "explainers/marginalization/test_adaptive_estimate",
    "explainers/marginalization/joint": "explainers/marginalization/test_input_marginalization",
    "explainers/marginalization/pool": "explainers/marginalization/test_adaptive_sampling",
    "explainers/masks/exact": "reference/test_group_masks",
    "explainers/masks/group_findings": "explainers/masks/test_group_masks",
    "explainers/masks/lattice": "explainers/masks/test_sampling",
    "explainers/masks/mean_field": "reference/test_group_masks",
    "explainers/masks/objective": "reference/test_group_masks",
    "explainers/masks/word_masks": "explainers/masks/test_sampling",
    "explainers/shapley": "explainers/test_approximated",
    "explainers/white_box_explainer": "explainers/test_every_method",
    "metrics/trial": "results/test_several",
    "models/model": "models/test_added_answers",
    "models/registry": "test_plugins",
    "models/transformer": "models/test_trials",
    "models/white_box": "models/test_hidden",
    "removal/registry": "test_plugins",
    "removal/removal": "test_plugins",
    "reproduction/accuracy": "reproduction/test_registry",
    "reproduction/erasure": "reproduction/test_registry",
    "reproduction/faithfulness": "reproduction/test_registry",
    "reproduction/frame": "reproduction/test_result",
    "reproduction/likelihoods": "reproduction/test_registry",
    "reproduction/methods": "reproduction/test_context",
    "reproduction/pairs": "reproduction/test_registry",
    "reproduction/sides": "reproduction/test_registry",
    "reproduction/strips": "reproduction/test_registry",
    "reproduction/tags": "reproduction/test_registry",
    "reproduction/truncation": "reproduction/test_registry",
    "results/evaluation": "metrics/test_evaluation",
    "results/parts": "results/test_explanation",
    "views/figures/flow": "views/figures/test_strips",
    "views/figures/fonts": "views/figures/test_strips",
    "views/html/assets": "views/html/test_page",
    "views/html/record": "views/html/test_page",
    "views/html/said": "views/test_words",
    "views/html/set_entry": "views/html/test_set_page",
    "views/html/set_summary": "views/html/test_set_page",
    "views/html/words": "views/html/test_page",
    "views/registry": "explainers/test_registry",
}
"""Modules whose tests are in a file of another name."""

NOTHING_TO_TEST = {"arrays", "data/names"}
"""Modules of types and names alone."""


def modules() -> Iterator[str]:
    """Yield the modules of the package but the packages' own files, by their paths."""
    for file in sorted(SOURCE.rglob("*.py")):
        if not file.stem.startswith("__"):
            yield file.relative_to(SOURCE).with_suffix("").as_posix()


def has_its_own(module: str) -> bool:
    """Tell whether a module has a test file of its name, or one of its folder's name a step above."""
    path = Path(module)
    own = TESTS / path.with_name(f"test_{path.name.lstrip('_')}.py")
    above = TESTS / path.parent.with_name(f"test_{path.parent.name}.py") if path.parent.name else own
    return own.is_file() or above.is_file()


def test_every_module_has_a_test_file() -> None:
    untested = [own for own in modules() if not has_its_own(own) and own not in ELSEWHERE.keys() | NOTHING_TO_TEST]
    assert untested == [], "write tests/FOLDER/test_MODULE.py, or say in ELSEWHERE where its tests are"


def test_the_list_of_exceptions_is_as_short_as_it_can_be() -> None:
    listed = ELSEWHERE.keys() | NOTHING_TO_TEST
    assert listed - set(modules()) == set(), "such modules there are none"
    assert {own for own in listed if has_its_own(own)} == set(), "such modules have a file of their own"
    assert {own for own in ELSEWHERE.values() if not (TESTS / f"{own}.py").is_file()} == set()


def test_every_file_of_tests_can_be_read_at_a_sitting() -> None:
    lines = {str(file.relative_to(TESTS)): len(file.read_text().splitlines()) for file in TESTS.rglob("*.py")}
    assert {name: n for name, n in lines.items() if n > LONGEST} == {}
