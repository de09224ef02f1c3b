"""Embeddings of a row's tokens, found and replaced however a model asks for them."""

from __future__ import annotations

import pytest
import torch
from toys.models import build

from elision.models.lookups import embedding_layer, embeddings_of, is_asked, replace_found

IDS = torch.tensor([[4, 5, 6], [7, 8, 9]])
TABLE = torch.arange(40.0).reshape(20, 2)


def tenfold(own: torch.Tensor) -> torch.Tensor:
    return 10 * own


def test_as_rows() -> None:
    found = replace_found(IDS, tenfold, None, (IDS,), TABLE[IDS])
    assert torch.equal(found, 10 * TABLE[IDS])


def test_as_rows_that_the_model_made_longer() -> None:
    longer = torch.cat([IDS, torch.tensor([[1], [1]])], dim=1)
    found = replace_found(IDS, tenfold, None, (longer,), TABLE[longer])
    assert torch.equal(found[:, :3], 10 * TABLE[IDS])
    assert torch.equal(found[:, 3:], TABLE[longer[:, 3:]])


def test_as_columns() -> None:
    found = replace_found(IDS, tenfold, None, (IDS.T,), TABLE[IDS.T])
    assert torch.equal(found, 10 * TABLE[IDS.T])


def test_as_a_decoder_reads_them_behind_a_start_token() -> None:
    shifted = torch.cat([torch.tensor([[2], [2]]), IDS[:, :-1]], dim=1)
    seen = []

    def change(own: torch.Tensor) -> torch.Tensor:
        seen.append(own)
        return 10 * own

    found = replace_found(IDS, change, None, (shifted,), TABLE[shifted])
    # The last token's embedding is not asked for: in its place stands 0.
    assert torch.equal(seen[0], torch.cat([TABLE[IDS[:, :-1]], torch.zeros(2, 1, 2)], dim=1))
    assert torch.equal(found[:, 0], TABLE[[2, 2]])
    assert torch.equal(found[:, 1:], 10 * TABLE[IDS[:, :-1]])


def test_other_tokens_are_left_alone() -> None:
    other = IDS + 1
    assert replace_found(IDS, tenfold, None, (other,), TABLE[other]) is None
    assert not is_asked(IDS, (other,))
    assert not is_asked(IDS, ())
    assert not is_asked(IDS, (IDS[0],))
    assert is_asked(IDS, (IDS.T,))


def test_what_stands_beside_the_embeddings_stays() -> None:
    found = replace_found(IDS, tenfold, None, (IDS,), (TABLE[IDS], 0.5))
    assert torch.equal(found[0], 10 * TABLE[IDS])
    assert found[1] == 0.5
    assert torch.equal(embeddings_of((TABLE, 0.5)), TABLE)


def test_leaves_of_the_graph_are_copied_lest_they_change_in_place() -> None:
    leaf = TABLE[IDS].requires_grad_()
    found = replace_found(IDS, lambda own: leaf, None, (IDS,), TABLE[IDS])
    found.mul_(2)
    assert torch.equal(leaf, TABLE[IDS])


@pytest.mark.parametrize("kind", ["bert", "gpt2", "xlnet"])
def test_the_layer_that_embeds(kind: str) -> None:
    net, tokenizer = build(kind)
    layer = embedding_layer(net)
    assert layer is net.get_input_embeddings()
    assert layer.weight.shape[0] == len(tokenizer)
    assert embedding_layer(torch.nn.Linear(2, 2)) is None
