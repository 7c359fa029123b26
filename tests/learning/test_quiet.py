"""TensorFlow is loaded without what Keras would load beside it."""

import subprocess
import sys

from covidlab.paths import PROJECT_ROOT

PROGRAM = """
import sys
from covidlab.learning.quiet import load_tensorflow_quietly
load_tensorflow_quietly()
print("keras" in sys.modules, "sklearn" in sys.modules, "matplotlib" in sys.modules)
import sklearn.metrics
print(sklearn.metrics.roc_auc_score([0, 1], [0.1, 0.9]))
"""


def test_load_tensorflow_quietly_leaves_out_what_nothing_uses_until_it_is_wanted():
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["True False False", "1.0"]
    assert done.stderr == ""
