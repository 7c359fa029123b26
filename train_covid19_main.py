"""The published script's command line, over covidlab: ``python3 train_covid19_main.py --dataset dataset``."""

import sys

from covidlab.environment import use_project_environment

use_project_environment()

from covidlab.cli.published import train_as_published  # noqa: E402  the packages may live in the project's environment only

if __name__ == "__main__":
    sys.exit(train_as_published())
