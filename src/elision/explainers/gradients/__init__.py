"""Methods that look inside the model."""

from __future__ import annotations

from elision.explainers.gradients.methods import DeepLift, GradientShap, InputXGradient, IntegratedGradients, Saliency

__all__ = ["DeepLift", "GradientShap", "InputXGradient", "IntegratedGradients", "Saliency"]
