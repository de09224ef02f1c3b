"""The message with which `elision.load` refuses a thing."""

from __future__ import annotations

from typing import Any

import pytest

import elision


def refusal(kind: type[Exception], *given: Any, **options: Any) -> str:
    """Return the message with which something is refused."""
    with pytest.raises(kind) as caught:
        elision.load(*given, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)
