"""Modules by the names that they had before: they go on working, with a warning."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_PACKAGE = "elision."
_MOVED = {
    "adaptive.features": "likelihood.embedding_features",
    "adaptive.pool": "explainers.marginalization.pool",
    "adaptive.run": "explainers.marginalization.adaptive_sampling",
    "adaptive.sampling": "likelihood.unequal_sampling",
    "adaptive.surrogate": "explainers.marginalization.surrogate",
    "adaptive.warmth": "explainers.marginalization.warm_start",
    "behaviour": "game.behaviour",
    "catalogue": "explainers.registry",
    "cli_evaluate": "cli.evaluate",
    "cli_output": "cli.output",
    "cli_report": "cli.report",
    "cli_run": "cli.run",
    "cli_study": "cli.study",
    "cli_train": "cli.train",
    "cli_usage": "cli.usage",
    "cli_words": "cli.words",
    "comparison": "api",
    "corpus.collection": "runs.collection",
    "corpus.run": "runs.file",
    "corpus.words": "runs.words",
    "designs.base": "approximators.subsets",
    "designs.exact": "approximators.exact",
    "designs.kernel": "approximators.kernel",
    "designs.lime": "approximators.lime",
    "designs.permutation": "approximators.permutation",
    "engine": "game.engine",
    "explainers.adaptive": "explainers.marginalization.adaptive_estimate",
    "explainers.attention": "explainers.gradients.attention",
    "explainers.base": "explainers.explainer",
    "explainers.bottleneck": "explainers.gradients.bottleneck",
    "explainers.candidate_features": "explainers.marginalization.candidate_features",
    "explainers.designed": "explainers.approximated",
    "explainers.gradient_base": "explainers.gradients.gradient_explainer",
    "explainers.group_findings": "explainers.masks.group_findings",
    "explainers.group_masks": "explainers.masks.group_masks",
    "explainers.joint": "explainers.marginalization.joint",
    "explainers.l2x": "explainers.learned.l2x",
    "explainers.selector": "explainers.learned.selector",
    "explainers.several": "results.several",
    "explainers.sums": "explainers.marginalization.sums",
    "explainers.word_masks": "explainers.masks.word_masks",
    "explanation": "results.explanation",
    "findings": "results.findings",
    "masks.exact": "explainers.masks.exact",
    "masks.lattice": "explainers.masks.lattice",
    "masks.mean_field": "explainers.masks.mean_field",
    "masks.objective": "explainers.masks.objective",
    "masks.sampling": "explainers.masks.sampling",
    "masks.shortlist": "explainers.masks.shortlist",
    "metrics.annotation": "data.annotation",
    "metrics.intervals": "results.intervals",
    "metrics.measurement": "results.measurement",
    "models.base": "models.model",
    "models.black_box": "models.function",
    "models.huggingface": "models.classifier",
    "models.vocabulary_head": "likelihood.vocabulary_head",
    "removal.base": "removal.removal",
    "removal.filling": "likelihood.filling",
    "removal.likelihood": "likelihood.likelihood",
    "removal.masked_lm": "likelihood.masked_lm",
    "removal.sampled_filling": "likelihood.sampled_filling",
    "rounding": "game.rounding",
    "study.batches": "training.batches",
    "study.cards": "training.cards",
    "study.classifiers": "training.classifiers",
    "study.data": "data.samples",
    "study.folders": "training.folders",
    "study.hub": "data.hub",
    "study.masked_lm": "training.masked_lm",
    "study.settings": "training.settings",
    "study.tables": "reproduction",
    "study.tables.accuracy": "reproduction.accuracy",
    "study.tables.bench": "reproduction.context",
    "study.tables.erasure": "reproduction.erasure",
    "study.tables.faithfulness": "reproduction.faithfulness",
    "study.tables.frame": "reproduction.frame",
    "study.tables.likelihoods": "reproduction.likelihoods",
    "study.tables.methods": "reproduction.methods",
    "study.tables.pairs": "reproduction.pairs",
    "study.tables.recipes": "reproduction.recipes",
    "study.tables.registry": "reproduction.registry",
    "study.tables.result": "reproduction.result",
    "study.tables.sides": "reproduction.sides",
    "study.tables.store": "reproduction.store",
    "study.tables.strips": "reproduction.strips",
    "study.tables.tags": "reproduction.tags",
    "study.tables.truncation": "reproduction.truncation",
    "study.tables.writer": "reproduction.writer",
    "study.train": "training.train",
    "study.training": "training.loop",
    "study.vectors": "training.vectors",
    "study.vocabulary": "training.vocabulary",
    "value": "game.value",
    "views.report": "views.html",
    "views.report.assets": "views.html.assets",
    "views.report.colours": "views.html.colours",
    "views.report.groups": "views.html.groups",
    "views.report.page": "views.html.page",
    "views.report.record": "views.html.record",
    "views.report.said": "views.html.said",
    "views.report.set_data": "views.html.set_data",
    "views.report.set_entry": "views.html.set_entry",
    "views.report.set_orders": "views.html.set_orders",
    "views.report.set_page": "views.html.set_page",
    "views.report.set_summary": "views.html.set_summary",
    "views.report.words": "views.html.words",
}
_RENAMED = {
    "adaptive.pool": {"Estimate": "explainers.marginalization.pool:PoolEstimate"},
    "adaptive.run": {"Candidates": "explainers.marginalization.adaptive_sampling:UnitCandidates"},
    "adaptive.surrogate": {"Surrogate": "explainers.marginalization.surrogate:CandidateSurrogate"},
    "adaptive.warmth": {"Warmth": "explainers.marginalization.warm_start:WarmStart"},
    "designs.base": {"Design": "approximators.subsets:Approximator", "Estimate": "approximators.subsets:Approximation"},
    "designs.lime": {"Surrogate": "approximators.lime:LocalRegression"},
    "explainers.adaptive": {"Found": "explainers.marginalization.adaptive_estimate:AdaptiveEstimate"},
    "explainers.base": {
        "differences": "explainers.game_explainer:differences",
        "leave_one_out_subsets": "explainers.game_explainer:leave_one_out_subsets",
    },
    "explainers.gradient_base": {
        "Found": "explainers.gradients.gradient_explainer:CaptumFindings",
        "Passage": "explainers.gradients.gradient_explainer:EmbeddingForward",
    },
    "explainers.selector": {
        "Course": "explainers.learned.selector:TrainingSettings",
        "Sentence": "explainers.learned.selector:EncodedExample",
    },
    "explainers.word_masks": {"play_masks": "explainers.masks.word_masks:losses_of_masks"},
    "masks.lattice": {
        name: f"approximators.lattice:{name}"
        for name in (
            "Partials",
            "interactions",
            "multilinear",
            "partials",
            "posterior",
            "posterior_error",
            "posterior_range",
            "posterior_weights",
            "products",
        )
    },
    "masks.sampling": {"Play": "explainers.masks.sampling:MaskLosses"},
    "study.settings": {"NAMES": "data.names:NAMES"},
    "study.tables.bench": {"Bench": "reproduction.context:StudyContext"},
    "study.tables.methods": {"Method": "reproduction.methods:StudyMethod"},
    "study.tables.store": {"Shelf": "reproduction.store:ExplanationStore"},
    "value": {"Asking": "game.driver:Conversation"},
}
"""What modules by their former names have besides: where it is now."""
_GONE = {"adaptive", "corpus", "designs", "masks", "study"}
"""Packages that have nothing of their own left."""


class _Moved(MetaPathFinder, Loader):
    """Finds what was moved; it is asked first, lest a folder's files be loaded twice by two names."""

    def __init__(self) -> None:
        self._own: dict[str, ModuleSpec | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load a module that was moved, or nothing."""
        name = fullname.removeprefix(_PACKAGE)
        if not fullname.startswith(_PACKAGE) or name not in _MOVED.keys() | _GONE:
            return None
        return ModuleSpec(fullname, self, is_package=name not in _MOVED)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return the module by its new name; a package that is gone is an empty one."""
        now = _MOVED.get(spec.name.removeprefix(_PACKAGE))
        if now is None:
            return None
        warnings.warn(f"{spec.name} is {_PACKAGE}{now} now; import that", DeprecationWarning, stacklevel=2)
        module = import_module(_PACKAGE + now)
        for name, place in _RENAMED.get(spec.name.removeprefix(_PACKAGE), {}).items():
            home, _, new = place.partition(":")
            setattr(module, name, getattr(import_module(_PACKAGE + home), new))
        self._own[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give a module that was moved its own specification back, which the import system has replaced."""
        given = module.__spec__
        if given is not None and given.name in self._own:
            module.__spec__ = self._own[given.name]


def install() -> None:
    """Let modules be imported by their former names."""
    if not any(isinstance(own, _Moved) for own in sys.meta_path):
        sys.meta_path.insert(0, _Moved())
