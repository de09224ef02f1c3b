"""The model card of a trained model."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import Any

from elision import __version__


def card(title: str, figures: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return a README in Markdown.

    Args:
        title: of the model.
        figures: what was measured.
        facts: data, classes, vocabulary and so on.
        settings: of the training.
    """
    import torch
    import transformers

    versions = f"elision {__version__}, torch {torch.__version__}, transformers {transformers.__version__}"
    machine = f"{platform.machine() or 'unknown'} processor, {torch.get_num_threads()} threads"
    parts = [
        "---\nlibrary_name: elision\n---",
        f"# {title}",
        _table("figure", figures),
        _table("model and data", facts),
        _table("setting", settings),
        f"Trained with {versions}, on a {machine}. `elision.load` reads this folder; the transformers library does "
        "after `import elision.models.papers`.",
    ]
    return "\n\n".join(parts) + "\n"


def _table(head: str, rows: Mapping[str, Any]) -> str:
    lines = [f"| {head} | value |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {_shown(value)} |" for name, value in rows.items()])


def _shown(value: Any) -> str:
    text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")
