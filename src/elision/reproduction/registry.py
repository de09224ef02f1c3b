"""The studies by name; nothing that takes time is imported before one is run."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from elision.errors import OptionError, brief, did_you_mean

if TYPE_CHECKING:
    from elision.reproduction.context import StudyContext
    from elision.reproduction.result import Result


@dataclass(frozen=True)
class Study:
    """A table or figure.

    Attributes:
        name: as the command calls it.
        shows: what it is, in a few words.
        paper: what the paper found, in short.
        module: where its function is, which is called as the name, - being _.
        limit: how many examples by default; None for all.
    """

    name: str
    shows: str
    paper: str
    module: str
    limit: int | None = 100

    def run(self, context: StudyContext) -> Result:
        """Return what the study finds."""
        function = getattr(import_module(f"elision.reproduction.{self.module}"), self.name.replace("-", "_"))
        found: Result = function(context)
        return found


STUDIES = {
    study.name: study
    for study in (
        Study("im-table1", "accuracies of the explained models", "SST-2 0.73 to 0.86, SNLI 0.63", "accuracy", None),
        Study("im-tablea1", "rows of the data sets", "SST-2 9,613, SNLI 569,033", "accuracy", None),
        Study("im-figure1", "one sentence, erased and marginalized", "unimportant words near 0", "strips", 1),
        Study("im-figure2", "marginalization on SST-2 and SNLI", "words that decide are marked", "strips", 3),
        Study("im-figure3a", "zero erasure and marginalization side by side", "clearer than erasure", "strips", 2),
        Study("im-figure3b", "curves of AUC_rep", "marginalization falls fastest", "erasure"),
        Study("im-table2", "AUC_rep of erasures and marginalization", "0.528, 0.517, ours 0.497", "erasure"),
        Study("im-tags", "scores against SST's tags of words", "IoT 0.72 (zero 0.64), neutral 0.053 (0.175)", "tags"),
        Study("im-figure4", "models side by side on the same texts", "BERT sees what LSTM misses", "strips", 2),
        Study("im-sides", "premise against hypothesis", "hypotheses weigh twice as much", "sides"),
        Study("im-figure5", "uniform, prior, pre-trained, fine-tuned", "the better the clearer", "likelihoods", 50),
        Study("im-table3", "truncation against the full sum", "0.9999 at 1e-5 with 791 words", "truncation", 6),
        Study("im-tablea2", "correlation with zero erasure", "Pearson 0.59, Spearman 0.54", "erasure"),
        Study("im-tablea3", "AUC_rep of gradients and LIME", "0.526 to 0.662, ours 0.497", "erasure"),
        Study("im-figurea1", "more sentences of SST-2", "strips", "strips", 3),
        Study("im-figurea2", "more pairs of SNLI", "strips", "strips", 3),
        Study("im-figurea3", "more of erasure and marginalization", "strips", "strips", 6),
        Study("gmask-figure1", "groups of words of a pair", "guitar and banjo in one group", "pairs", 1),
        Study("gmask-table1", "accuracies on the test splits", "DAttn 68 to 87 %, BERT 84 to 90 %", "accuracy", None),
        Study("gmask-table2", "AOPC of all methods", "GMASK leads in 6 of 8", "faithfulness"),
        Study("gmask-figure3", "post-hoc accuracy of all methods", "GMASK about 0.8 on 4 words", "faithfulness"),
        Study("gmask-table3", "the top four words of two pairs", "GMASK finds both sides' words", "pairs", 1),
        Study("gmask-table4", "degradation scores of all methods", "GMASK leads in 8 of 8", "faithfulness"),
        Study("gmask-figure4", "degradation curves on e-SNLI", "GMASK opens widest", "faithfulness"),
        Study("gmask-table5", "statistics of the data sets", "e-SNLI 549K, Quora 384K, MRPC 3,668", "accuracy", None),
        Study("gmask-table6", "accuracies on the dev splits", "DAttn 74 to 88 %, BERT 87 to 91 %", "accuracy", None),
        Study("gmask-table7", "seconds an example", "GMASK 11 and 43 s on a GTX 1080", "pairs", 10),
        Study("gmask-table8", "the top four words of more pairs", "as Table 3", "pairs", 2),
        Study(
            "robust-models", "masked training: do methods and removals agree more", "[MASK] is nothing new", "robust"
        ),
        Study("shortcuts", "precision at planted words that decide", "popular methods miss simple ones", "shortcuts"),
    )
}


def find_study(name: str) -> Study:
    """Return a study by name.

    Raises:
        OptionError: there is none.
    """
    if name not in STUDIES:
        meant = did_you_mean(name, STUDIES)
        raise OptionError(f"there is no study {brief(repr(name))}{meant or ';'} elision study list shows their names")
    return STUDIES[name]
