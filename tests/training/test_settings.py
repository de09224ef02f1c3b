"""Settings of training, and what is out of their range."""

from __future__ import annotations

from dataclasses import replace

import pytest

from elision.errors import OptionError
from elision.training.settings import DEFAULTS


def test_settings_out_of_range_are_refused() -> None:
    for name, value, message in (
        ("epochs", 0, "epochs must be at least 1, got 0"),
        ("patience", 1.5, "patience must be a whole number of at least 1, got 1.5"),
        ("batch_size", 0, "batch_size must be at least 1, got 0"),
        ("max_length", 3, "max_length must be at least 4, got 3"),
        ("learning_rate", 0.0, "learning_rate must be greater than 0, got 0.0"),
        ("weight_decay", 1.0, "weight_decay must be at least 0 and less than 1, got 1.0"),
        ("seed", -1, "seed must be at least 0, got -1"),
    ):
        with pytest.raises(OptionError, match=message.replace(".", r"\.")):
            replace(DEFAULTS["cnn"], **{name: value})
