"""What loading asks of the hub, and what it leaves as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import transformers
from huggingface_hub import constants
from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
from transformers.utils import logging

import elision
from elision.models import loading

WAYS_OUT = "give a local folder, or leave the name out to use the built-in model"




@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach no hub from any test."""
    monkeypatch.setattr(loading, "_hub_reachable", lambda: False)


@pytest.mark.parametrize("name", ["nobody/nothing", "no/such-model", "nothing", "no name at all!"])
def test_a_hub_name_without_a_hub_is_refused(name: str) -> None:
    with pytest.raises(elision.ModelNotFoundError) as caught:
        elision.load(name)
    assert str(caught.value) == f"no folder {name!r} exists and no model hub can be reached; {WAYS_OUT}"


def test_a_hub_name_that_the_hub_does_not_have_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*names: Any, **options: Any) -> Any:
        assert options["local_files_only"] is False
        raise OSError("nobody/nothing is not a valid model identifier\nand more lines")

    monkeypatch.setattr(loading, "_hub_reachable", lambda: True)
    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", missing)
    with pytest.raises(elision.ModelNotFoundError) as caught:
        elision.load("nobody/nothing")
    assert str(caught.value) == f"no folder 'nobody/nothing' exists and the model hub has no such model; {WAYS_OUT}"


@pytest.mark.parametrize("verbosity", [logging.INFO, logging.ERROR])
@pytest.mark.parametrize("bars", [True, False])
@pytest.mark.parametrize("name", ["classifier", "broken"])
def test_the_transformers_librarys_settings_stay(folders: Path, verbosity: int, bars: bool, name: str) -> None:
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    try:
        logging.set_verbosity(verbosity)
        (logging.enable_progress_bar if bars else logging.disable_progress_bar)()
        if name == "broken":
            with pytest.raises(elision.ModelError):
                elision.load(folders / name)
        else:
            elision.load(folders / name)
        assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == (verbosity, bars)
    finally:
        logging.set_verbosity(before[0])
        (logging.enable_progress_bar if before[1] else logging.disable_progress_bar)()


@pytest.mark.parametrize("disabled", [True, False])
def test_the_hub_librarys_progress_bars_stay(folders: Path, disabled: bool) -> None:
    before, bars = are_progress_bars_disabled(), logging.is_progress_bar_enabled()
    try:
        logging.enable_progress_bar()
        (disable_progress_bars if disabled else enable_progress_bars)()
        elision.load(folders / "classifier")
        assert are_progress_bars_disabled() is disabled
    finally:
        (logging.enable_progress_bar if bars else logging.disable_progress_bar)()
        (disable_progress_bars if before else enable_progress_bars)()


def test_loading_writes_nothing(folders: Path, capfd: pytest.CaptureFixture[str]) -> None:
    elision.load(folders / "classifier")
    with pytest.raises(elision.ModelError):
        elision.load(folders / "masked")
    assert capfd.readouterr() == ("", "")


class Session:
    """Stands for the hub library's session."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[tuple[str, float]] = []

    def head(self, address: str, *, timeout: float) -> None:
        self.asked.append((address, timeout))
        if self.error is not None:
            raise self.error


@pytest.fixture
def really_reachable(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The function itself, with a session that no packet leaves."""
    monkeypatch.undo()
    return loading._hub_reachable


@pytest.mark.parametrize(
    ("offline", "error", "reachable", "asked"),
    [
        (True, None, False, 0),
        (False, None, True, 1),
        (False, OSError("no route"), False, 1),
        (False, RuntimeError("closed"), False, 1),
    ],
)
def test_the_hub_is_asked_once_and_briefly_unless_offline(
    really_reachable: Any,
    monkeypatch: pytest.MonkeyPatch,
    offline: bool,
    error: Exception | None,
    reachable: bool,
    asked: int,
) -> None:
    session = Session(error)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", offline)
    monkeypatch.setattr(huggingface_hub.utils, "get_session", lambda: session)
    assert really_reachable() is reachable
    assert session.asked == [(constants.ENDPOINT, 5.0)] * asked
