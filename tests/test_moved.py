"""Modules and names of the first version: they go on working, and say what they are called now."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from elision._moved import _MOVED, _RENAMED


def by_former_name(name: str, monkeypatch: pytest.MonkeyPatch) -> object:
    """Return a module by the name that it had, as if it were imported for the first time."""
    monkeypatch.delitem(sys.modules, f"elision.{name}", raising=False)
    with pytest.warns(DeprecationWarning, match="now; import that") as caught:
        found = import_module(f"elision.{name}")
    assert [str(one.message) for one in caught if f"elision.{name} is" in str(one.message)] == [
        f"elision.{name} is elision.{_MOVED[name]} now; import that"
    ]
    return found


@pytest.mark.parametrize("name", _MOVED)
def test_a_module_by_its_former_name_is_the_module(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = import_module(f"elision.{_MOVED[name]}")
    specification = now.__spec__
    assert by_former_name(name, monkeypatch) is now
    assert now.__spec__ is specification


def test_a_name_that_never_was_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"elision\.designs\.none"):
        import_module("elision.designs.none")


@pytest.mark.parametrize(
    ("name", "former", "now"),
    [(name, former, now) for name, own in _RENAMED.items() for former, now in own.items()],
)
def test_what_was_renamed_is_there(name: str, former: str, now: str, monkeypatch: pytest.MonkeyPatch) -> None:
    home, _, new = now.partition(":")
    assert getattr(by_former_name(name, monkeypatch), former) is getattr(import_module(f"elision.{home}"), new)


def test_a_class_that_was_renamed_in_its_module() -> None:
    from elision.metrics import games

    with pytest.warns(DeprecationWarning, match=r"^Metering is MeteredModel now; use that name$"):
        assert games.Metering is games.MeteredModel
    with pytest.raises(AttributeError, match=r"module 'elision.metrics.games' has no attribute 'Nothing'"):
        games.Nothing  # noqa: B018
