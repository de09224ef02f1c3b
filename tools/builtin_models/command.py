"""Command line of the recipe."""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers.utils import logging as transformers_logging

from .cards import write_card
from .classifiers import train_classifier
from .masked_lm import shared_tokenizer, train_masked_model
from .measure import check, load_model, measure_folder
from .settings import TASKS, Settings, first_folder
from .student import save_folder

LOG = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[2]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    shared = _ROOT.parent / "shared"
    parser = argparse.ArgumentParser(prog="make_builtin_models.py", description=__doc__)
    parser.add_argument("--data", type=Path, default=first_folder("ELISION_DATA", shared / "data"), help="data folder")
    parser.add_argument(
        "--models", type=Path, default=first_folder("ELISION_MODELS", shared / "models"), help="teachers"
    )
    parser.add_argument("--work", type=Path, default=_ROOT / "build" / "builtin", help="caches of slow steps")
    parser.add_argument("--out", type=Path, default=_ROOT / "src" / "elision" / "models" / "builtin")
    parser.add_argument("--only", default=",".join(TASKS), help="comma-separated subset of " + ", ".join(TASKS))
    parser.add_argument("--seed", type=int, default=Settings.seed)
    parser.add_argument("--threads", type=int, default=Settings.threads)
    parser.add_argument("--check", action="store_true", help="only re-measure the saved folders")
    parser.add_argument("--cards", action="store_true", help="only re-measure and write the model cards again")
    parsed = parser.parse_args(arguments)
    parsed.only = tuple(parsed.only.split(","))
    if not set(parsed.only) <= set(TASKS):
        parser.error(f"--only takes {', '.join(TASKS)}")
    for folder in (parsed.data, parsed.models):
        if not folder.is_dir():
            parser.error(f"no such folder: {folder}; set ELISION_DATA and ELISION_MODELS, or pass --data and --models")
    return parsed


def prepare(threads: int, seed: int) -> None:
    """Seed and threads; the warnings of the loaders are left on, because the folders must load without any."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    torch.set_num_threads(threads)
    torch.manual_seed(seed)


def finish(settings: Settings, task: str, model: Any, tokenizer: Tokenizer, run: dict[str, float]) -> None:
    """Save a folder, measure what was saved, and write the measured figures into its card."""
    save_folder(settings, model, tokenizer, settings.out / task)
    (settings.work / f"{task}-run.json").write_text(json.dumps(run), encoding="utf-8")
    card(settings, task)


def card(settings: Settings, task: str) -> None:
    """Measure a saved folder and write its card."""
    folder = settings.out / task
    run = json.loads((settings.work / f"{task}-run.json").read_text(encoding="utf-8"))
    measured = measure_folder(settings, task, folder)
    write_card(settings, measured, folder, run)
    LOG.info("measured and described: %s", measured)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the chosen models, or check the saved ones."""
    parsed = parse(arguments)
    prepare(parsed.threads, parsed.seed)
    settings = Settings(parsed.data, parsed.models, parsed.work, parsed.out, parsed.seed, parsed.threads)
    if parsed.check:
        raise SystemExit(0 if check(settings) else 1)
    if parsed.cards:
        for task in parsed.only:
            card(settings, task)
        return
    began = time.monotonic()
    tokenizer = shared_tokenizer(settings)
    if "mlm" in parsed.only:
        masked, run = train_masked_model(settings, tokenizer)
        finish(settings, "mlm", masked, tokenizer, run)
    for task in TASKS[1:]:
        if task in parsed.only:
            # Read back from the folder, so that a run of one task gives the same as a run of all.
            body = load_model(settings.out / "mlm", "mlm")
            model, run = train_classifier(settings, task, body, tokenizer)
            finish(settings, task, model, tokenizer, run)
    LOG.info("made %s in %.0f s", ", ".join(parsed.only), time.monotonic() - began)
