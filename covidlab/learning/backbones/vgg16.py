"""VGG16 (K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image recognition", 2015).

The weights are those trained on ImageNet, CC BY 4.0, kept as float16.
"""

from typing import TYPE_CHECKING

from covidlab.language import tr_lazy
from covidlab.learning.backbones.base import INPUT, Backbone, CutPoint, Preprocessing
from covidlab.paths import ASSETS

if TYPE_CHECKING:
    import keras

_SIDE = 224
_WEIGHTS = ASSETS / "vgg16_imagenet_notop.fp16.weights.h5"


def _build() -> "keras.Model":
    import keras

    return keras.applications.VGG16(include_top=False, weights=str(_WEIGHTS), input_shape=(_SIDE, _SIDE, 3))


BACKBONE = Backbone(
    name="vgg16",
    title="VGG16",
    input_side=_SIDE,
    build=_build,
    # 0 to 255 in the order blue, green, red, less the means of the ImageNet training images (as in Keras).
    preprocessing=Preprocessing(
        matrix=((0.0, 0.0, 255.0), (0.0, 255.0, 0.0), (255.0, 0.0, 0.0)), offset=(-103.939, -116.779, -123.68)
    ),
    weights_path=_WEIGHTS,
    weights_sha256="9b8947ba611ca122d68a25ec0ae3a39afd995bd7b6a63d022f7522f1b5999448",
    cut_points={
        "head": CutPoint(
            layer="block5_pool",
            shape=(7, 7, 512),
            learns=tr_lazy("The head learns"),
            num_learning=32_962,
            checkpoint_bytes=2_000_000,
            film_seconds=0.0006,
        ),
        "block5": CutPoint(
            layer="block4_pool",
            shape=(14, 14, 512),
            learns=tr_lazy("The head and block 5 learn"),
            num_learning=7_112_386,
            checkpoint_bytes=210_000_000,
            film_seconds=0.05,
        ),
        "block4": CutPoint(
            layer="block3_pool",
            shape=(28, 28, 256),
            learns=tr_lazy("The head and blocks 4 and 5 learn"),
            num_learning=13_012_162,
            checkpoint_bytes=390_000_000,
            film_seconds=0.2,
        ),
        "all": CutPoint(
            layer=INPUT,
            shape=(_SIDE, _SIDE, 3),
            learns=tr_lazy("All layers learn"),
            num_learning=14_747_650,
            checkpoint_bytes=440_000_000,
            film_seconds=0.45,
        ),
    },
    num_features=512,
    whole_model_bytes=65_000_000,
    pass_seconds=0.1,
)
