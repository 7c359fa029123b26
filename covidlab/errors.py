"""Every error a person may see, with the exit status the command line gives it.

CovidLabError              one plain sentence; pages and the command line show its text
├── UsageError             a setting or a command is out of range or contradictory (exit 2)
│   └── SetupError          a file or a variable that says who may come in has a mistake: nobody may
├── DataError              the folder of films cannot be used as it is (exit 2)
│   └── UnreadableImage     one file is not an image that can be read; names the file
│       └── OtherPicture    its header says that it is no X-ray of a chest
├── StorageError           no space, no permission, nothing half-written remains (exit 1)
├── TemporaryError         too many ask at once, or a process ended: the same again works (exit 1)
│   └── BusyError           too many wait already: whoever can wait asks again a little later
├── AccessError            who asks may not do this; says which role may (exit 1)
├── RunError               a run is unknown, damaged or in the wrong state (exit 1)
└── ModelError             a model file is missing, damaged or of another kind (exit 1)
"""


class CovidLabError(Exception):
    """Base of all errors whose text is meant for people."""

    exit_status = 1


class UsageError(CovidLabError):
    """A setting or command that cannot work; says what is expected and what was received."""

    exit_status = 2


class SetupError(UsageError):
    """A file or a variable that says who may come in has a mistake, so nobody may; only who runs the server can mend it."""


class DataError(CovidLabError):
    """A data set that cannot be used as it is; says what is missing and how to mend it."""

    exit_status = 2


class UnreadableImage(DataError):
    """A file that is not a readable image; the text names it."""


class OtherPicture(UnreadableImage):
    """A file whose header says that it is no X-ray of a chest, such as a CT slice; nothing is wrong with it."""


class StorageError(CovidLabError):
    """A file could not be written; nothing half-written is left."""


class TemporaryError(CovidLabError):
    """Too many ask for the same at once, or a process ended over it: another try may work."""


class BusyError(TemporaryError):
    """Too many wait already; nothing was begun."""


class AccessError(CovidLabError):
    """Somebody asks for what their role does not allow; says which role may."""


class RunError(CovidLabError):
    """A run that is unknown, damaged or not in the state the request needs."""


class ModelError(CovidLabError):
    """A model file that is missing, damaged or not one of ours."""
