"""The matrix: each architecture against each method and removal, right by a plain computation or refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from toys.architectures import ARCHITECTURES
from toys.cells import (
    COLUMNS,
    EXAMPLES,
    METHODS,
    REMOVALS,
    Bench,
    Columns,
    Wrong,
    cells,
    check_all,
    check_removal,
    judge,
)
from toys.plain import Plain, shapley

import elision
from elision.explainers import METHODS as EXPLAINERS
from elision.removal.constant import Drop

DOCS = Path(__file__).parents[1] / "docs" / "models.md"
SHARE = {
    ("bert (1 logit)", "pair"),
    ("bert (left padding)", "single"),
    ("bert (reranker)", "pair"),
    ("roberta", "pair"),
    ("gpt2", "single"),
    ("t5", "pair"),
    ("fnet", "single"),
    ("the papers' lstm", "pair"),
    ("a function of texts", "pair"),
    ("sklearn-like", "single"),
}
_ALL = [
    pytest.param(name, kind, marks=() if (name, kind) in SHARE else pytest.mark.matrix, id=f"{name}-{kind}")
    for name in ARCHITECTURES
    for kind in EXAMPLES
]


def table() -> tuple[list[list[str]], list[str]]:
    """Return the rows of the table in the docs, and the numbers of its reasons."""
    between = DOCS.read_text(encoding="utf-8").split("<!-- python benchmarks/matrix.py", 1)[1]
    text = between.split("<!-- end of the matrix -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return rows, re.findall(r"^(\d+)\. ", text, re.MULTILINE)


@pytest.mark.parametrize(("name", "kind"), _ALL)
def test_each_cell_is_right_or_refused_as_the_docs_say(name: str, kind: str) -> None:
    found = dict(cells(name, kind))
    assert {column: cell for column, cell in found.items() if cell.startswith("fault")} == {}
    (row,) = (row[1:] for row in table()[0] if row[0] == name)
    place = list(EXAMPLES).index(kind)
    told = {column: cell.split(" / ")[place if " / " in cell else 0] for column, cell in zip(COLUMNS, row, strict=True)}
    assert {column: cell for column, cell in found.items() if (cell == "right") != (told[column] == "✓")} == {}


def test_the_matrix_holds_every_method_and_enough_architectures() -> None:
    assert {name for name, _ in SHARE} < set(ARCHITECTURES)
    assert len({name.split(" (")[0] for name in ARCHITECTURES}) >= 30
    assert set(METHODS) | {"leave-one-out"} == set(EXPLAINERS)
    assert set(REMOVALS) == {"pad", "zero", "unk", "mask", "drop", "delete", "marginal"}


def test_the_table_in_the_docs_has_all_architectures_and_columns_and_no_fault() -> None:
    rows, reasons = table()
    assert rows[0] == ["architecture", *COLUMNS]
    assert [row[0] for row in rows[2:]] == list(ARCHITECTURES)
    signs = {sign for row in rows[2:] for cell in row[1:] for sign in cell.split(" / ")}
    assert signs == {"✓", *(f"–{number}" for number in reasons)}


def test_a_wrong_answer_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench("bert", "single")
    model = bench.model()
    answers = model.answers
    monkeypatch.setattr(model, "answers", lambda blocks: np.log(np.exp(answers(blocks)) + 1e-4))
    assert re.match(r"fault: v\(all\): off by 1.0e-04", judge(bench, lambda: check_all(bench)))


def test_answers_that_depend_on_the_batch_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench("bert", "single")
    model = bench.model()
    answers = model.answers
    monkeypatch.setattr(
        model, "answers", lambda blocks: np.log(np.exp(answers(blocks)) - 1e-4 * (sum(map(len, blocks)) > 3))
    )
    assert judge(bench, lambda: check_removal(bench, "mask")).startswith("fault: together: off by 1.0e-04")


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("error", "cell"),
    [
        (elision.UnsupportedError("it has no mask token; use 'unk'"), "refused: it has no mask token; use 'unk'"),
        (elision.ModelError("two\nlines"), "fault: message 'two\\nlines'"),
        (IndexError("out of range\nfar"), "fault: IndexError: out of range"),
        (Wrong("off by 1"), "fault: off by 1"),
    ],
)
def test_only_the_librarys_own_errors_of_one_line_are_refusals(error: Exception, cell: str) -> None:
    bench = Bench("a function of texts", "single")
    assert judge(bench, lambda: _raise(error)) == cell


def test_a_changed_network_is_a_fault() -> None:
    bench = Bench("bert", "single")
    assert judge(bench, lambda: bench.net.train()) == "fault: the network was changed"

    def change() -> None:
        with torch.no_grad():
            bench.net.classifier.bias.add_(1e-3)

    assert judge(bench, change) == "fault: the network's weights were changed"


def test_drop_that_would_work_may_not_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = Columns("bert", "single")
    monkeypatch.setattr(Drop, "bind", lambda *given, **named: _raise(elision.UnsupportedError("no")))
    assert columns.cell("drop") == "fault: refused: no, but hidden tokens move nothing"


def test_the_plain_computation_reads_what_the_plain_call_reads() -> None:
    bench = Bench("roberta", "pair")
    plain = Plain(bench.net, bench.tokenizer, bench.segments)
    word = [w.text for w in plain.words].index("moving")
    first = bench.tokenizer("a moving", add_special_tokens=False)["input_ids"][1:]
    assert [plain.row[place] for place in plain.positions[word]] == first
    unknown = plain.inputs["input_ids"].clone()
    unknown[0, plain.positions[word]] = bench.tokenizer.unk_token_id
    with torch.no_grad():
        expected = torch.softmax(bench.net(unknown).logits, -1)[0].numpy()
    np.testing.assert_allclose(plain.without("unk", [word]), expected, atol=1e-12)


def test_shapley_values_by_definition_of_a_glove_game() -> None:
    # Players 0 and 1 have left gloves, player 2 the right one: 1/6, 1/6, 2/3.
    def pairs(absent: tuple[int, ...]) -> float:
        return float(2 not in absent and len({0, 1} - set(absent)) > 0)

    np.testing.assert_allclose(shapley(pairs, 3), [1 / 6, 1 / 6, 2 / 3])
