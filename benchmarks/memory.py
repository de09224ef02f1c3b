"""Memory of explaining one long text, and of many sentences one after another.

    python benchmarks/memory.py [--words 400] [--model FOLDER --likelihood FOLDER] [--only NAME ...] [--out FILE]

Every line is a process of its own. "above loaded" is what the process held at most, above what it held with its models
merely loaded, in MiB, by Linux's VmRSS and VmHWM. The long text is sentences of sst/test_binary.jsonl joined, of which
the model reads what it can (the built-in one 256 tokens; its notes are silenced); the sentences are the same ones, from
the first on, again and again where they do not suffice. Marginalization has tolerance 0.2 and, on the long text, a
budget of `--rows` model rows a word. Without --model the built-in models are taken; the library keeps freed memory
(ELISION_KEEP_MEMORY=0 turns that off), so resident memory may stay at its peak but must not climb with the number of
sentences. ELISION_DATA names the data folder.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from common import lines

import elision

MANY = (10, 100, 300, 1000)
FEW = (10, 40, 70, 100)
MIB = 1024


def status(field: str) -> float:
    """Return a field of this process's status in MiB."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.split(field + ":")[1].split()[0]) / MIB


def reset_peak() -> None:
    """Let VmHWM start anew at what is resident."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def texts(n: int) -> list[str]:
    found = [" ".join(line["tokens"]) for line in lines("sst", "test_binary.jsonl")]
    return (found * (n // len(found) + 1))[:n]


def long_text(n_words: int) -> str:
    return " ".join(" ".join(texts(n_words)).split()[:n_words])


def methods(options: argparse.Namespace) -> dict[str, tuple[elision.Explainer, int | None, tuple[int, ...]]]:
    """Return for each line an explainer, the words of its text or None, and the numbers of sentences."""
    likelihood = elision.MaskedLanguageModel(options.likelihood)
    shared = {"likelihood": likelihood, "tolerance": 0.2}
    budget = options.words * options.rows
    return {
        "loaded": (elision.Random(), 1, ()),
        "long text, leave-one-out": (elision.LeaveOneOut(removal="mask"), options.words, ()),
        "long text, marginalization": (elision.InputMarginalization(**shared, budget=budget), options.words, ()),
        "sentences, leave-one-out": (elision.LeaveOneOut(removal="mask"), None, MANY),
        "sentences, marginalization": (elision.InputMarginalization(**shared), None, FEW),
    }


def measure(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return what one line is about; runs in a process of its own."""
    warnings.simplefilter("ignore", elision.ElisionWarning)
    model = elision.load(options.model, dtype="fast")
    method, n_words, numbers = methods(options)[name]
    loaded = status("VmRSS")
    reset_peak()
    started = time.perf_counter()
    found: dict[str, Any] = {"loaded": loaded}
    if n_words:
        explanation = method(model, long_text(n_words))
        found |= {"units": len(explanation.units), "rows": explanation.provenance["evaluations"]}
    for i, text in enumerate(texts(numbers[-1]) if numbers else ()):
        method(model, text)
        if i + 1 in numbers:
            found.setdefault("resident", {})[i + 1] = status("VmRSS") - loaded
    return {**found, "peak": status("VmHWM") - loaded, "seconds": time.perf_counter() - started}


def child(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return what a process of its own measures."""
    arguments = [f"--{key}={getattr(options, key)}" for key in ("words", "rows", "model", "likelihood")]
    command = [sys.executable, __file__, "--child", name, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [""]
        return {"failed": f"exit code {done.returncode}: {last[0]}"}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=400)
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--model", default="builtin:sentiment")
    parser.add_argument("--likelihood", default="builtin:mlm")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--out", type=Path, default=Path("memory.json"))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measure(options.child, options)))
        return
    table: dict[str, Any] = {}
    print(f"{'MiB':30}{'loaded':>8}{'peak above loaded':>19}{'rows':>9}{'seconds':>9}  resident above loaded after")
    for name in options.only or methods(options):
        found = table[name] = child(name, options)
        if "failed" in found:
            print(f"{name:30}  {found['failed']}", flush=True)
            continue
        after = ", ".join(f"{n}: {value:,.0f}" for n, value in found.get("resident", {}).items())
        rows = f"{found['rows']:,}" if "rows" in found else ""
        line = f"{found['loaded']:8,.0f}{found['peak']:19,.0f}{rows:>9}{found['seconds']:9.1f}  {after}"
        print(f"{name:30}{line}", flush=True)
        options.out.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
