"""The reader process as it is, on a machine where TensorFlow cannot be imported."""

import sys

# An entry of None makes the import fail, as where the package is missing.
sys.modules["tensorflow"] = None

from covidlab.services import reader_process  # noqa: E402

if __name__ == "__main__":
    reader_process.main()
