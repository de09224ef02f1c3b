"""The card of a trained model: its figures, facts and settings as tables."""

from __future__ import annotations

from elision.training.cards import card


def test_a_card_has_a_row_for_each_thing() -> None:
    made = card("A model", {"accuracy, test": "0.8125"}, {"rows": 12345, "text": "a|b\nc"}, {"seed": 0, "lower": True})
    parts = made.split("\n\n")
    assert parts[:2] == ["---\nlibrary_name: elision\n---", "# A model"]
    assert parts[2] == "| figure | value |\n|---|---|\n| accuracy, test | 0.8125 |"
    assert parts[3] == "| model and data | value |\n|---|---|\n| rows | 12,345 |\n| text | a\\|b c |"
    assert parts[4] == "| setting | value |\n|---|---|\n| seed | 0 |\n| lower | True |"
    assert parts[5].startswith("Trained with elision ")
    assert "1 threads" in parts[5]
    assert made.endswith("\n")
