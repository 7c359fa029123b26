"""Model files from elsewhere are called what they are, by their content, before anything is loaded."""

import io
import pickle
import zipfile

import pytest

from covidlab.errors import ModelError
from covidlab.learning.foreign_models import describe_foreign_model
from covidlab.learning.modelcard import read_card

OLD_PYTORCH = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2) + pickle.dumps(1001, protocol=2)
SAFETENSORS = (2).to_bytes(8, "little") + b"{}" + bytes(20)
# Format 8, producer "pytorch", as ModelProto begins.
ONNX = b"\x08\x08\x12\x07pytorch\x1a\x052.1.0"


def packed(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "{}")
    return file.getvalue()


FILES = {
    b"\x89HDF\r\n\x1a\n" + bytes(100): "a Keras model or its weights in HDF5 (.h5)",
    packed("metadata.json", "config.json", "model.weights.h5"): "a Keras model (.keras) that was not saved by covidlab",
    packed("archive/data.pkl", "archive/version"): "a model of PyTorch (.pt or .pth)",
    OLD_PYTORCH: "a model of PyTorch (.pt or .pth)",
    ONNX: "a model in ONNX",
    b"\x1c\0\0\0TFL3" + bytes(30): "a model of TensorFlow Lite (.tflite)",
    SAFETENSORS: "a file of weights in safetensors",
    pickle.dumps({"a": 1}): "a pickle of Python",
    packed("keras_model.h5", "labels.txt"): "a ZIP file with a Keras model or its weights in HDF5 (.h5)",
    packed("a/saved_model.pb", "a/variables/"): "a ZIP file with a SavedModel of TensorFlow",
    packed("readme.txt"): "a ZIP file without a model of covidlab",
}


@pytest.mark.parametrize("data", FILES, ids=range(len(FILES)))
def test_file_is_called_what_it_is_whatever_its_name(data, tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(data)
    assert describe_foreign_model(path).startswith(FILES[data])
    with pytest.raises(ModelError, match=r"^This is a .*train one, and name the model\.keras of its run.*Received: "):
        read_card(path)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("saved_model.pb", "a SavedModel of TensorFlow (a folder)"),
        ("model.json", "a model of TensorFlow.js (a folder)"),
        ("other.txt", "a folder"),
    ],
)
def test_folder_is_called_what_it_is(tmp_path, name, kind):
    (tmp_path / name).write_text("")
    assert describe_foreign_model(tmp_path) == kind
    with pytest.raises(ModelError, match=r"^This is a "):
        read_card(tmp_path)


def test_folder_of_a_run_names_the_file_to_take(tmp_path):
    (tmp_path / "model.keras").write_bytes(b"")
    with pytest.raises(
        ModelError, match=r"The file of a model is expected, here .*/model\.keras\. Received: the folder"
    ):
        read_card(tmp_path)


@pytest.mark.parametrize("data", [b"", b"P", b"just text", b"\x89PNG\r\n\x1a\n", bytes(40), b"PK\x03\x04"])
def test_file_of_no_known_kind_is_no_model_of_ours(data, tmp_path):
    path = tmp_path / "model.h5"
    path.write_bytes(data)
    assert describe_foreign_model(path) == ""
    with pytest.raises(ModelError, match="not a model saved by covidlab, or it is damaged"):
        read_card(path)
