"""``python -m covidlab``."""

import sys

from covidlab.environment import use_project_environment

use_project_environment()

from covidlab.cli import main  # noqa: E402  the packages may live in the project's environment only

sys.exit(main())
