"""elision explains why a text model gave its answer, by leaving words out the way language would.

Names are imported when they are first used, so that `import elision` takes no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Attention": "elision.explainers",
    "BlackBox": "elision.models.black_box",
    "BudgetError": "elision.errors",
    "Candidate": "elision.explanation",
    "DeepLift": "elision.explainers",
    "Delete": "elision.removal",
    "Drop": "elision.removal",
    "ElisionError": "elision.errors",
    "ElisionWarning": "elision.errors",
    "Engine": "elision.engine",
    "ExampleError": "elision.errors",
    "Explainer": "elision.explainers",
    "Explanation": "elision.explanation",
    "Explanations": "elision.explainers.several",
    "Failure": "elision.explainers.several",
    "GradientShap": "elision.explainers",
    "Group": "elision.explanation",
    "GroupMasks": "elision.explainers",
    "HuggingFaceModel": "elision.models.huggingface",
    "InformationBottleneck": "elision.explainers",
    "InputMarginalization": "elision.explainers",
    "InputXGradient": "elision.explainers",
    "IntegratedGradients": "elision.explainers",
    "Interaction": "elision.explanation",
    "Interrupted": "elision.errors",
    "L2X": "elision.explainers",
    "LeaveOneOut": "elision.explainers",
    "Lime": "elision.explainers",
    "Marginal": "elision.removal",
    "Mask": "elision.removal",
    "MaskedLanguageModel": "elision.removal.masked_lm",
    "ModelError": "elision.errors",
    "ModelNotFoundError": "elision.errors",
    "OptionError": "elision.errors",
    "Pad": "elision.removal",
    "Random": "elision.explainers",
    "Recorded": "elision.corpus.run",
    "Saliency": "elision.explainers",
    "Sampling": "elision.masks.sampling",
    "Shapley": "elision.explainers",
    "TargetError": "elision.errors",
    "Uniform": "elision.removal.likelihood",
    "UnigramPrior": "elision.removal.likelihood",
    "Unit": "elision.text",
    "UnitError": "elision.errors",
    "Unk": "elision.removal",
    "UnsupportedError": "elision.errors",
    "ValueFunction": "elision.value",
    "WordMasks": "elision.explainers",
    "Zero": "elision.removal",
    "compare": "elision.comparison",
    "explain": "elision.api",
    "load": "elision.models.loading",
    "methods": "elision.catalogue",
    "read_run": "elision.corpus.run",
    "report": "elision.views.report.set_page",
    "write_run": "elision.corpus.run",
}

_MODULES = ("metrics",)

__all__ = sorted([*_HOME, *_MODULES, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"elision.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'elision' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__


if TYPE_CHECKING:
    from elision import metrics as metrics
    from elision.api import explain as explain
    from elision.catalogue import methods as methods
    from elision.comparison import compare as compare
    from elision.corpus.run import Recorded as Recorded
    from elision.corpus.run import read_run as read_run
    from elision.corpus.run import write_run as write_run
    from elision.engine import Engine as Engine
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
    from elision.explainers import Shapley as Shapley
    from elision.explainers import WordMasks as WordMasks
    from elision.explainers.several import Explanations as Explanations
    from elision.explainers.several import Failure as Failure
    from elision.explanation import Candidate as Candidate
    from elision.explanation import Explanation as Explanation
    from elision.explanation import Group as Group
    from elision.explanation import Interaction as Interaction
    from elision.masks.sampling import Sampling as Sampling
    from elision.models.black_box import BlackBox as BlackBox
    from elision.models.huggingface import HuggingFaceModel as HuggingFaceModel
    from elision.models.loading import load as load
    from elision.removal import Delete as Delete
    from elision.removal import Drop as Drop
    from elision.removal import Marginal as Marginal
    from elision.removal import Mask as Mask
    from elision.removal import Pad as Pad
    from elision.removal import Unk as Unk
    from elision.removal import Zero as Zero
    from elision.removal.likelihood import Uniform as Uniform
    from elision.removal.likelihood import UnigramPrior as UnigramPrior
    from elision.removal.masked_lm import MaskedLanguageModel as MaskedLanguageModel
    from elision.text import Unit as Unit
    from elision.value import ValueFunction as ValueFunction
    from elision.views.report.set_page import report as report
