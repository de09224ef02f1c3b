"""Models from folders, hubs and the package itself."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from elision.errors import (
    ModelError,
    ModelNotFoundError,
    OptionError,
    UnsupportedError,
    did_you_mean,
    require_one_of,
)
from elision.models.classifier import HuggingFaceModel
from elision.models.estimators import require_reading
from elision.models.model import Model, ModelLike
from elision.models.networks import A_FUNCTION, ATTENTIONS, DTYPES
from elision.models.objects import from_object
from elision.models.registry import from_other_package
from elision.models.weights import LARGEST_EXACT, n_weights

_TEXTS = {"builtin:sentiment": 1, "builtin:nli": 2}
DEFAULTS = {n_texts: name for name, n_texts in _TEXTS.items()}
"""The model that is explained where none is named, by the number of texts in an example."""
BUILTIN = {"builtin:sentiment": "sentiment", "builtin:nli": "nli", "builtin:mlm": "mlm"}
_BUILTIN_FOLDER = Path(__file__).parent / "builtin"
_WAYS_OUT = "give a local folder, or leave the name out to use the built-in model"
_REACH_SECONDS = 5.0
"""How long a hub may take to answer before it is said that it cannot be reached. A choice."""
_ANY_WORK = 1 << 62
"""More tokens than any work has."""
_KINDS = {
    "AutoModelForSequenceClassification": ("sequence classifier", f"; give a sequence classifier, or {A_FUNCTION}"),
    "AutoModelForMaskedLM": ("masked language model", ""),
}
_UNRECOGNIZED = "Unrecognized configuration class"
"""What the transformers library says where a family has no model of the kind asked for."""


def load(
    model: ModelLike = "builtin:sentiment",
    tokenizer: Any = None,
    *,
    labels: Sequence[str] | None = None,
    answers: str = "auto",
    device: str | None = None,
    dtype: str = "auto",
    attention: str = "auto",
    head: str = "auto",
    batch_tokens: int | None = None,
) -> Model:
    """Return a model that explainers can ask.

    Args:
        model: a folder or hub name of a sequence classifier; "builtin:sentiment" or "builtin:nli"; "NAME:..." where
            another package adds models by this NAME; such a model of the transformers library in memory (with its
            tokenizer); a pipeline for text classification or (with labels) zero-shot classification; a cross-encoder of
            the sentence-transformers library; a fitted classifier or regressor of texts with scikit-learn's methods; or
            a function from texts to numbers (n, c).
        tokenizer: for a model in memory.
        labels: the names of classes or outputs: needed for a function's, zero-shot classification's candidates, and in
            place of a config's names if you like.
        answers: what a function or an estimator answers with: "probabilities", "log_probabilities", "labels"
            (independent ones) or "scores"; "auto" is probabilities, and of a regressor scores.
        device: "cpu", "cuda" and so on; None takes CUDA where there is one.
        dtype: of the weights: float32, float64, bfloat16 or float16; "fast" takes bfloat16 where the processor or the
            graphics card multiplies it fast, and float32 elsewhere; "auto" takes float32 for work of about a second
            or less and "fast" for more, explanation by explanation. A model in memory keeps its own.
        attention: how it is computed: "eager", "sdpa" (PyTorch's fused kernels), or "auto", which leaves the choice to
            the model's family, sdpa for most. A model in memory keeps its own.
        head: how logits are read: "softmax", "sigmoid", "scores" or "auto", as the config, the pipeline or the
            activation says; `HuggingFaceModel` says how.
        batch_tokens: the most tokens in one batch; None finds it by trial on CUDA and takes 16,384 elsewhere.
    Returns:
        The model. Objects in memory are used as they are and never changed.
    Raises:
        ModelNotFoundError: there is no such folder, and no hub has it or can be reached.
        UnsupportedError: what was found is no sequence classifier, or a pipeline says more than can be explained.
        ModelError: a model holds no weights, or a classifier reads no texts.
        OptionError: an option has an unknown value, or the classes have no names.
    """
    if isinstance(model, Model):
        return model
    if tokenizer is not None and not callable(tokenizer):
        raise OptionError(f"tokenizer must be a tokenizer of the transformers library, got {tokenizer!r}")
    told: dict[str, Any] = {"labels": labels, "head": head, "batch_tokens": batch_tokens}
    if isinstance(model, str):
        own = told | {"answers": answers, "device": device, "attention": attention, "dtype": dtype}
        made = from_other_package(model, **own)
        if made is not None:
            return load(made, tokenizer, labels=labels, answers=answers, head=head)
    if isinstance(model, str | os.PathLike):
        require_reading(answers)
        return _classifier(model, tokenizer, device, dtype, attention, **told)
    return from_object(model, tokenizer, answers=answers, attention=attention, dtype=dtype, **told)


def _classifier(
    model: str | os.PathLike[str], tokenizer: Any, device: str | None, dtype: str, attention: str, **settings: Any
) -> Model:
    """Return a sequence classifier from a folder or a hub, with what `HuggingFaceModel` is told of it."""
    # The fast copy of exact weights can be held against them, to tell what rounding moves.
    net, tokenizer = pretrained(
        "AutoModelForSequenceClassification",
        model,
        tokenizer,
        device=device,
        dtype="auto" if dtype == "fast" else dtype,
        attention=attention,
    )
    loaded = HuggingFaceModel(
        net,
        tokenizer,
        name=str(model),
        fast=fast_dtype(net.device) if dtype in ("auto", "fast") else None,
        n_texts=_TEXTS.get(str(model), getattr(net.config, "n_texts", None)),
        **settings,
    )
    return loaded.for_work(_ANY_WORK) if dtype == "fast" else loaded


def pretrained(
    head: str,
    name: str | os.PathLike[str],
    tokenizer: Any = None,
    *,
    device: str | None,
    dtype: str,
    attention: str = "auto",
) -> tuple[Any, Any]:
    """Return a trained model and its tokenizer.

    Args:
        head: the Auto class's name.
        name: folder, hub name or built-in name.
        tokenizer: one to take in place of the model's own.
        device: None takes CUDA where there is one.
        dtype: of the weights.
        attention: "auto", "eager" or "sdpa".
    Raises:
        ModelNotFoundError, UnsupportedError, OptionError: as for `load`.
    """
    require_one_of("dtype", dtype, DTYPES)
    require_one_of("attention", attention, ATTENTIONS)
    place = place_of(device)
    dtype = fast_dtype(place) if dtype == "fast" else dtype
    if str(name) in BUILTIN and tokenizer is None:
        return _read_once(head, str(name), str(place), dtype, attention)
    return _read(head, name, str(place), dtype, attention, tokenizer)


def fast_dtype(device: Any) -> str:
    """Return the dtype that a device multiplies fastest at a precision that suffices.

    bfloat16 on CUDA cards and on processors with AMX or AVX512-BF16; float16 on older cards; float32 elsewhere.
    """
    import torch

    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    probes = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    quick = device.type == "cpu" and any(getattr(torch.cpu, probe, bool)() for probe in probes)
    return "bfloat16" if quick else "float32"


def initial(head: str, name: str | os.PathLike[str], *, seed: int = 0, **settings: Any) -> tuple[Any, Any]:
    """Return a model to be trained further and its tokenizer, in float32 on the CPU.

    Args:
        head: the Auto class's name; weights of its head that were never trained are drawn by the seed.
        name: folder, hub name or built-in name.
        seed: of those weights.
        settings: for `from_pretrained`.
    Raises:
        ModelNotFoundError, UnsupportedError: as for `load`.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net, tokenizer, missing = _fetch(head, name, "float32", None, **settings)
    embeddings = net.get_input_embeddings()
    untrained = [key for key, weight in net.named_parameters() if key in missing and weight is embeddings.weight]
    if untrained:
        raise UnsupportedError(f"{str(name)!r} is no trained encoder: it has no weights for {untrained[0]}")
    return net, tokenizer


def read_tokenizer(name: str | os.PathLike[str]) -> Any:
    """Return the tokenizer of a folder, a hub name or a built-in model.

    Raises:
        ModelNotFoundError, ModelError: there is none.
    """
    source, local = _locate(name)
    with quiet():
        import transformers

        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(source, local_files_only=local)
        except Exception as error:
            raise _load_error(name, source, local, error) from error
    return _checked(tokenizer, name)


def _checked(tokenizer: Any, name: str | os.PathLike[str]) -> Any:
    if len(tokenizer) <= len(tokenizer.all_special_ids):
        raise ModelError(f"{str(name)!r} has no tokenizer: its tokenizer.json or vocabulary file is missing")
    return tokenizer


def _read(
    head: str, name: str | os.PathLike[str], device: str, dtype: str, attention: str, tokenizer: Any = None
) -> tuple[Any, Any]:
    import torch

    own = {} if attention == "auto" else {"attn_implementation": attention}
    net, tokenizer, missing = _fetch(head, name, dtype, tokenizer, **own)
    if missing:
        kind, way_out = _KINDS[head]
        raise UnsupportedError(f"{str(name)!r} is no trained {kind}: it has no weights for {missing[0]}{way_out}")
    if dtype == "auto":
        large = n_weights(net) > LARGEST_EXACT
        net = net.to(getattr(torch, fast_dtype(torch.device(device)) if large else "float32"))
    return net.to(device).eval(), tokenizer


def _fetch(
    head: str, name: str | os.PathLike[str], dtype: str, tokenizer: Any, **settings: Any
) -> tuple[Any, Any, list[str]]:
    """Return a model, its tokenizer, and the names of weights that its folder lacks."""
    import torch

    source, local = _locate(name)
    with quiet():
        import transformers

        import elision.models.papers  # noqa: F401 (registers them with the Auto classes)

        try:
            if tokenizer is None:
                tokenizer = transformers.AutoTokenizer.from_pretrained(source, local_files_only=local)
            net, report = getattr(transformers, head).from_pretrained(
                source, dtype=getattr(torch, dtype, dtype), local_files_only=local, output_loading_info=True, **settings
            )
        except Exception as error:
            if _UNRECOGNIZED in str(error) and head in _KINDS:
                kind, way_out = _KINDS[head]
                raise UnsupportedError(f"{str(name)!r} is no {kind}, nor are others of its family{way_out}") from error
            raise _load_error(name, source, local, error) from error
    missing = sorted(report["missing_keys"]) + sorted(str(key) for key in report["mismatched_keys"])
    return net, _checked(tokenizer, name), missing


_read_once = cache(_read)
"""The built-in models are read once a process; nothing here ever changes a model."""


def place_of(device: str | None) -> Any:
    """Return the torch device of a name; CUDA or else the CPU for None.

    Raises:
        OptionError: there is no such device here.
    """
    import torch

    if device is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        place = torch.device(device)
        torch.empty(1, device=place)
    except (RuntimeError, AssertionError) as error:
        raise OptionError(f"device {device!r} cannot be used here; try 'cpu'") from error
    if place.type == "meta":
        raise OptionError("device 'meta' holds no weights; try 'cpu'")
    return place


def _locate(name: str | os.PathLike[str]) -> tuple[str, bool]:
    """Return what to load from, and whether only local files may be read."""
    text = os.fspath(name)
    if text.startswith("builtin:"):
        if text not in BUILTIN:
            meant = did_you_mean(text, BUILTIN)
            raise ModelNotFoundError(f"there is no built-in model {text!r}; there are {', '.join(BUILTIN)}{meant}")
        return str(_BUILTIN_FOLDER / BUILTIN[text]), True
    path = Path(text).expanduser()
    if text.strip() and path.is_dir():
        return str(path), True
    is_path = isinstance(name, os.PathLike) or text.startswith((".", "~", "/")) or text.count("/") > 1 or "\\" in text
    if is_path or not text.strip():
        raise ModelNotFoundError(f"there is no model folder {text!r}; {_WAYS_OUT}")
    return text, not _hub_reachable()


def _hub_reachable() -> bool:
    """Tell whether the model hub answers, without the minutes of retries that loading would spend on finding out."""
    from huggingface_hub import constants, get_session

    if constants.HF_HUB_OFFLINE:
        return False
    try:
        get_session().head(constants.ENDPOINT, timeout=_REACH_SECONDS)
    except Exception:
        return False
    return True


def _load_error(name: Any, source: str, local: bool, error: Exception) -> ModelError:
    if isinstance(error, ImportError):
        return ModelError(f"{str(name)!r} needs a package that is not installed: {_first_line(error)}")
    if Path(source).is_dir():
        if not (Path(source) / "config.json").is_file():
            return ModelNotFoundError(f"the folder {str(name)!r} holds no model: it has no config.json")
        return ModelError(f"the model in {str(name)!r} cannot be loaded: {_first_line(error)}")
    if local:
        return ModelNotFoundError(f"no folder {str(name)!r} exists and no model hub can be reached; {_WAYS_OUT}")
    return ModelNotFoundError(f"no folder {str(name)!r} exists and the model hub has no such model; {_WAYS_OUT}")


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0].strip() if lines else type(error).__name__


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the transformers library's bars and notes off the terminal while a model is loaded or saved."""
    from huggingface_hub import utils as hub_utils
    from transformers.utils import logging as transformers_logging

    logging: Any = transformers_logging
    hub: Any = hub_utils
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    hub_bars = not hub.are_progress_bars_disabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
        (hub.enable_progress_bars if hub_bars else hub.disable_progress_bars)()
