"""Explanations to show, and a reader of HTML pages."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np

from elision.results.explanation import Candidate, Explanation, Group, Interaction
from elision.results.findings import Rationale
from elision.text import Unit

VOID = {"meta", "input", "br"}
PROVENANCE = {
    "method": "marginalization",
    "behaviour": {"name": "log_odds", "unit": "bits"},
    "model": {"name": "/models/tiny/"},
    "removal": {"name": "marginal", "likelihood": {"name": "hub/mlm"}},
    "evaluations": 1234,
    "likelihood_evaluations": 4,
    "seconds": 0.26,
    "settings": {"tolerance": 0.1, "grid": [1, 2]},
}


def explained(words: str | tuple[str, ...] = "a deep film .", scores: Any = None, **changes: Any) -> Explanation:
    """Return an explanation of words that stand one space apart."""
    segments = (words,) if isinstance(words, str) else words
    units = tuple(
        Unit(match.group(), match.start(), match.end(), segment)
        for segment, text in enumerate(segments)
        for match in re.finditer(r"[^ ]+", text)
    )
    settings: dict[str, Any] = {
        "segments": segments,
        "units": units,
        "scores": np.resize([0.1, -2.0, 1.0, 0.0], len(units)) if scores is None else np.array(scores),
        "target": "positive",
        "labels": ("negative", "positive"),
        "probabilities": np.array([0.25, 0.75]),
        "provenance": PROVENANCE,
    }
    return Explanation(**(settings | changes))


def full(**changes: Any) -> Explanation:
    """Return an explanation of four words with all that marginalization finds."""
    return explained(
        **{
            "std_error": np.array([0.05, 0.1, 0.2, 0.0]),
            "class_scores": np.array([[-0.1, 2.0, -1.0, 0.0], [0.1, -2.0, 1.0, 0.0]]),
            "absent_probabilities": np.array([0.7, 0.9, 0.6, 0.75]),
            "likelihoods": np.array([0.5, math.nan, 0.00001, 1.0]),
            "candidates": tuple((Candidate(f"word{i}", 0.25, 0.5), Candidate("other", 0.125, 0.9)) for i in range(4)),
            "notes": ("mind the gap",),
            **changes,
        }
    )


def grouped(words: tuple[str, ...] = ("two <b>cats", "one dog !"), **changes: Any) -> Explanation:
    """Return a pair with two groups and three interactions; the last word is in no group."""
    plain = explained(words)
    two, cats, one, dog = plain.units[:4]
    settings = {
        "scores": np.array([0.1, 0.8, 0.25, 0.4, 0.0]),
        "groups": (
            Group((cats, dog), 0.75, 0.05, np.array([0.0, 1.0, 0.25, 0.75, 0.0])),
            Group((two, one), 0.25, 1.15, np.array([1.0, 0.0, 0.75, 0.01, 0.0])),
        ),
        "interactions": (
            Interaction(cats, dog, 1.25, 1.0),
            Interaction(two, dog, -0.5, -0.25),
            Interaction(two, cats, 2.0, 2.0),
        ),
        "provenance": PROVENANCE | {"scores": {"name": "weighted attribution", "unit": "probability", "signed": False}},
    }
    return explained(words, **(settings | changes))


def sought(words: str | tuple[str, ...] = "a deep film .", **changes: Any) -> Explanation:
    """Return an explanation whose words 2 and 3 keep the answer, word 2 takes it, and by mask none must be there."""
    _, deep, film, *_ = explained(words).units
    settings = {
        "rationales": (
            Rationale("sufficient", (deep, film), {"drop": 0.9, "mask": 0.8}, smallest=True),
            Rationale("necessary", (deep,), {"drop": 0.1, "mask": 0.2}),
            Rationale("sufficient", (), {"mask": 0.6}),
        ),
        "provenance": PROVENANCE | {"method": "search", "removal": {"name": "drop+mask"}},
    }
    return explained(words, **(settings | changes))


class Element:
    """An element with its children: elements and texts."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes, self.children = tag, attributes, []  # type: ignore[var-annotated]

    @property
    def text(self) -> str:
        """What a reader without JavaScript sees."""
        if self.tag in ("script", "style", "title") or "hidden" in self.attributes:
            return ""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Return the elements below of a tag, with these words in their attributes (class_ stands for class)."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                wanted = all(
                    word in child.attributes.get(name.strip("_").replace("_", "-"), "").split()
                    for name, word in attributes.items()
                )
                found += [child] * (tag in ("", child.tag) and wanted) + child.all(tag, **attributes)
        return found


class Page(HTMLParser):
    """Reads a page into a tree; every tag that is opened must be closed, in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]
        self.feed(page)
        self.close()
        assert self._open == [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parse(page: str) -> Element:
    return Page(page).root


def rows(table: Element) -> list[list[str]]:
    return [[cell.text for cell in row.children] for row in table.all("tbody")[0].all("tr")]
