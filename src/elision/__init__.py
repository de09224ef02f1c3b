"""Why a text model gave its answer: words are left out the way language would, and the model is asked again.

    import elision
    found = elision.explain("a deep and meaningful film .")     # a built-in model; a pair of texts does too
    print(found); found.scores; found.top(3); found.to_html(); found.to_frame()

Explain
    explain             one text or pair, by any method, model, class, removal
    compare             several methods side by side
    methods             all methods with what they need and cost
    report              one page about many explanations
    write_run, read_run explanations with their labels in a file
    Explanation         what is found: scores, errors, candidates, groups, provenance
    Explanations        those of many examples; each Failure says which example has none, and why

Models
    load                a folder, a hub name, objects of the transformers library, or a function of texts
    HuggingFaceModel, BlackBox      what load makes; Model is their base class

Explainers: made with their options, then method(model, text) or method.many(model, texts)
    InputMarginalization, Search, GroupMasks, WordMasks, Lime, Shapley, LeaveOneOut, Saliency, InputXGradient,
    IntegratedGradients, GradientShap, DeepLift, InformationBottleneck, L2X, Attention, Random

What stands where a word is absent
    Pad, Zero, Unk, Mask, Drop, Delete, Marginal; Mixture, which averages several
    MaskedLanguageModel, UnigramPrior, Uniform      likelihoods of what could stand there

To build one's own upon
    GameExplainer, WhiteBoxExplainer, Explainer, Attribution, Finding, Meaning; Removal, BoundRemoval, Draws;
    Likelihood; Behaviour; Model; ValueFunction; Engine

How good is an explanation: elision.metrics, such as metrics.compare(model, texts, methods, metrics)

Every error is an ElisionError that says what to do. help(elision.Lime) and the like tell more of each name.
"""

import sys as _sys
import typing as _typing

from elision._lazy import Later as _Later
from elision._lazy import LazyPackage as _LazyPackage
from elision._moved import install as _install

__version__ = "0.1.0"

_HOME = {
    "Attention": "elision.explainers",
    "Attribution": "elision.explainers.explainer",
    "Behaviour": "elision.game.behaviour",
    "BlackBox": "elision.models.function",
    "BoundRemoval": "elision.removal.removal",
    "BudgetError": "elision.errors",
    "Candidate": "elision.results.explanation",
    "DeepLift": "elision.explainers",
    "Delete": "elision.removal",
    "Draws": "elision.removal.removal",
    "Drop": "elision.removal",
    "ElisionError": "elision.errors",
    "ElisionWarning": "elision.errors",
    "Engine": "elision.game.engine",
    "ExampleError": "elision.errors",
    "Explainer": "elision.explainers",
    "Explanation": "elision.results.explanation",
    "Explanations": "elision.results.several",
    "Failure": "elision.results.several",
    "Finding": "elision.results.findings",
    "GameExplainer": "elision.explainers.game_explainer",
    "GradientShap": "elision.explainers",
    "Group": "elision.results.explanation",
    "GroupMasks": "elision.explainers",
    "HuggingFaceModel": "elision.models.classifier",
    "InformationBottleneck": "elision.explainers",
    "InputMarginalization": "elision.explainers",
    "InputXGradient": "elision.explainers",
    "IntegratedGradients": "elision.explainers",
    "Interaction": "elision.results.explanation",
    "Interrupted": "elision.errors",
    "L2X": "elision.explainers",
    "LabelledExplanation": "elision.runs.file",
    "LeaveOneOut": "elision.explainers",
    "Likelihood": "elision.likelihood.likelihood",
    "Lime": "elision.explainers",
    "Marginal": "elision.removal",
    "Mask": "elision.removal",
    "Mixture": "elision.removal",
    "MaskedLanguageModel": "elision.likelihood.masked_lm",
    "Meaning": "elision.results.meaning",
    "Model": "elision.models.model",
    "ModelError": "elision.errors",
    "ModelNotFoundError": "elision.errors",
    "OptionError": "elision.errors",
    "Pad": "elision.removal",
    "Random": "elision.explainers",
    "Rationale": "elision.results.findings",
    "Removal": "elision.removal",
    "Saliency": "elision.explainers",
    "Sampling": "elision.explainers.masks.sampling",
    "Search": "elision.explainers",
    "Shapley": "elision.explainers",
    "TargetError": "elision.errors",
    "Uniform": "elision.likelihood.likelihood",
    "UnigramPrior": "elision.likelihood.likelihood",
    "Unit": "elision.text",
    "UnitError": "elision.errors",
    "Unk": "elision.removal",
    "UnsupportedError": "elision.errors",
    "ValueFunction": "elision.game.value",
    "WhiteBoxExplainer": "elision.explainers.white_box_explainer",
    "WordMasks": "elision.explainers",
    "Zero": "elision.removal",
    "compare": "elision.api",
    "explain": "elision.api",
    "load": "elision.models.loading",
    "methods": "elision.explainers.registry",
    "read_run": "elision.runs.file",
    "report": "elision.views.html.set_page",
    "write_run": "elision.runs.file",
}

_RENAMED = {"Recorded": "LabelledExplanation"}
_NAMES = sorted([*_HOME, "metrics", "__version__"])

globals().update({_name: _Later(_home, _name) for _name, _home in _HOME.items()}, metrics=_Later("elision.metrics"))
_sys.modules[__name__].__class__ = _LazyPackage
_install()

if _typing.TYPE_CHECKING:
    from elision import metrics as metrics
    from elision.api import compare as compare
    from elision.api import explain as explain
    from elision.errors import BudgetError as BudgetError
    from elision.errors import ElisionError as ElisionError
    from elision.errors import ElisionWarning as ElisionWarning
    from elision.errors import ExampleError as ExampleError
    from elision.errors import Interrupted as Interrupted
    from elision.errors import ModelError as ModelError
    from elision.errors import ModelNotFoundError as ModelNotFoundError
    from elision.errors import OptionError as OptionError
    from elision.errors import TargetError as TargetError
    from elision.errors import UnitError as UnitError
    from elision.errors import UnsupportedError as UnsupportedError
    from elision.explainers import L2X as L2X
    from elision.explainers import Attention as Attention
    from elision.explainers import DeepLift as DeepLift
    from elision.explainers import Explainer as Explainer
    from elision.explainers import GradientShap as GradientShap
    from elision.explainers import GroupMasks as GroupMasks
    from elision.explainers import InformationBottleneck as InformationBottleneck
    from elision.explainers import InputMarginalization as InputMarginalization
    from elision.explainers import InputXGradient as InputXGradient
    from elision.explainers import IntegratedGradients as IntegratedGradients
    from elision.explainers import LeaveOneOut as LeaveOneOut
    from elision.explainers import Lime as Lime
    from elision.explainers import Random as Random
    from elision.explainers import Saliency as Saliency
    from elision.explainers import Search as Search
    from elision.explainers import Shapley as Shapley
    from elision.explainers import WordMasks as WordMasks
    from elision.explainers.explainer import Attribution as Attribution
    from elision.explainers.game_explainer import GameExplainer as GameExplainer
    from elision.explainers.masks.sampling import Sampling as Sampling
    from elision.explainers.registry import methods as methods
    from elision.explainers.white_box_explainer import WhiteBoxExplainer as WhiteBoxExplainer
    from elision.game.behaviour import Behaviour as Behaviour
    from elision.game.engine import Engine as Engine
    from elision.game.value import ValueFunction as ValueFunction
    from elision.likelihood.likelihood import Likelihood as Likelihood
    from elision.likelihood.likelihood import Uniform as Uniform
    from elision.likelihood.likelihood import UnigramPrior as UnigramPrior
    from elision.likelihood.masked_lm import MaskedLanguageModel as MaskedLanguageModel
    from elision.models.classifier import HuggingFaceModel as HuggingFaceModel
    from elision.models.function import BlackBox as BlackBox
    from elision.models.loading import load as load
    from elision.models.model import Model as Model
    from elision.removal import Delete as Delete
    from elision.removal import Drop as Drop
    from elision.removal import Marginal as Marginal
    from elision.removal import Mask as Mask
    from elision.removal import Mixture as Mixture
    from elision.removal import Pad as Pad
    from elision.removal import Removal as Removal
    from elision.removal import Unk as Unk
    from elision.removal import Zero as Zero
    from elision.removal.removal import BoundRemoval as BoundRemoval
    from elision.removal.removal import Draws as Draws
    from elision.results.explanation import Candidate as Candidate
    from elision.results.explanation import Explanation as Explanation
    from elision.results.explanation import Group as Group
    from elision.results.explanation import Interaction as Interaction
    from elision.results.findings import Finding as Finding
    from elision.results.findings import Rationale as Rationale
    from elision.results.meaning import Meaning as Meaning
    from elision.results.several import Explanations as Explanations
    from elision.results.several import Failure as Failure
    from elision.runs.file import LabelledExplanation as LabelledExplanation
    from elision.runs.file import read_run as read_run
    from elision.runs.file import write_run as write_run
    from elision.text import Unit as Unit
    from elision.views.html.set_page import report as report
