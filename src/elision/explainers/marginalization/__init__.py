"""Input marginalization."""

from __future__ import annotations

from elision.explainers.marginalization.input_marginalization import InputMarginalization

__all__ = ["InputMarginalization"]
