"""The command `elision train`: a thin layer over `elision.study`."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import click

from elision.data.names import NAMES
from elision.errors import ElisionWarning
from elision.training.settings import DEFAULTS

_EXAMPLES = """
\b
Examples:
  elision train lstm --data sst2 --out ./lstm
  elision train decomposable-attention --data snli --out ./dattn --vectors glove.6B.300d.txt
  elision train cnn --data reviews.jsonl --out ./cnn --tokenizer builtin:mlm
  elision train encoder --init bert-base-uncased --data mrpc --out ./bert
  elision train encoder --init bert-base-uncased --data sst2 --out ./robust --masked-training
  elision train mlm --init bert-base-uncased --data sst2 --out ./mlm
\b
A JSON-lines file has one object a line: text, or premise and hypothesis, or
text1 and text2; and label. ELISION_DATA names a folder of data sets; those
that are not there come from the hub (pip install "elision[datasets]").
"""
_OF_SETTINGS = (
    "epochs",
    "patience",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "max_length",
    "seed",
    "masked_training",
)
_OF_EMBEDDINGS = ("tokenizer", "min_count", "max_words", "size", "vectors", "source")


def _defaults(name: str) -> str:
    return ", ".join(f"{model} {getattr(settings, name):g}" for model, settings in DEFAULTS.items())


@click.command(epilog=_EXAMPLES, short_help="Train a model of the papers, or fine-tune.")
@click.argument("name", metavar="MODEL")
@click.option("--data", required=True, metavar="NAME|FILE", help=f"{', '.join(NAMES)}, or a JSON-lines file.")
@click.option("--out", required=True, metavar="DIR", help="The folder to be made.")
@click.option("--dev", metavar="FILE", help="JSON-lines to choose by. [default: the data's own, or a tenth held out]")
@click.option("--test", metavar="FILE", help="JSON-lines to measure once. [default: the data's own]")
@click.option("--init", metavar="DIR", help="For encoder and mlm: the trained model to start from.")
@click.option("--tokenizer", metavar="DIR", help="Take this model's vocabulary. [default: words of the training texts]")
@click.option("--min-count", type=int, help="Rarer words are unknown. [default: 2]")
@click.option("--max-words", type=int, help="The most words in the vocabulary. [default: all]")
@click.option("--vectors", metavar="FILE", help="Start from word vectors in GloVe's or fastText's text format.")
@click.option("--embeddings-from", "source", metavar="DIR", help="Start from this model's embeddings.")
@click.option(
    "--embedding-size", "size", type=int, help="Numbers a token. [default: as in the papers, or the vectors']"
)
@click.option("--epochs", type=int, help=f"The most passes over the data. [default: {_defaults('epochs')}]")
@click.option("--patience", type=int, help="Stop after so many passes without a better dev figure. [default: 2]")
@click.option("--batch-size", type=int, help=f"Rows in a batch. [default: {_defaults('batch_size')}]")
@click.option("--learning-rate", type=float, help=f"The largest. [default: {_defaults('learning_rate')}]")
@click.option("--weight-decay", type=float, help="[default: 0.01]")
@click.option("--max-length", type=int, help="The most tokens in a row. [default: 256]")
@click.option(
    "--masked-training",
    is_flag=True,
    help="For encoder: hide a random share of the tokens in half of each batch, so that [MASK] is nothing new.",
)
@click.option("--limit", type=int, metavar="N", help="Only N training rows.")
@click.option("--seed", type=int, help="Seed of every random draw. [default: 0]")
@click.option("--device", help="cpu, cuda and so on. [default: CUDA where there is one]")
@click.option("--overwrite", is_flag=True, help="Replace a model in the folder.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def train(name: str, quiet: bool, **options: Any) -> None:
    """Train one of the papers' models, or fine-tune an encoder or a masked language model.

    MODEL is cnn, lstm, pair-lstm or decomposable-attention of the papers; encoder; or mlm, a masked language model.
    """
    settings = {key: value for key in _OF_SETTINGS if (value := options.pop(key)) is not None}
    embeddings = {key: value for key in _OF_EMBEDDINGS if (value := options.pop(key)) is not None}
    from elision.training.classifiers import Embeddings
    from elision.training.train import train as run

    def report(line: str) -> None:
        if not quiet:
            click.echo(line, err=True)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ElisionWarning)
            trained = run(
                name,
                embeddings=Embeddings(**embeddings) if embeddings else None,
                settings=replace(DEFAULTS[name], **settings) if name in DEFAULTS else None,
                progress=False if quiet else None,
                report=report,
                **options,
            )
    except KeyboardInterrupt as stop:
        click.echo("elision: interrupted; nothing was saved", err=True)
        raise click.exceptions.Exit(130) from stop
    if not quiet:
        click.echo(trained.summary())
