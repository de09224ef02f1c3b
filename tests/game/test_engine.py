"""The engine: the plain model's answers, whatever is shared, packed or repeated; memory that runs out; Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from toys.models import build, keyword_model

import elision
from elision import memory
from elision.game.engine import Engine
from elision.models import transformer
from elision.models.budget import TokenBudget
from elision.models.model import Model
from elision.models.rows import TokenRows

TEXT = "the man plays a moving story , well made !"
PAIR = ("the man plays guitar .", "a woman sings on stage")


def blocks_of(model: elision.HuggingFaceModel) -> list[Any]:
    """Rows of several lengths, one of another example's, some of them twice or three times."""
    encoding, other = model.encode(TEXT), model.encode(PAIR)
    known = np.random.default_rng(1).random((9, len(encoding.units))) > 0.3
    deleted = [rows for rows, _ in encoding.delete(np.concatenate([known, known[:4]]))]
    return [
        *deleted[::-1],
        encoding.replace(known, 4),
        encoding.hide(known[::-1]),
        encoding.silence(known[:3]),
        other.untouched,
        encoding.replace(known[2:5], 4),
    ]


def n_different(blocks: Sequence[TokenRows]) -> int:
    """Count rows that differ in an id, in attention or in an embedding's factor."""
    found = set()
    for rows in blocks:
        scale = np.ones(rows.ids.shape) if rows.scale is None else rows.scale
        found |= {
            (rows.ids[i].tobytes(), rows.attended[i].tobytes(), rows.scale is None, scale[i].tobytes())
            for i in range(len(rows))
        }
    return len(found)


def plain(net: Any, rows: TokenRows, takes_types: bool) -> np.ndarray:
    """Send rows through the model by itself, one by one."""
    answers = []
    for i in range(len(rows)):
        inputs = {"attention_mask": torch.from_numpy(rows.attended[i : i + 1].astype(np.int64))}
        ids = torch.from_numpy(rows.ids[i : i + 1].astype(np.int64))
        if takes_types:
            inputs["token_type_ids"] = torch.from_numpy(rows.segment_ids[i : i + 1].astype(np.int64))
        if rows.scale is None:
            inputs["input_ids"] = ids
        else:
            scale = torch.from_numpy(rows.scale[i : i + 1])[:, :, None]
            embeddings = net.get_input_embeddings()(ids)
            inputs["inputs_embeds"] = embeddings * scale.to(embeddings.dtype)
        with torch.no_grad():
            answers.append(torch.softmax(net(**inputs).logits.double(), -1)[0].numpy())
    return np.array(answers)


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
# in float64 and float32 only the order of additions in a batch may differ
@pytest.mark.parametrize(("dtype", "close"), [(torch.float64, 1e-12), (torch.float32, 2e-5)])
@pytest.mark.parametrize(("batch_tokens", "cache_rows"), [(1, 1), (40, 1000), (16384, 1), (16384, 1000)])
def test_answers_are_the_plain_models_row_by_row(
    kind: str, dtype: Any, close: float, batch_tokens: int, cache_rows: int
) -> None:
    net, tokenizer = build(kind)
    model = elision.HuggingFaceModel(net.to(dtype), tokenizer, batch_tokens=batch_tokens)
    blocks = blocks_of(model)
    wanted = [plain(net, rows, model.transformer.takes_types) for rows in blocks]
    engine = Engine(model, cache_rows=cache_rows)
    for _ in range(2):
        for found, expected in zip(engine.evaluate(blocks), wanted, strict=True):
            np.testing.assert_allclose(found, expected, atol=close)
    different = n_different(blocks)
    assert different < sum(map(len, blocks)) - 5
    if cache_rows == 1000:
        assert engine.evaluations == different
    spread = np.concatenate(wanted)
    assert np.ptp(spread, axis=0).max() > 0.01


def test_no_rows_give_no_answers() -> None:
    model = elision.HuggingFaceModel(*build("bert"))
    empty = model.encode(TEXT).replace(np.ones((0, 10), dtype=bool), 4)
    assert [found.shape for found in Engine(model).evaluate([empty])] == [(0, 3)]


class Small(elision.HuggingFaceModel):
    """A model whose memory holds so many tokens at once, padding included."""

    def __init__(self, net: Any, tokenizer: Any, *, room: int, error: Callable[[], Exception], **options: Any) -> None:
        super().__init__(net, tokenizer, **options)
        self.room, self.error, self.areas = room, error, []

    def _check(self, blocks: Sequence[Any]) -> None:
        self.areas.append(sum(map(len, blocks)) * max(rows.length for rows in blocks))
        if self.areas[-1] > self.room:
            raise self.error()

    def answers(self, blocks: Sequence[Any]) -> Any:
        self._check(blocks)
        return super().answers(blocks)

    def gradient(self, rows: Any, target: int) -> Any:
        self._check([rows])
        return super().gradient(rows, target)


def cuda_error() -> Exception:
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def cpu_error() -> Exception:
    return RuntimeError("[enforce fail] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")


ERRORS = (cuda_error, cpu_error, lambda: RuntimeError("not enough memory: you tried to allocate 9 bytes"), MemoryError)


@pytest.mark.parametrize("error", ERRORS)
def test_out_of_memory_halves_the_batch_goes_on_and_is_remembered(error: Callable[[], Exception]) -> None:
    net, tokenizer = build("bert")
    net = net.double()
    model = Small(net, tokenizer, room=100, error=error)
    blocks = blocks_of(model)
    engine = Engine(model)
    found = engine.evaluate(blocks)
    for answer, rows in zip(found, blocks, strict=True):
        np.testing.assert_allclose(answer, plain(net, rows, takes_types=True), atol=1e-12)
    assert max(model.areas) > 100, "memory was short"
    assert model.describe()["batch_tokens"] <= 100
    assert engine.evaluations == n_different(blocks)
    seen = len(model.areas)
    Engine(model).evaluate(blocks)
    assert max(model.areas[seen:]) <= 100, "what did not fit once is not tried again"


def test_gradients_halve_too() -> None:
    net, tokenizer = build("bert")
    net = net.double()
    model = Small(net, tokenizer, room=40, error=cuda_error)
    rows = model.encode(TEXT).silence(np.random.default_rng(0).random((7, 10)) > 0.5)
    wanted = elision.HuggingFaceModel(net, tokenizer).gradient(rows, 1)
    engine = Engine(model)
    for found, expected in zip(engine.differentiate(rows, 1), wanted, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-12)
    assert engine.evaluations == 7


def test_a_single_row_that_does_not_fit_is_told() -> None:
    model = Small(*build("bert"), room=1, error=cuda_error)
    message = r"^memory does not suffice for a single row \(CUDA out of memory.*\); shorten the text, free memory, or"
    with pytest.raises(elision.ModelError, match=message):
        elision.LeaveOneOut()(model, TEXT)


def test_other_errors_are_not_taken_for_short_memory() -> None:
    model = Small(*build("bert"), room=50, error=lambda: RuntimeError("shapes do not match"))
    with pytest.raises(RuntimeError, match="shapes do not match"):
        elision.LeaveOneOut()(model, TEXT)
    assert model.transformer.batch_tokens == 16384
    assert not memory.is_out_of_memory(ValueError("out of memory"))


def test_a_function_of_texts_is_asked_for_fewer() -> None:
    inner = keyword_model().function
    sizes: list[int] = []

    def answer(texts: list[Any]) -> Any:
        sizes.append(len(texts))
        if len(texts) > 3:
            raise MemoryError
        return inner(texts)

    model = elision.BlackBox(answer, ["negative", "positive"])
    text = "a good film , not a bad one"
    wanted = elision.LeaveOneOut(removal="mask")(keyword_model(), text).scores
    np.testing.assert_allclose(elision.LeaveOneOut(removal="mask")(model, text).scores, wanted, atol=1e-12)
    assert model.batch_size <= 3
    assert sizes[0] == 1
    assert max(sizes) == 8


def test_a_model_that_forgets_is_still_served_in_halves() -> None:
    class Forgetful(Small):
        def shrink(self, n_rows: int, length: int) -> None:
            Model.shrink(self, n_rows, length)

    net, tokenizer = build("bert")
    model = Forgetful(net.double(), tokenizer, room=60, error=cuda_error)
    found = Engine(model).evaluate(blocks_of(model))
    for answer, rows in zip(found, blocks_of(model), strict=True):
        np.testing.assert_allclose(answer, plain(net, rows, takes_types=True), atol=1e-12)


def test_the_likelihood_model_halves_its_batches(masked_lm: Any, bert: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = elision.InputMarginalization(masked_lm, threshold=0.01)(bert, TEXT).scores
    likelihood = elision.MaskedLanguageModel(masked_lm.transformer.model, masked_lm.transformer.tokenizer)
    net, areas = likelihood.transformer, []
    forward = net.forward

    def short(blocks: Any) -> Any:
        areas.append(sum(map(len, blocks)) * blocks[0].length)
        if areas[-1] > 30:
            raise cuda_error()
        return forward(blocks)

    monkeypatch.setattr(net, "forward", short)
    found = elision.InputMarginalization(likelihood, threshold=0.01)(bert, TEXT)
    np.testing.assert_allclose(found.scores, wanted, atol=1e-9)
    assert max(areas) > 30
    assert net.batch_tokens <= 30
    assert found.provenance["likelihood_evaluations"] == 10


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_stops_a_run_leaves_a_clean_state(error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    net, tokenizer = build("bert")
    net = net.double()
    wanted = elision.LeaveOneOut(removal="mask")(elision.HuggingFaceModel(net, tokenizer), TEXT).scores
    net.train()
    net.bert.encoder.layer[0].eval()
    modes = [module.training for module in net.modules()]
    model = elision.HuggingFaceModel(net, tokenizer, batch_tokens=40)
    # The first rows also decide whether the last block is run whole, and what may share a batch.
    elision.LeaveOneOut(removal="mask")(model, "a film")
    forward, calls = net.forward, []

    def interrupted(*args: Any, **inputs: Any) -> Any:
        calls.append(len(inputs["input_ids"]))
        assert not net.training
        if len(calls) == 3:
            raise error
        return forward(*args, **inputs)

    monkeypatch.setattr(net, "forward", interrupted)
    engine = Engine(model)
    method = elision.LeaveOneOut(removal="mask")
    with pytest.raises(elision.ModelError if error is ValueError else error):
        method(model, TEXT, engine=engine)
    assert [module.training for module in net.modules()] == modes
    finished = sum(calls[:2])
    assert engine.evaluations == finished > 1
    assert engine.progress._depth == 0
    calls.append(0)
    again = method(model, TEXT, engine=engine)
    assert sum(calls[4:]) == 11 - finished, "answers of finished batches are not asked for again"
    np.testing.assert_allclose(again.scores, wanted, atol=1e-9)


def test_eight_methods_on_one_engine_cost_little_more_than_the_dearest(bert: Any, masked_lm: Any) -> None:
    methods = [
        elision.InputMarginalization(masked_lm, threshold=0),
        elision.InputMarginalization(masked_lm, threshold=0.01, behaviour="probability"),
        elision.InputMarginalization(masked_lm, threshold=0, original="exclude"),
        elision.InputMarginalization(masked_lm, tolerance=0.2),
        elision.LeaveOneOut(removal="drop"),
        elision.LeaveOneOut(removal="drop", behaviour="probability"),
        elision.LeaveOneOut(removal="mask"),
        elision.Random(),
    ]
    alone = [method(bert, TEXT).provenance["evaluations"] for method in methods]
    assert sum(alone) > 2.5 * max(alone)
    engine = Engine(bert)
    for method in methods:
        elision.explain(TEXT, method=method, engine=engine)
    assert engine.evaluations < 1.1 * max(alone)


def test_explain_shares_an_engine_and_its_budget(bert: Any, keywords: Any) -> None:
    engine = elision.Engine(bert, budget=22)
    first = elision.explain(TEXT, method="leave-one-out", removal="mask", engine=engine)
    again = elision.explain(TEXT, model=bert, method="leave-one-out", removal="mask", engine=engine)
    assert (first.provenance["evaluations"], again.provenance["evaluations"]) == (11, 0)
    elision.explain(TEXT, method="leave-one-out", removal="unk", engine=engine)
    with pytest.raises(elision.BudgetError, match="got 22"):
        elision.explain(TEXT, method="leave-one-out", removal="pad", engine=engine)
    with pytest.raises(elision.OptionError, match="budget is a setting of the engine that is shared"):
        elision.explain(TEXT, method="leave-one-out", engine=engine, budget=3)
    with pytest.raises(elision.OptionError, match="the engine given belongs to the model tiny-bert, not to keywords"):
        elision.explain(TEXT, model=keywords, method="leave-one-out", engine=engine)


def feed(budget: TokenBudget, speed: Callable[[int], float], n: int = 40) -> list[int]:
    """Run full batches at a speed that depends on their size; return the budget before each."""
    seen = []
    for _ in range(n):
        seen.append(budget.tokens)
        budget.report(budget.tokens, budget.tokens / speed(budget.tokens))
    return seen


def test_a_budget_by_trial_doubles_while_it_pays() -> None:
    seen = feed(TokenBudget(100, by_trial=True), lambda tokens: min(tokens, 1000))
    assert seen[:10] == [100, 100, 200, 200, 400, 400, 800, 800, 1600, 1600]
    assert seen[10:14] == [3200, 3200, 1600, 1600], "1,600 was faster than 800, 3,200 not than 1,600"
    assert set(seen[12:]) == {1600}
    assert max(feed(TokenBudget(1 << 18, by_trial=True), float)) == 1 << 20
    assert set(feed(TokenBudget(100), float)) == {100}


def test_a_trial_ends_where_memory_does_and_ignores_half_empty_batches() -> None:
    budget = TokenBudget(100, by_trial=True)
    for _ in range(9):
        budget.report(50, 1e-3)
    assert budget.tokens == 100
    feed(budget, float, 4)
    assert budget.tokens == 400
    budget.shrink(380)
    assert set(feed(budget, float)) == {190}
    budget.shrink(1)
    assert budget.tokens == 1


def test_batches_follow_a_budget_that_changes_on_the_way() -> None:
    model = elision.HuggingFaceModel(*build("bert"), batch_tokens=100)
    sizes = []
    for batch in model.batches(np.full(30, 10)):
        sizes.append(len(batch))
        model.shrink(len(batch), 10)
    assert sizes == [10, 5, 2, *[1] * 13]


def test_predictions_are_timed_for_the_trial() -> None:
    model = elision.HuggingFaceModel(*build("bert"))
    model.transformer.budget = TokenBudget(60, by_trial=True)
    elision.LeaveOneOut(removal="mask")(model, TEXT)
    elision.LeaveOneOut(removal="unk")(model, TEXT)
    assert model.transformer.batch_tokens > 60


class FakeTensor:
    """Records how a tensor travels."""

    def __init__(self) -> None:
        self.log: list[Any] = []

    def pin_memory(self) -> FakeTensor:
        self.log.append("pinned")
        return self

    def to(self, device: torch.device, **options: Any) -> FakeTensor:
        self.log.append((device.type, options))
        return self


def test_tensors_travel_to_cuda_from_pinned_memory() -> None:
    fast, plain_one = FakeTensor(), FakeTensor()
    transformer.send(fast, torch.device("cuda"))  # type: ignore[arg-type]
    transformer.send(plain_one, torch.device("cpu"))  # type: ignore[arg-type]
    assert fast.log == ["pinned", ("cuda", {"non_blocking": True})]
    assert plain_one.log == [("cpu", {})]


def test_memory_is_given_back_on_cuda_before_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    emptied: list[bool] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: emptied.append(True))

    def work(index: Any) -> int:
        if len(index) > 2:
            raise cuda_error()
        return int(index.sum())

    told: list[int] = []
    found = list(memory.halving(np.arange(5), work, told.append))
    assert [index.tolist() for index, _ in found] == [[0, 1], [2], [3, 4]]
    assert [total for _, total in found] == [1, 2, 7]
    assert told == [5, 3]
    assert len(emptied) == 2


def test_a_shared_engine_answers_the_second_method_from_memory(bert: elision.HuggingFaceModel) -> None:
    engine, text = Engine(bert), "a good film"
    first = elision.LeaveOneOut(removal="mask")(bert, text, engine=engine)
    second = elision.LeaveOneOut(removal="mask", behaviour="probability")(bert, text, engine=engine)
    assert (first.provenance["evaluations"], second.provenance["evaluations"]) == (4, 0)
