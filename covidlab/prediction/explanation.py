"""A map of what spoke for a class, and the names of the ways to make one; needs no TensorFlow."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from covidlab.language import tr_lazy
from covidlab.prediction.occlusion import CELLS_A_SIDE


class Method(StrEnum):
    """How a map is made. The values are names that people know from the literature."""

    GRAD_CAM = "grad-cam"
    GRAD_CAM_PLUS_PLUS = "grad-cam++"
    OCCLUSION = "occlusion"


METHOD_NAMES = {
    Method.GRAD_CAM: "Grad-CAM",
    Method.GRAD_CAM_PLUS_PLUS: "Grad-CAM++",
    Method.OCCLUSION: tr_lazy("Occlusion"),
}
METHOD_HELP = {
    Method.GRAD_CAM: tr_lazy("What each cell of the network's last map adds to the class. It takes one pass."),
    Method.GRAD_CAM_PLUS_PLUS: tr_lazy(
        "Like Grad-CAM, but only features that speak for the class count. It takes one pass."
    ),
    Method.OCCLUSION: tr_lazy(
        "A grey square covers one place after the other, and the X-ray is read each time. It takes longer."
    ),
}
ILLUSTRATIVE = tr_lazy("A map is an illustration. It shows roughly what the model used, never where disease is.")


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """Where on an X-ray lies what spoke for a class, by one method.

    heatmap: (rows, columns) float32 >= 0, row 0 at the top. method: how it was made. class_name: the class explained, a name
    of a folder.
    """

    heatmap: np.ndarray
    method: Method
    class_name: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing on the X-ray speaks for the class."""
        return not self.heatmap.max() > 0


def num_passes(method: Method) -> int:
    """Return how many times the network reads the X-ray for one map, from which a page can estimate the time."""
    return CELLS_A_SIDE**2 + 1 if method == Method.OCCLUSION else 1
