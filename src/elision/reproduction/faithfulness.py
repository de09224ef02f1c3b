"""Group masks' tables of faithfulness: AOPC, post-hoc accuracy and degradation (Chen et al. 2021, Section 5.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from elision.errors import ElisionError
from elision.game.engine import Engine
from elision.metrics.perturbation import aopc, degradation, post_hoc_accuracy
from elision.models.model import Model
from elision.reproduction.context import Explained, StudyContext, quiet_engine
from elision.reproduction.frame import ORIGINS, PAIR_DATA, PAIR_MODELS, Missing, lead
from elision.reproduction.methods import GMASK, GMASK_EXPECTED, L2X_TEXTS, OF_PAIRS
from elision.reproduction.result import Cell, Picture, Result, Row
from elision.results.explanation import Explanation
from elision.results.measurement import Curve, Measurement

REMOVALS = ("zero", "delete", "mask")

# Tables 2 and 4: model -> method -> e-SNLI, Quora, QQP, MRPC.
AOPC = {
    "DAttn": {
        "LIME": (0.286, 0.120, 0.079, 0.064),
        "L2X": (0.299, 0.128, 0.079, 0.035),
        "IBA": (0.354, 0.137, 0.104, 0.109),
        "IMASK": (0.324, 0.140, 0.087, 0.064),
        "GMASK": (0.361, 0.142, 0.095, 0.091),
    },
    "BERT": {
        "LIME": (0.221, 0.153, 0.110, 0.062),
        "L2X": (0.310, 0.119, 0.134, 0.083),
        "IBA": (0.282, 0.199, 0.144, 0.114),
        "IMASK": (0.292, 0.232, 0.139, 0.130),
        "GMASK": (0.319, 0.309, 0.181, 0.200),
    },
}
DEGRADATION = {
    "DAttn": {
        "LIME": (0.502, 0.070, 0.091, 1.367),
        "L2X": (0.366, 0.002, 0.036, 1.779),
        "IBA": (0.423, 0.110, 0.197, 2.775),
        "IMASK": (0.436, 0.152, 0.214, 2.037),
        "GMASK": (0.620, 0.178, 0.238, 2.790),
    },
    "BERT": {
        "LIME": (0.188, 0.192, 0.087, 0.018),
        "L2X": (0.303, 0.168, 0.173, -0.003),
        "IBA": (0.166, 0.038, 0.176, 0.050),
        "IMASK": (0.369, 0.303, 0.172, 0.251),
        "GMASK": (0.576, 0.726, 0.707, 0.533),
    },
}

Measure = Callable[[Model, list[Explanation], str, Engine, int], Measurement]
Place = tuple[str, str, str]


@dataclass
class Grid:
    """Measurements of all methods, models, data sets and removals.

    Attributes:
        measured: (model, removal, data set) -> method -> measurement.
        missing: what is not there.
        cells: the same places and methods, where there is none.
    """

    measured: dict[Place, dict[str, Measurement]] = field(default_factory=dict)
    missing: Missing = field(default_factory=Missing)
    cells: dict[tuple[Place, str], Cell] = field(default_factory=dict)

    def refuse(self, place: Place, method: str, what: str, error: ElisionError) -> None:
        """Note why a place has no measurement."""
        self.cells[place, method] = self.missing.cell(what, error)


def explained(context: StudyContext, data: str, kind: str) -> Explained:
    """Return explanations by all methods of the table; the tables share them."""
    model = f"{data}-{kind}"
    context.model(model)
    return context.explain(model, OF_PAIRS, context.examples(data), "word")


def measure_all(context: StudyContext, measure: Measure, data_sets: Mapping[str, str] = PAIR_DATA) -> Grid:
    """Return a metric of all methods, models, data sets and removals.

    Raises:
        ElisionError: no data set and model is there.
    """
    grid = Grid()
    for data_title, data in data_sets.items():
        for model_title, kind in PAIR_MODELS.items():
            places: list[Place] = [(model_title, removal, data_title) for removal in REMOVALS]
            try:
                context.split(data)
                found = explained(context, data, kind)
            except ElisionError as error:
                for place in places:
                    for method in OF_PAIRS:
                        grid.refuse(place, method.title, f"{data_title}, {model_title}", error)
                continue
            for place in places:
                _measure_place(grid, place, found, measure, context.seed)
            for title, reason in found.refused.items():
                for place in places:
                    grid.refuse(place, title, f"{title}, {model_title}, {data_title}", reason)
    grid.missing.require(grid.measured)
    return grid


def _measure_place(grid: Grid, place: Place, found: Explained, measure: Measure, seed: int) -> None:
    engine = quiet_engine(found.model)
    for title, explanations in found.by_method.items():
        try:
            grid.measured.setdefault(place, {})[title] = measure(found.model, explanations, place[1], engine, seed)
        except ElisionError as error:
            grid.refuse(place, title, f"removal {place[1]} of {place[0]}", error)


def gmask_table2(context: StudyContext) -> Result:
    """Return AOPC at U = 10."""
    grid = measure_all(context, lambda m, e, r, engine, seed: aopc(m, e, removal=r, engine=engine, seed=seed))
    return _table(context, grid, "AOPC, U = 10 (Chen et al. 2021, Table 2); higher is better", AOPC)


def gmask_table4(context: StudyContext) -> Result:
    """Return degradation scores."""
    grid = measure_all(context, lambda m, e, r, engine, seed: degradation(m, e, removal=r, engine=engine, seed=seed))
    return _table(context, grid, "Degradation scores (Chen et al. 2021, Table 4); higher is better", DEGRADATION)


def gmask_figure3(context: StudyContext) -> Result:
    """Return post-hoc accuracy on the top 1 to 10 words."""
    grid = measure_all(
        context, lambda m, e, r, engine, seed: post_hoc_accuracy(m, e, removal=r, engine=engine, seed=seed)
    )
    title = "Post-hoc accuracy, mean over the top 1 to 10 words (Chen et al. 2021, Figure 3); higher is better"
    pictures = tuple(
        Picture(
            _file_part(place),
            "curves",
            curves={name: one.curves["post-hoc-accuracy"] for name, one in measured.items()},
        )
        for place, measured in grid.measured.items()
    )
    remarks = ("the paper draws curves and gives no figures; it says about 0.8 for GMASK and BERT, but on MRPC",)
    return _table(context, grid, title, {}, pictures, remarks)


def gmask_figure4(context: StudyContext) -> Result:
    """Return degradation curves; the paper draws those of decomposable attention on e-SNLI."""
    grid = measure_all(
        context,
        lambda m, e, r, engine, seed: degradation(m, e, removal=r, engine=engine, seed=seed),
        {"e-SNLI": PAIR_DATA["e-SNLI"]},
    )
    pictures = tuple(
        Picture(_file_part(place), "degradation", both={name: _both(one) for name, one in measured.items()})
        for place, measured in grid.measured.items()
    )
    title = "Degradation curves on e-SNLI (Chen et al. 2021, Figure 4), with their scores; higher is better"
    return _table(context, grid, title, DEGRADATION, pictures, data_titles=("e-SNLI",))


def _both(measured: Measurement) -> tuple[Curve, Curve]:
    return measured.curves["MoRF"], measured.curves["LeRF"]


def _file_part(place: Place) -> str:
    return "-".join(part.lower().replace("-", "") for part in (place[0], place[2], place[1]))


def _table(
    context: StudyContext,
    grid: Grid,
    title: str,
    paper: Mapping[str, Mapping[str, tuple[float, ...]]],
    pictures: tuple[Picture, ...] = (),
    remarks: tuple[str, ...] = (),
    data_titles: tuple[str, ...] = tuple(PAIR_DATA),
) -> Result:
    """Return a row for each model, removal and method; the paper's figures stand in the rows of its own removal."""
    rows = []
    for model in PAIR_MODELS:
        for removal in REMOVALS:
            for method in OF_PAIRS:
                known = paper.get(model, {}).get(method.title) if removal == "zero" else None
                cells = []
                for i, data in enumerate(data_titles):
                    value = None if known is None else known[i]
                    cells.append(_cell(grid, (model, removal, data), method.title, value))
                rows.append(Row((model, removal, method.title), tuple(cells)))
    return Result(
        title,
        ("model", "removal", "method"),
        data_titles,
        tuple(rows),
        setting_of_pairs(context),
        (*remarks, *_leads(grid), _SHARED, *grid.missing.remarks()),
        pictures=pictures,
    )


def _leads(grid: Grid) -> list[str]:
    """Return a line for each model and data set: where GMASK leads."""
    told: dict[str, dict[str, dict[str, Measurement]]] = {}
    for (model, removal, data), measured in grid.measured.items():
        others = {title: one for title, one in measured.items() if title != GMASK_EXPECTED.title}
        told.setdefault(f"{model}, {data}", {})[f"by {removal}"] = others
    return [lead(by_removal, GMASK.title, where) for where, by_removal in told.items()]


def _cell(grid: Grid, place: Place, method: str, paper: float | None) -> Cell:
    measured = grid.measured.get(place, {}).get(method)
    if measured is not None:
        return Cell.of(measured, paper)
    return Cell(paper=paper, reason=grid.cells[place, method].reason if (place, method) in grid.cells else "")


_SHARED = (
    "LIME, IMASK, GMASK and leave-one-out set word embeddings to zero, as in the paper, so that the rows measured by "
    "zero share their removal; delete and mask are the control"
)


def setting_of_pairs(context: StudyContext) -> str:
    """Return in what the tables of pairs differ from the paper's."""
    return (
        f"Setting: {context.limit} test examples drawn by seed {context.seed} (paper: 2,000, MRPC all), SNLI's pairs "
        f"for e-SNLI; {ORIGINS}; DAttn starts from the vectors of a masked language model (paper: fastText); GMASK by "
        f"its exact solver; L2X fitted to at most {L2X_TEXTS:,} training texts (paper: all)."
    )
