"""``python -m covidlab``."""

import sys

from covidlab.environment import use_project_environment

is_doctor = sys.argv[1:2] == ["doctor"]
use_project_environment(is_needed=not is_doctor)

if is_doctor:
    # Not by way of the other commands: it says what is missing, so nothing may be missing for it.
    from covidlab.doctor.command import main as examine

    sys.exit(examine(sys.argv[2:]))

from covidlab.cli import main  # noqa: E402  the packages may live in the project's environment only

sys.exit(main())
