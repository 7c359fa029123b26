"""The published procedure in plain Keras, whole network in every step: what bench_training.py compares against.

Prints the seconds of ``fit`` and of the whole process. It neither saves a model nor draws a plot, which
train_covid19_main.py does within its time.
"""

import os
import time

STARTED = time.perf_counter()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse  # noqa: E402  the clock runs before anything is loaded
from pathlib import Path  # noqa: E402

import cv2  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras.src.legacy.preprocessing.image import ImageDataGenerator  # noqa: E402  the published script's augmentation
from sklearn.model_selection import train_test_split  # noqa: E402

WEIGHTS = Path(__file__).resolve().parent.parent / "covidlab" / "assets" / "vgg16_imagenet_notop.fp16.weights.h5"
CLASSES = ("covid", "normal")
LEARNING_RATE, EPOCHS, BATCH_SIZE = 0.001, 25, 8


def read_films(dataset: Path) -> tuple[np.ndarray, np.ndarray]:
    """Films (n, 224, 224, 3) float32 RGB in [0, 1] and their classes (n, 2) one-hot."""
    films, labels = [], []
    for label, name in enumerate(CLASSES):
        for path in sorted((dataset / name).iterdir()):
            film = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
            films.append(cv2.resize(film, (224, 224)))
            labels.append(label)
    return np.array(films, np.float32) / 255.0, np.eye(len(CLASSES), dtype=np.float32)[labels]


def build_model() -> keras.Model:
    """VGG16, frozen, with the published head."""
    base = keras.applications.VGG16(include_top=False, weights=str(WEIGHTS), input_shape=(224, 224, 3))
    base.trainable = False
    x = keras.layers.AveragePooling2D((4, 4))(base.output)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(64, activation="relu")(x)
    x = keras.layers.Dropout(0.5)(x)
    return keras.Model(base.input, keras.layers.Dense(len(CLASSES), activation="softmax")(x))


def main() -> None:
    """Train as published and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", type=Path, required=True)
    films, labels = read_films(parser.parse_args().dataset)
    train_films, validation_films, train_labels, validation_labels = train_test_split(
        films, labels, test_size=0.2, stratify=labels, random_state=42
    )
    keras.utils.set_random_seed(42)
    model = build_model()
    rate = keras.optimizers.schedules.InverseTimeDecay(LEARNING_RATE, decay_steps=1, decay_rate=LEARNING_RATE / EPOCHS)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss="binary_crossentropy", metrics=["accuracy"])
    generator = ImageDataGenerator(rotation_range=15, fill_mode="nearest")
    begun = time.perf_counter()
    history = model.fit(
        generator.flow(train_films, train_labels, batch_size=BATCH_SIZE),
        validation_data=(validation_films, validation_labels),
        validation_batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        verbose=0,
    )
    ended = time.perf_counter()
    print(f"validation accuracy {history.history['val_accuracy'][-1]:.2f}")
    print(f"fit {ended - begun:.1f} s, process {ended - STARTED:.1f} s")


if __name__ == "__main__":
    main()
