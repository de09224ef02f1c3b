"""Draw the README's picture: the terminal output of one explanation with the built-in models.

    python tools/make_picture.py [TEXT] [--out docs/explanation.svg]
"""

from __future__ import annotations

import argparse
import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

import elision
from elision.views.terminal import view

PALETTE = [(36, 41, 47), (207, 34, 46), (17, 99, 41), (154, 103, 0), (9, 105, 218), (130, 80, 223), (27, 124, 131)]
THEME = TerminalTheme((255, 255, 255), (36, 41, 47), [*PALETTE, (110, 119, 129)], [*PALETTE, (140, 149, 159)])
WIDTH = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", nargs="?", default="a deep and meaningful film .")
    parser.add_argument("--out", type=Path, default=Path("docs/explanation.svg"))
    options = parser.parse_args()
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(f'$ elision explain "{options.text}"', style="dim", highlight=False)
    console.print(view(elision.explain(options.text), width=WIDTH))
    svg = console.export_svg(title="elision", theme=THEME, unique_id="elision")
    # The picture must not ask another server for a font.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    options.out.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
