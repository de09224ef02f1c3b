"""How many weights a network has, and how many of them every token goes through."""

from __future__ import annotations

import torch

from elision.models.weights import n_inner, n_weights


def test_tables_are_looked_up_and_layers_gone_through() -> None:
    net = torch.nn.Sequential(torch.nn.Embedding(50, 4), torch.nn.Linear(4, 6), torch.nn.Linear(6, 2, bias=False))
    assert n_weights(net) == 50 * 4 + (4 * 6 + 6) + 6 * 2
    assert n_inner(net) == 30 + 12


def test_a_table_that_two_modules_share_counts_once() -> None:
    table = torch.nn.Embedding(50, 4)
    again = torch.nn.Embedding(50, 4)
    again.weight = table.weight
    net = torch.nn.ModuleList([table, again, torch.nn.Linear(4, 2)])
    assert (n_weights(net), n_inner(net)) == (210, 10)
