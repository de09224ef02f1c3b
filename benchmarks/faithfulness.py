"""How faithful masks are on pairs, beside leave-one-out and random scores.

    python benchmarks/faithfulness.py [--pairs 40] [--methods PART] [--dtype bfloat16] [--out FILE]

The first pairs of snli/test.jsonl, snli-minilm, k = 10. Printed for each method: AOPC (Eq. 9, U = 10) with words
removed by drop, by [MASK] and by zero; the share of answers that stay on the top 1 to 4 words alone, all others
dropped, or masked; the degradation score (Eq. 10, 11) by drop. ELISION_DATA and ELISION_MODELS name the folders.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from common import models, snli_pairs

import elision
from elision.memory import keep_freed_memory

U = 10
WIDTHS = ("10.3f", "10.3f", "10.3f", "9.3f", "8.3f", "12.2f")
METHODS = {
    "group masks (posterior)": elision.GroupMasks(),
    "group masks (informed)": elision.GroupMasks(attribution="informed"),
    "group masks (Eq. 8)": elision.GroupMasks(attribution="expected"),
    "group masks, zero (posterior)": elision.GroupMasks(removal="zero"),
    "group masks, zero (Eq. 8)": elision.GroupMasks(removal="zero", attribution="expected"),
    "group masks, zero (the paper's solver)": elision.GroupMasks(removal="zero", solver="sampling"),
    "group masks, leave-one-out short-list": elision.GroupMasks(
        shortlist=elision.LeaveOneOut(removal="drop", behaviour="log_probability")
    ),
    "word masks": elision.WordMasks(),
    "word masks, zero": elision.WordMasks(removal="zero"),
    "leave-one-out, drop": elision.LeaveOneOut(removal="drop"),
    "leave-one-out, zero": elision.LeaveOneOut(removal="zero"),
    "leave-one-out, mask": elision.LeaveOneOut(removal="mask"),
    "random": elision.Random(),
}


def curve(v: elision.ValueFunction, order: np.ndarray) -> np.ndarray:
    """Return the target's probability without the first 0, 1, ... all units of an order."""
    known = np.tril(np.ones((len(order) + 1, len(order)), dtype=bool), -1)
    removed = np.zeros_like(known)
    removed[:, order] = known
    return v.probabilities(~removed)[:, v.target]


def measure(model: elision.HuggingFaceModel, example: tuple[str, str], method: elision.Explainer) -> dict[str, object]:
    engine = elision.Engine(model)
    scores = method(model, example, engine=engine).scores
    order = np.argsort(-scores, kind="stable")
    found: dict[str, object] = {}
    for removal in ("drop", "mask", "zero"):
        v = elision.ValueFunction(model, example, removal=removal, behaviour="probability", engine=engine)
        most = curve(v, order)
        found[f"aopc {removal}"] = float((most[0] - most[1 : U + 1]).sum() / (U + 1))
        known = np.zeros((4, len(order)), dtype=bool)
        for i in range(4):
            known[i, order[: i + 1]] = True
        found[f"top {removal}"] = float((v.probabilities(known).argmax(axis=1) == v.target).mean())
        if removal == "drop":
            least = curve(v, order[::-1])
            grid, own = np.linspace(0, 1, 101), np.linspace(0, 1, len(order) + 1)
            found["curves"] = [np.interp(grid, own, line).tolist() for line in (most, least)]
    return found


def degradation(results: list[dict[str, object]]) -> float:
    """Return Eq. 11, with averages over examples inside the normalisation of Eq. 10."""
    most, least = np.mean([found["curves"] for found in results], axis=0)
    return float(np.trapezoid((least - most) / (most[0] - most[-1]), dx=1 / (len(most) - 1)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--methods", default="", help="only those whose name has this in it, such as zero")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--out", type=Path, default=Path("faithfulness.json"))
    options = parser.parse_args()
    keep_freed_memory()
    model = elision.load(models() / "snli-minilm", dtype=options.dtype)
    pairs = snli_pairs(options.pairs)
    print(f"{'':38}{'AOPC drop':>10}{'AOPC mask':>10}{'AOPC zero':>10}{'top 1-4':>9}{'masked':>8}{'degradation':>12}")
    table = {}
    for name, method in METHODS.items():
        if options.methods not in name:
            continue
        results = [measure(model, pair, method) for pair in pairs]
        keys = ("aopc drop", "aopc mask", "aopc zero", "top drop", "top mask")
        row = [float(np.mean([found[key] for found in results])) for key in keys]
        row.append(degradation(results))
        table[name] = dict(zip((*keys, "degradation"), row, strict=True))
        shown = "".join(f"{value:{wide}}" for value, wide in zip(row, WIDTHS, strict=True))
        print(f"{name:38}{shown}", flush=True)
        options.out.write_text(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
