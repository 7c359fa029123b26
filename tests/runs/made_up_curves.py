"""Curves made up for tests: each argument is a list of values, an epoch each."""

import pandas as pd

from covidlab.config import TrainingConfig
from covidlab.runs.learning_curves import CROSSED_COLUMNS, Curves


def falling(start: float, end: float, num_epochs: int = 20) -> list[float]:
    """Values that fall, or rise, by the same factor from epoch to epoch."""
    return [start * (end / start) ** (epoch / (num_epochs - 1)) for epoch in range(num_epochs)]


def curves(
    loss,
    *,
    val_loss=None,
    accuracy: float | list = 0.9,
    val_accuracy: float | list = 0.9,
    crossed: tuple[float, float, float] | None = None,
    num_validation: int = 10,
    infinite_in: int | None = None,
    **settings,
) -> Curves:
    """Curves of a run that has come as far as ``loss``; ``crossed`` is its cross-validated accuracy with the interval."""
    epochs = range(1, len(loss) + 1)
    columns = {"loss": loss, "val_loss": loss if val_loss is None else val_loss}
    columns |= {"accuracy": accuracy, "val_accuracy": val_accuracy}
    honest = None if crossed is None else pd.DataFrame([[len(loss), *crossed]], columns=CROSSED_COLUMNS)
    return Curves(
        history=pd.DataFrame({"epoch": epochs, **columns}),
        num_validation=num_validation,
        config=TrainingConfig(dataset="X-rays", epochs=max(len(loss), 1), **settings),
        crossed=honest,
        infinite_in=infinite_in,
    )
