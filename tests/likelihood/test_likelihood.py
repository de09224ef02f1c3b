"""Word lists and counted texts as likelihoods."""

from __future__ import annotations

import numpy as np
import pytest

import elision

TEXT = "a good film"


def test_prior_and_uniform(bert: elision.HuggingFaceModel, keywords: elision.BlackBox) -> None:
    with pytest.raises(elision.OptionError, match="texts must hold at least one text"):
        elision.UnigramPrior([])
    with pytest.raises(elision.OptionError, match="texts must be an iterable of texts, not one text"):
        elision.UnigramPrior("a good film")
    with pytest.raises(elision.UnsupportedError, match=r"keywords has no vocabulary: .* Uniform\(words=\[...\]\)"):
        elision.InputMarginalization("uniform")(keywords, TEXT)
    with pytest.raises(elision.UnsupportedError, match="knows no token of the prior's texts"):
        elision.InputMarginalization(elision.UnigramPrior(["漢字"]))(bert, TEXT)
    words = elision.InputMarginalization(elision.Uniform(["good", "bad"]), n_candidates=None)(keywords, TEXT, target=1)
    assert [c.word for c in words.candidates[1]] == ["bad", "good"]
    assert np.isnan(words.likelihoods[0])
    assert words.likelihoods[1] == 0.5
    sigmoid = 1 / (1 + np.exp(-np.array([2.5, -2.5])))
    wanted = np.log2(sigmoid[0] / (1 - sigmoid[0])) - np.log2(sigmoid.mean() / (1 - sigmoid.mean()))
    assert words.scores[1] == pytest.approx(wanted, abs=1e-9)
    counted = elision.InputMarginalization(elision.UnigramPrior(["good good bad", "bad good ."]))(keywords, TEXT)
    assert counted.likelihoods[1] == pytest.approx(0.5)
