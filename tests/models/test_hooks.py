"""Hooks: copies bear none of somebody else's."""

from __future__ import annotations

import torch
from toys.models import build


def test_copies_bear_no_hooks_of_somebody_who_asks_meanwhile() -> None:
    from elision.models.hooks import copied, hooked

    net, _ = build("bert")
    with hooked(net.classifier.register_forward_hook, lambda *_: torch.zeros(1, 3)):
        twin = copied(net)
        assert net.classifier._forward_hooks
    assert not twin.classifier._forward_hooks
