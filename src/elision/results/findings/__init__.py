"""What an explanation consists of: findings of several kinds, each in a file of its own.

A new kind is a class in a new file and a line in KINDS; other packages add theirs by entry points of the
group "elision.findings".
"""

from __future__ import annotations

from elision.plugins import Registry
from elision.results.findings.candidates import Candidate as Candidate
from elision.results.findings.candidates import Candidates as Candidates
from elision.results.findings.finding import Finding as Finding
from elision.results.findings.finding import frozen as frozen
from elision.results.findings.finding import restored as restored
from elision.results.findings.groups import Group as Group
from elision.results.findings.groups import Groups as Groups
from elision.results.findings.interactions import Interaction as Interaction
from elision.results.findings.interactions import Interactions as Interactions
from elision.results.findings.rationales import Rationale as Rationale
from elision.results.findings.rationales import Rationales as Rationales
from elision.results.findings.scores import Scored as Scored
from elision.results.findings.scores import UnitScores as UnitScores
from elision.results.findings.unread import Unread as Unread

KINDS: Registry[type[Finding]] = Registry(
    "kind of findings",
    group="elision.findings",
    own={
        "scores": "elision.results.findings.scores:UnitScores",
        "candidates": "elision.results.findings.candidates:Candidates",
        "groups": "elision.results.findings.groups:Groups",
        "interactions": "elision.results.findings.interactions:Interactions",
        "rationales": "elision.results.findings.rationales:Rationales",
    },
    base="elision.results.findings.finding:Finding",
)
"""What reads findings of each kind."""
