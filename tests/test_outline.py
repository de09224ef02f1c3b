"""What is read of a class without importing it is what the class says."""

from __future__ import annotations

import subprocess
import sys
from inspect import signature

import pytest

from elision.explainers import METHODS
from elision.metrics.registry import METRICS
from elision.options import options_of
from elision.outline import outline, resolve
from elision.removal import REMOVALS

PLACES = [place for registry in (METHODS, REMOVALS, METRICS) for place in registry.own.values()]
SAID = ("name", "summary", "needs", "cost", "own_removal")


@pytest.mark.parametrize("place", PLACES)
def test_an_outline_says_what_the_thing_itself_says(place: str) -> None:
    read, real = outline(place), resolve(place)
    assert read is not real
    assert {name: getattr(read, name, None) for name in SAID} == {name: getattr(real, name, None) for name in SAID}
    assert read.__doc__ == real.__doc__
    assert options_of(read) == options_of(real)
    assert [own.kind for own in signature(read).parameters.values()] == [
        own.kind for own in signature(real).parameters.values()
    ]


def test_what_cannot_be_read_is_imported() -> None:
    assert outline("elision.errors:nearest.__name__") == "nearest"
    assert outline("json:dumps") is resolve("json:dumps")
    with pytest.raises(AttributeError):
        outline("elision.errors:Missing")


LISTS = """
import sys
from elision.cli.entry import main
sys.argv = ["elision", *{arguments}]
try:
    main()
except SystemExit:
    pass
print(sorted({{"torch", "transformers", "numpy"}} & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["methods"], ["methods", "group-masks"], ["removals"], ["metrics", "aopc"]])
def test_lists_import_nothing_heavy(arguments: list[str]) -> None:
    code = LISTS.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert arguments[-1].removesuffix("s") in done.stdout
