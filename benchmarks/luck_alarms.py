"""How often the luck meter calls a sweep more than luck where there is nothing to find: classes given to patients at random."""

import numpy as np
from common import fresh_home, print_load, print_target, read_options

ALARMS_TARGET = 0.05


def main() -> None:
    """Give the classes to patients at random again and again, and measure luck each time with real heads."""
    options = read_options(
        __doc__,
        sets={"type": int, "default": 100, "help": "how often the classes are given at random"},
        seed={"type": int, "default": 1, "help": "of how the classes are given"},
        trials={"type": int, "default": 20, "help": "trials of each sweep"},
    )
    print_load()
    with fresh_home():
        from covidlab.config import TrainingConfig
        from covidlab.data.catalog import load_catalog
        from covidlab.evaluation.luck import permuted_over_patients
        from covidlab.evaluation.luck_heads import measure_luck
        from covidlab.evaluation.sweep_heads import SweepData, sweep_folds
        from covidlab.evaluation.sweep_proposals import drawn_at_random
        from covidlab.evaluation.sweep_space import SweepConfig
        from covidlab.learning.backbones import find_backbone
        from covidlab.learning.device import select_device
        from covidlab.learning.film_activations import FilmActivations
        from covidlab.learning.updates import UpdateRule

        catalog, config = load_catalog(options.dataset), TrainingConfig(dataset="")
        activations = FilmActivations(
            catalog, find_backbone(config.backbone), preset="default", fine_tune="head", device=select_device("cpu")
        )
        films, patients = np.arange(catalog.num_films), catalog.films["patient_id"].to_numpy()
        features = np.stack([activations.features(films, view) for view in range(config.views)], axis=1)
        settings = drawn_at_random(SweepConfig(trials=options.trials))
        alarms = []
        for number, labels in enumerate(
            permuted_over_patients(catalog.labels, patients, seed=options.seed, number=options.sets)
        ):
            data = SweepData(
                features=features,
                labels=labels,
                num_classes=2,
                folds=sweep_folds(labels, patients),
                rule=UpdateRule(),
                seed=config.seed,
            )
            luck = measure_luck(data, settings, patients, seed=1000 + number)
            alarms.append(luck.is_beyond)
            print(
                f"{number + 1}: best {luck.best:.2f}, by luck up to {max(luck.by_chance):.2f}, p {luck.p:.2f}",
                flush=True,
            )
    print(f"called more than luck: {sum(alarms)} of {len(alarms)} sets")
    print_target("share of the sets", float(np.mean(alarms)), target=ALARMS_TARGET, unit="of 1")


if __name__ == "__main__":
    main()
