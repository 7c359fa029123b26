"""``doctor``: say what works on this machine, and what to do about what does not."""

from covidlab.doctor.command import add_options, doctor


def add_parser(commands) -> None:
    """Add the command and its options."""
    parser = commands.add_parser("doctor", help="say what works on this machine, and what to do about what does not")
    add_options(parser)
    parser.set_defaults(command=doctor)
