"""Seconds of captum, lime, shap, interpreto and ferret beside this library's, for the same model and as many rows.

    pip install -c constraints.txt torch captum lime shap interpreto ferret-xai
    python benchmarks/peers.py [--sentences 5] [--samples 200] [--rounds 2] [--threads N] [--only NAME ...] [--out FILE]

The first sentences of 10 to 20 words and at most 20 tokens of sst/test_binary.jsonl; sst2-minilm in float32; a word is
what stands between spaces, and [MASK] stands where one is absent. Everybody gets batches of 64 rows, but for the lines
"one by one", captum's default. Rows are counted where they enter the model, so a peer's own economy or waste shows.
Each line's time for a row is divided by that of its block's first line, which runs just before it; medians over
sentences and rounds, after one sentence to warm up. The samples' first line is this library's value function on as many
different random subsets, without a regression. A peer that is missing is named, and the rest goes on.
Input marginalization against a plain loop is `python benchmarks/plain_loop.py`. ELISION_DATA and ELISION_MODELS name
the folders.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import logging
import re
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from common import models, spread, sst_sentences

import elision

BATCH = 64
CLOCKS = "seconds", "cpu"
FEWEST_WORDS = 10


def word_spans(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\S+", text)]


@dataclass
class Setting:
    """The model that one package gets, a copy of its own; what goes through it is counted."""

    folder: Path
    samples: int
    dtype: str = "float32"
    rows: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(self.folder)
        head = transformers.AutoModelForSequenceClassification
        self.net = head.from_pretrained(self.folder, dtype=getattr(torch, self.dtype)).eval()
        self.net.register_forward_pre_hook(self._count, with_kwargs=True)

    def _count(self, net: Any, args: Any, kwargs: dict[str, Any]) -> None:
        rows = args[0] if args else kwargs.get("input_ids", kwargs.get("inputs_embeds"))
        self.rows += len(rows)

    @cached_property
    def model(self) -> elision.Model:
        return elision.load(self.net, self.tokenizer)

    @torch.no_grad()
    def probabilities(self, texts: Any) -> np.ndarray:
        """Return what a user's own function for texts gives, in batches."""
        found = []
        for start in range(0, len(texts), BATCH):
            batch = self.tokenizer(list(texts[start : start + BATCH]), padding=True, return_tensors="pt")
            found.append(torch.softmax(self.net(**batch).logits, dim=-1))
        return torch.cat(found).numpy()

    def of_ids(self, inner: torch.Tensor) -> torch.Tensor:
        """Return probabilities for token ids without [CLS] and [SEP]."""
        ends = (torch.full((len(inner), 1), i) for i in (self.tokenizer.cls_token_id, self.tokenizer.sep_token_id))
        first, last = ends
        with torch.no_grad():
            return torch.softmax(self.net(input_ids=torch.cat([first, inner, last], dim=1)).logits, dim=-1)

    def words_of_ids(self, text: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Return token ids (1, l) without special ones, and each token's word (1, l)."""
        encoded = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        starts = [start for start, _ in word_spans(text)]
        words = np.searchsorted(starts, [start for start, _ in encoded["offset_mapping"]], side="right") - 1
        return torch.tensor([encoded["input_ids"]]), torch.tensor(words)[None]


Call = Callable[[str, int], Any]


def leave_one_out(at: Setting) -> Call:
    method = elision.LeaveOneOut(removal="mask", behaviour="probability")
    return lambda text, target: method(at.model, text, target=target, units=word_spans)


def subsets(at: Setting) -> Call:
    def call(text: str, target: int) -> Any:
        v = elision.ValueFunction(
            at.model, text, removal="mask", behaviour="probability", target=target, units=word_spans
        )
        u = len(v.units)
        drawn = np.random.default_rng(0).choice(2**u, size=min(at.samples, 2**u), replace=False)
        return v((drawn[:, None] >> np.arange(u)) % 2 == 1)

    return call


def own(explainer: type[elision.Explainer], **options: Any) -> Callable[[Setting], Call]:
    def make(at: Setting) -> Call:
        method = explainer(removal="mask", behaviour="probability", n_samples=at.samples, **options)
        return lambda text, target: method(at.model, text, target=target, units=word_spans)

    return make


def captum(name: str, batch: int, **options: Any) -> Callable[[Setting], Call]:
    def make(at: Setting) -> Call:
        from captum import attr

        method = getattr(attr, name)(at.of_ids)
        if name != "FeatureAblation":
            options["n_samples"] = at.samples

        def call(text: str, target: int) -> Any:
            ids, words = at.words_of_ids(text)
            settings = {"baselines": at.tokenizer.mask_token_id, "feature_mask": words, "target": target}
            return method.attribute(ids, perturbations_per_eval=batch, **settings, **options)

        return call

    return make


def lime(at: Setting) -> Call:
    from lime.lime_text import LimeTextExplainer

    method = LimeTextExplainer(split_expression=r"\s+", bow=False, mask_string=at.tokenizer.mask_token, random_state=0)
    return lambda text, target: method.explain_instance(
        text, at.probabilities, labels=(target,), num_features=len(text.split()), num_samples=at.samples
    )


def shap_kernel(at: Setting) -> Call:
    import shap

    def call(text: str, target: int) -> Any:
        words = np.array(text.split(), dtype=object)

        def answer(known: np.ndarray) -> np.ndarray:
            filled = np.where(known > 0.5, words, at.tokenizer.mask_token)
            return at.probabilities([" ".join(row) for row in filled])[:, target]

        method = shap.KernelExplainer(answer, np.zeros((1, len(words))), silent=True)
        return method.shap_values(np.ones((1, len(words))), nsamples=at.samples, silent=True)

    return call


def shap_partition(at: Setting) -> Call:
    import shap

    masker = shap.maskers.Text(at.tokenizer, mask_token=at.tokenizer.mask_token, collapse_mask_token=False)
    method = shap.Explainer(at.probabilities, masker, algorithm="partition", silent=True)
    return lambda text, target: method([text], max_evals=at.samples, batch_size=BATCH, silent=True)


def interpreto(name: str) -> Callable[[Setting], Call]:
    def make(at: Setting) -> Call:
        import interpreto as package
        from interpreto.attributions import InferenceModes

        options: dict[str, Any] = {} if name == "Occlusion" else {"n_perturbations": at.samples}
        method = getattr(package, name)(
            at.net,
            at.tokenizer,
            batch_size=BATCH,
            granularity=package.Granularity.WORD,
            inference_mode=InferenceModes.SOFTMAX,
            **options,
        )
        return lambda text, target: method(text, torch.tensor([target]))

    return make


def ferret_lime(at: Setting) -> Call:
    from ferret import LIMEExplainer

    method = LIMEExplainer(at.net, at.tokenizer)
    return lambda text, target: method(text, target, call_args={"num_samples": at.samples, "batch_size": BATCH})


def ferret_shap(at: Setting) -> Call:
    from ferret import SHAPExplainer

    method = SHAPExplainer(at.net, at.tokenizer)
    return lambda text, target: method(
        text, target, call_args={"max_evals": at.samples, "batch_size": BATCH, "silent": True}
    )


@dataclass(frozen=True)
class Line:
    """One line of the table: whose it is, and what makes its call."""

    name: str
    package: str
    make: Callable[[Setting], Call]
    dtype: str = "float32"


FAST = "bfloat16"
BLOCKS = {
    "one row a word": (
        Line("elision leave-one-out", "elision", leave_one_out),
        Line("elision leave-one-out, bfloat16", "elision", leave_one_out, FAST),
        Line("captum FeatureAblation", "captum", captum("FeatureAblation", BATCH)),
        Line("captum FeatureAblation, one by one", "captum", captum("FeatureAblation", 1)),
        Line("interpreto Occlusion", "interpreto", interpreto("Occlusion")),
    ),
    "samples": (
        Line("elision value function", "elision", subsets),
        Line("elision value function, bfloat16", "elision", subsets, FAST),
        Line("elision Lime", "elision", own(elision.Lime)),
        Line("elision KernelSHAP", "elision", own(elision.Shapley, estimator="kernel")),
        Line("captum Lime", "captum", captum("Lime", BATCH)),
        Line("captum Lime, one by one", "captum", captum("Lime", 1)),
        Line("captum KernelShap", "captum", captum("KernelShap", BATCH)),
        Line("captum KernelShap, one by one", "captum", captum("KernelShap", 1)),
        Line("lime", "lime", lime),
        Line("shap KernelExplainer", "shap", shap_kernel),
        Line("shap partition", "shap", shap_partition),
        Line("interpreto Lime", "interpreto", interpreto("Lime")),
        Line("interpreto KernelShap", "interpreto", interpreto("KernelShap")),
        Line("ferret LIME", "ferret", ferret_lime),
        Line("ferret SHAP (partition)", "ferret", ferret_shap),
    ),
}


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Keep the peers' warnings and bars off the table."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


class Contest:
    """A block's calls, made once, and their times on each sentence."""

    def __init__(self, block: tuple[Line, ...], samples: int) -> None:
        self.calls: dict[str, tuple[Setting, Call]] = {}
        self.absent: dict[str, str] = {}
        self.runs: dict[str, list[dict[str, float]]] = {}
        for line in block:
            if importlib.util.find_spec(line.package) is None:
                self.absent[line.name] = "not installed"
                continue
            at = Setting(models() / "sst2-minilm", samples, line.dtype)
            with self._guarded(line.name):
                self.calls[line.name] = at, line.make(at)

    @contextlib.contextmanager
    def _guarded(self, name: str) -> Iterator[None]:
        """Note a peer's failure in place of its line."""
        try:
            with silence():
                yield
        except Exception as error:
            reason = str(error).strip().splitlines()[:1] or [""]
            self.absent[name] = f"fails: {type(error).__name__}: {reason[0][:70]}"
            self.calls.pop(name, None)

    def _run(self, name: str, text: str, target: int) -> dict[str, float] | None:
        at, call = self.calls[name]
        at.rows, started, cpu = 0, time.perf_counter(), time.process_time()
        with self._guarded(name):
            call(text, target)
        taken = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu, "rows": at.rows}
        return taken if name in self.calls else None

    def round(self, text: str, target: int, *, warming: bool) -> None:
        """Run everybody on a text, the first line before each."""
        first, *others = list(self.calls)
        for name in others or [first]:
            before = self._run(first, text, target)
            found = self._run(name, text, target)
            if found is None or before is None or warming:
                continue
            ratios = {f"{clock} ratio": _each(found, clock) / _each(before, clock) for clock in CLOCKS}
            self.runs.setdefault(first, []).append({**before, **dict.fromkeys(ratios, 1.0)})
            if name != first:
                self.runs.setdefault(name, []).append({**found, **ratios})


def _each(run: dict[str, float], clock: str) -> float:
    return run[clock] / max(run["rows"], 1)


def report(title: str, contest: Contest, block: tuple[Line, ...]) -> dict[str, Any]:
    """Print a block of the table; return it."""
    print(f"\n{title:38}{'seconds':>9}{'rows':>7}{'rows/s':>8}  a row / first line's: seconds; processor time")
    table: dict[str, Any] = {}
    for line in block:
        if line.name in contest.absent or line.name not in contest.runs:
            table[line.name] = contest.absent.get(line.name, "not run")
            print(f"{line.name:38}  {table[line.name]}")
            continue
        runs = contest.runs[line.name]
        seconds, rows = (float(np.median([run[key] for run in runs])) for key in ("seconds", "rows"))
        rate = float(np.median([run["rows"] / run["seconds"] for run in runs]))
        ratios = {clock: [run[f"{clock} ratio"] for run in runs] for clock in CLOCKS}
        table[line.name] = {"seconds": seconds, "rows": rows, "rows per second": rate, "ratios": ratios}
        print(f"{line.name:38}{seconds:9.3f}{rows:7,.0f}{rate:8,.0f}  {'; '.join(map(spread, ratios.values()))}")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sentences", type=int, default=5)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, help="PyTorch's; NumPy's are OPENBLAS_NUM_THREADS")
    parser.add_argument("--only", nargs="*", choices=BLOCKS, default=list(BLOCKS))
    parser.add_argument("--out", type=Path, default=Path("peers.json"))
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    logging.disable(logging.WARNING)
    model = elision.load(models() / "sst2-minilm", dtype="float32")
    texts = [text for text in sst_sentences(model, 200, most_tokens=20) if len(text.split()) >= FEWEST_WORDS]
    texts = texts[: options.sentences]
    targets = [elision.ValueFunction(model, text).target for text in texts]
    table: dict[str, Any] = {}
    for title in options.only:
        contest = Contest(BLOCKS[title], options.samples)
        contest.round(texts[0], targets[0], warming=True)
        for _ in range(options.rounds):
            for text, target in zip(texts, targets, strict=True):
                contest.round(text, target, warming=False)
        table[title] = report(title, contest, BLOCKS[title])
    print(
        f"\n{len(texts)} sentences, {options.rounds} rounds, {torch.get_num_threads()} threads; medians (least to most)"
    )
    options.out.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
