"""What tests share: tiny models and tokenizers, the command, plain computations, and sets of explanations."""

import pkgutil

import pytest

# What is asserted here is explained like what is asserted in the tests themselves.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))
