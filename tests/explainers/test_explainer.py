"""What every explainer does alike: the class that it explains."""

from __future__ import annotations

import numpy as np
import pytest

import elision

TEXT = "a good film"


def test_targets(bert: elision.HuggingFaceModel) -> None:
    explanation = elision.LeaveOneOut()(bert, TEXT)
    assert explanation.target == explanation.predicted
    other = next(label for label in bert.labels if label != explanation.predicted)
    by_name, by_index = (elision.LeaveOneOut()(bert, TEXT, target=t) for t in (other, bert.labels.index(other)))
    np.testing.assert_array_equal(by_name.scores, by_index.scores)
    np.testing.assert_allclose(by_name.scores, explanation.scores_for(other), atol=1e-9)
    for wrong in ("joy", 3, -1, True, 1.0):
        with pytest.raises(elision.TargetError, match=r"the model has no class .*; it has LABEL_0, LABEL_1, LABEL_2"):
            elision.LeaveOneOut()(bert, TEXT, target=wrong)
