"""How an explanation came about and what it cost, folded."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from elision.results.explanation import Explanation
from elision.views.shared import provenance_line


def record(explanation: Explanation) -> str:
    """Return the provenance, folded with all its counts, and a button that copies the explanation as JSON."""
    rows = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th><td>{escape(_said(value))}</td></tr>'
        for name, value in explanation.provenance.items()
    )
    return (
        f'<details class="record"><summary>How this was computed</summary>'
        f"<p>{escape(provenance_line(explanation))}</p><table><tbody>{rows}</tbody></table></details>\n"
        '<p class="copy" hidden><button type="button">Copy as JSON</button> <span role="status"></span></p>'
    )


def _said(value: Any) -> str:
    """Return a setting as people read it: names and values, nested ones in brackets."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_nested(own)}" for name, own in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _nested(value: Any) -> str:
    return f"({_said(value)})" if isinstance(value, dict) else _said(value)
