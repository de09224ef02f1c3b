"""Sentences, legends and switches of colours as HTML: what a reader sees first."""

from __future__ import annotations

import json
from html import escape

from elision.results.explanation import Explanation
from elision.views.html.colours import shade, sign
from elision.views.palettes import PALETTES, Palette
from elision.views.words import Hue, Name, Said, for_class, key, sentence, shades


def told(said: Said) -> str:
    """Return a sentence with names set off and colours that the switch of palettes finds."""
    parts = []
    for part in said:
        if isinstance(part, Name):
            bold = f"<b><bdi>{escape(part.text)}</bdi></b>"
            parts.append(f"“{bold}”" if part.is_word else bold)
        else:
            parts.append(_hue(part) if isinstance(part, Hue) else escape(part).replace(" %", "\u00a0%"))
    return "".join(parts)


def _hue(hue: Hue) -> str:
    names = " ".join(f'data-{name}="{own.names[hue.side < 0].capitalize()}"' for name, own in PALETTES.items())
    return f'<span class="hue" {names}>{hue.text}</span>'


def sentences(explanation: Explanation, palette: Palette) -> str:
    """Return the sentence on top, and those of other classes, hidden until the reader switches to one.

    Another class's holds its numbers without each word, which the explanation's own JSON has of the target only.
    """
    first = told(sentence(explanation, palette.names))
    said = [f'<p class="sentence" data-class="{escape(explanation.target)}">{first}</p>']
    for label in explanation.labels if explanation.class_scores is not None else ():
        if label == explanation.target:
            continue
        own = for_class(explanation, label)
        absent = own.absent_values
        short = (
            None if absent is None else [_short(value) for value in absent] if own.is_probability else absent.tolist()
        )
        data = "" if short is None else f' data-absent="{json.dumps(short, separators=(",", ":"))}"'
        text = told(sentence(own, palette.names))
        said.append(f'<p class="sentence" data-class="{escape(label)}"{data} hidden>{text}</p>')
    return "".join(said)


def _short(p: float) -> float:
    """Return a probability in few digits; one that is nearly 1 must not be told as 1."""
    short = float(f"{p:.5g}")
    return 0.99999 if short == 1.0 and p < 1.0 else short


def legend(explanation: Explanation) -> str:
    """Return what words' colours mean, beside samples of them; the class's name can be switched."""
    samples = " ".join(swatch(said, share) for said, share in key(explanation))
    return f'<p class="key">{samples} <span class="legend">{escape(shades(explanation))}</span></p>'


def swatch(said: Said, share: float) -> str:
    """Return a sample of a colour with what it means."""
    return f'<span class="swatch {sign(share)}" style="{shade(share)}">{told(said)}</span>'


def palettes(chosen: Palette) -> str:
    """Return the switch of colours."""
    items = "".join(
        f'<option value="{name}"{" selected" if own is chosen else ""}>{own.names[0]} / {own.names[1]}</option>'
        for name, own in PALETTES.items()
    )
    return f'<label>colours <select name="palette">{items}</select></label>'
