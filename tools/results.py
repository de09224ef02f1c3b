"""Put the tables that `elision study` wrote together into docs/results.md.

    python tools/results.py FOLDER [--out docs/results.md]

FOLDER is what the studies had as --out. Studies that show data sets' sentences are left out. What stands in the page
before the first study, between the marks `<!-- ours -->` and `<!-- end -->` of any, and of studies that FOLDER lacks,
is kept as it is.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from elision.reproduction.registry import STUDIES

ROOT = Path(__file__).resolve().parents[1]
WITH_SENTENCES = {"strips", "pairs"}
FIGURES_ONLY = {"gmask-table7"}
# What a study says of missing data names the folder that ELISION_DATA had.
FOLDER = re.compile(r"(?<=: )\S+(?= has no )")
OURS = re.compile(r"<!-- ours -->.*?<!-- end -->\n?", re.DOTALL)


def section(name: str, written: str, kept: str) -> str:
    """Return a study's part of the page."""
    title, _, body = FOLDER.sub("the data folder", written).strip().partition("\n")
    note = f"\n{kept}" if kept else ""
    return f"## {title.lstrip('# ')}\n\n`elision study {name}`\n{note}{body}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results.md")
    options = parser.parse_args()
    before = options.out.read_text(encoding="utf-8") if options.out.exists() else "# Results\n"
    head, *old = re.split(r"^(?=## )", before, flags=re.MULTILINE)
    there, kept = {}, {}
    for part in old:
        name, ours = re.search(r"`elision study (\S+)`", part), OURS.search(part)
        if name:
            there[name[1]] = part.rstrip() + "\n"
        if name and ours:
            kept[name[1]] = ours[0].rstrip() + "\n"
    parts = [head.rstrip() + "\n"]
    for name, study in STUDIES.items():
        file = options.folder / f"{name}.md"
        if file.is_file() and (study.module not in WITH_SENTENCES or name in FIGURES_ONLY):
            parts.append(section(name, file.read_text(encoding="utf-8"), kept.get(name, "")))
        elif name in there:
            parts.append(there[name])
    options.out.write_text("\n".join(parts), encoding="utf-8")
    print(f"{len(parts) - 1} studies in {options.out}")


if __name__ == "__main__":
    main()
