"""Explanations as interactive HTML: one self-contained file, or a fragment for notebooks.

All that a reader needs stands in the markup, written by Python with every text escaped; the script adds the panel of
each word, sorting and switches, and takes its numbers from the explanation's own JSON in the page.
"""

from __future__ import annotations

from elision.views.html.page import document, fragment

__all__ = ["document", "fragment"]
