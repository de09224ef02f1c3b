"""Views by name: what turns an explanation into text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from elision.plugins import Registry

if TYPE_CHECKING:
    from elision.results.explanation import Explanation

VIEWS: Registry[Callable[[Explanation], str]] = Registry(
    "view",
    group="elision.views",
    own={
        "terminal": "elision.views.terminal:render",
        "html": "elision.results.explanation:Explanation.to_html",
        "json": "elision.results.explanation:Explanation.to_json",
        "csv": "elision.results.explanation:Explanation.to_csv",
    },
)
