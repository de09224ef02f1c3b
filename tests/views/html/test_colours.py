"""Colours on the page, and what says the sign without them."""

from __future__ import annotations

from elision.views.html.colours import shade, side, sign


def test_colours_say_the_sign_otherwise_too() -> None:
    assert [sign(share) for share in (-1.0, -0.1, -0.099, 0.0, 0.099, 0.1, 1.0)] == [
        *("minus", "minus", "none", "none", "none", "plus", "plus")
    ]
    assert [side(score) for score in (-0.001, 0.0, 0.001)] == ["minus", "none", "plus"]
    assert [shade(share) for share in (-1.0, 0.5, 0.099)] == ["--shade:0.70", "--shade:0.41", "--shade:0.00"]
