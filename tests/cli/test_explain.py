"""The command `elision explain`: its texts, its options, and what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from toys.command import Command, assert_one_line

import elision
from elision.results.explanation import Explanation

TEXT = "a good film"


def test_the_text_as_an_argument(run: Command) -> None:
    outcome = run.explain(TEXT)
    expected = elision.explain(TEXT, model=run.classifier, method="leave-one-out")
    assert (outcome.code, outcome.err) == (0, "")
    assert [line.rstrip() for line in outcome.out.split("\n")[:9]] == str(expected).split("\n")[:9]
    assert (
        f"model {run.classifier.rsplit('/', 1)[-1]} · removal pad · computed in float32 · 4 evaluations" in outcome.out
    )


def test_the_text_from_a_file_standard_input_or_a_dash(run: Command, tmp_path: Path) -> None:
    file = tmp_path / "review.txt"
    file.write_bytes(b"\xef\xbb\xbf a good film\r\n\n")
    wanted = elision.explain(TEXT, model=run.classifier, method="leave-one-out").scores.tolist()
    for explanation in (
        run.explained("--file", str(file)),
        run.explained(stdin=b"a good film\n"),
        run.explained("-", stdin=b"  a good film"),
        run.explained("--file", "-", stdin=b"a good film"),
        run.explained(TEXT, stdin=b"something else"),
    ):
        assert explanation.example == TEXT
        assert explanation.scores.tolist() == pytest.approx(wanted, abs=1e-12)


def test_text_beyond_ascii_from_standard_input(run: Command) -> None:
    assert run.explained(stdin="a good naïve film \U0001f600".encode()).example == "a good naïve film \U0001f600"


def test_marginalization_is_the_default(run: Command) -> None:
    arguments = ("explain", TEXT, "--model", run.classifier, "--likelihood", run.masked, "--threshold", "0.01")
    outcome = run(*arguments, "--json", "-", "--original", "exclude", "--seed", "7")
    explanation = Explanation.from_json(outcome.out)
    expected = elision.explain(
        TEXT, model=run.classifier, likelihood=run.masked, threshold=0.01, original="exclude", seed=7
    )
    assert explanation.scores.tolist() == pytest.approx(expected.scores.tolist(), abs=1e-9)
    record = explanation.provenance
    assert (record["method"], record["seed"]) == ("marginalization", 7)
    assert (record["removal"]["threshold"], record["removal"]["original"]) == (0.01, "exclude")


def test_a_pair(run: Command) -> None:
    explanation = run.explained("the man plays", "--pair", "a woman sings")
    assert explanation.example == ("the man plays", "a woman sings")
    assert [unit.segment for unit in explanation.units] == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("arguments", "path", "value"),
    [
        (("--target", "so-so"), ("target",), "so-so"),
        (("--units", "token"), ("provenance", "units"), "token"),
        (("--removal", "unk"), ("provenance", "removal", "name"), "unk"),
        (("--behaviour", "logit"), ("provenance", "behaviour", "name"), "logit"),
        (("--budget", "4"), ("provenance", "budget"), 4),
        (("--seed", "5"), ("provenance", "seed"), 5),
    ],
)
def test_options_reach_the_library(run: Command, arguments: tuple[str, str], path: tuple[str, ...], value: Any) -> None:
    found: Any = run.explained("a meaningful film", *arguments).to_dict()
    for name in path:
        found = found[name]
    assert found == value


def test_a_tolerance_in_place_of_a_threshold(run: Command) -> None:
    arguments = ("explain", TEXT, "--model", run.classifier, "--likelihood", run.masked, "--tolerance", "0.5")
    outcome = run(*arguments)
    assert (outcome.code, outcome.err) == (0, "")
    assert "±" in outcome.out
    assert Explanation.from_json(run(*arguments, "--json", "-").out).provenance["settings"]["tolerance"] == 0.5
    assert_one_line(
        run(*arguments, "--threshold", "0.1"),
        "--tolerance goes without --threshold: it takes all candidates into account",
    )


def test_group_masks_of_a_pair(run: Command) -> None:
    pair = ("the man plays guitar", "--pair", "a woman sings", "--method", "group-masks", "--model", run.classifier)
    outcome = run("explain", *pair, "--k", "4", "--groups", "2", "--solver", "exact", "--removal", "mask")
    assert (outcome.code, outcome.err) == (0, "")
    assert "group  importance  loss  words of text 1" in outcome.out
    assert "4 of 7 units are short-listed" in outcome.out
    explanation = Explanation.from_json(run("explain", *pair, "--k", "4", "--groups", "2", "--json", "-").out)
    assert len(explanation.groups) == 2
    assert len(explanation.provenance["solution"]["units"]) == 4
    assert run("explain", *pair[:-4], "--method", "word-masks", "--model", run.classifier, "--quiet").code == 0


def test_white_box_methods(run: Command) -> None:
    for method in ("saliency", "input-x-gradient", "integrated-gradients", "gradient-shap", "deep-lift", "attention"):
        outcome = run("explain", TEXT, "--method", method, "--model", run.classifier)
        assert (outcome.code, outcome.err) == (0, ""), method
        assert method in outcome.out
    assert "information, bits" in run("explain", TEXT, "--method", "iba", "--model", run.classifier).out
    assert_one_line(
        run("explain", TEXT, "--method", "saliency", "--model", run.classifier, "--removal", "pad"),
        "--removal does not go with --method saliency, but with 'search', 'group-masks', 'word-masks', 'lime', "
        "'shapley', 'leave-one-out'; elision methods saliency lists its options",
    )


def test_l2x_from_a_folder(run: Command, tmp_path: Path) -> None:
    folder = tmp_path / "fitted"
    elision.L2X(n_epochs=1).fit(run.classifier, [TEXT, "a bad film"]).save(folder)
    outcome = run("explain", TEXT, "--method", "l2x", "--explainer", str(folder), "--model", run.classifier)
    assert (outcome.code, outcome.err) == (0, "")
    assert "probability of being chosen" in outcome.out
    assert_one_line(
        run("explain", TEXT, "--method", "l2x", "--model", run.classifier),
        "--method l2x needs --explainer FOLDER; fit it in Python first: "
        'elision.L2X().fit("MODEL", texts).save("FOLDER")',
    )
    assert_one_line(
        run("explain", TEXT, "--explainer", str(folder), "--model", run.classifier),
        "--explainer goes with --method l2x, got marginalization",
    )


def test_token_units_cut_words(run: Command) -> None:
    assert len(run.explained("a meaningful film").units) == 3
    assert len(run.explained("a meaningful film", "--units", "token").units) > 3


def test_top_shows_so_many_words(run: Command) -> None:
    table = (
        run.explain("a good film , well made", "--top", "2").out.split("score\n")[1].split("without it:")[0].rstrip()
    )
    assert len(table.split("\n")) == 2


def test_a_text_that_was_cut_is_a_note_and_no_warning(run: Command) -> None:
    outcome = run.explain("a good film " * 40, "--top", "1")
    assert (outcome.code, outcome.err) == (0, "")
    assert "note: the model reads 64 tokens; the text after them is left out" in outcome.out


def test_escapes_in_a_text_do_not_reach_the_terminal(run: Command) -> None:
    outcome = run.explain("a \x1b[31mgood\x1b]0;title\x07 film\x9b2J")
    assert outcome.code == 0
    assert not set(outcome.out) & set("\x1b\x07\x9b")
