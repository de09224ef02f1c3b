"""What an explanation consists of: findings of several kinds, each in a file of its own.

A new kind is a class in a new file and its name in KINDS.
"""

from __future__ import annotations

from elision.results.findings.candidates import Candidate as Candidate
from elision.results.findings.candidates import Candidates as Candidates
from elision.results.findings.finding import Finding as Finding
from elision.results.findings.finding import frozen as frozen
from elision.results.findings.finding import restored as restored
from elision.results.findings.groups import Group as Group
from elision.results.findings.groups import Groups as Groups
from elision.results.findings.interactions import Interaction as Interaction
from elision.results.findings.interactions import Interactions as Interactions
from elision.results.findings.scores import Scored as Scored
from elision.results.findings.scores import UnitScores as UnitScores
from elision.results.findings.unread import Unread as Unread

KINDS: dict[str, type[Finding]] = {kind.kind: kind for kind in (UnitScores, Candidates, Groups, Interactions)}
