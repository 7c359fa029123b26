"""What a model file from elsewhere is, told by its content, since people rename files; no TensorFlow, nothing is loaded."""

import zipfile
from contextlib import suppress
from pathlib import Path

_NUM_BYTES = 64
_HDF5 = b"\x89HDF\r\n\x1a\n"
# The number with which a pickle written by torch.save before version 1.6 begins.
_OLD_PYTORCH = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."

_KERAS_HDF5 = "a Keras model or its weights in HDF5 (.h5)"
_SAVED_MODEL = "a SavedModel of TensorFlow"
_TENSORFLOW_JS = "a model of TensorFlow.js"
_PYTORCH = "a model of PyTorch (.pt or .pth)"
_ONNX = "a model in ONNX"


def describe_foreign_model(path: Path) -> str:
    """Return e.g. "a Keras model or its weights in HDF5 (.h5)"; "" where it is none of the known kinds, or cannot be read."""
    path = Path(path)
    with suppress(OSError):
        if path.is_dir():
            return _describe_folder(path)
        if zipfile.is_zipfile(path):
            return _describe_archive(path)
        with open(path, "rb") as file:
            # Zeros behind a shorter file, so that every place can be looked at.
            head = file.read(_NUM_BYTES).ljust(_NUM_BYTES, b"\0")
        return _describe_bytes(head, path.stat().st_size)
    return ""


def _describe_folder(folder: Path) -> str:
    names = {entry.name for entry in folder.iterdir()}
    if names & {"saved_model.pb", "saved_model.pbtxt"}:
        return f"{_SAVED_MODEL} (a folder)"
    if "model.json" in names:
        return f"{_TENSORFLOW_JS} (a folder)"
    return "a folder"


def _describe_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return ""
    last = {name.rstrip("/").rpartition("/")[2] for name in names}
    if "covidlab.json" in names:
        return ""
    if "config.json" in names and {"model.weights.h5", "metadata.json"} & set(names):
        return "a Keras model (.keras) that was not saved by covidlab"
    if "data.pkl" in last:
        return _PYTORCH
    kinds = {"saved_model.pb": _SAVED_MODEL, "model.json": _TENSORFLOW_JS}
    packed = next((kind for name, kind in kinds.items() if name in last), "")
    if not packed and any(name.endswith((".h5", ".hdf5")) for name in last):
        packed = _KERAS_HDF5
    return f"a ZIP file with {packed}" if packed else "a ZIP file without a model of covidlab"


def _describe_bytes(head: bytes, num_bytes: int) -> str:
    kinds = {
        _KERAS_HDF5: head.startswith(_HDF5),
        "a model of TensorFlow Lite (.tflite)": head[4:8] == b"TFL3",
        _PYTORCH: _OLD_PYTORCH in head,
        _ONNX: _is_onnx(head),
        "a file of weights in safetensors": head[8:9] == b"{" and int.from_bytes(head[:8], "little") < num_bytes,
        # Protocols 2 to 5. Whose pickle it is cannot be told without loading it, which would run code of the file.
        "a pickle of Python, such as scikit-learn and older PyTorch write": head[:1] == b"\x80" and 2 <= head[1] <= 5,
    }
    return next((kind for kind, is_one in kinds.items() if is_one), "")


def _is_onnx(head: bytes) -> bool:
    # onnx.proto, ModelProto: field 1 is the version of the format, a small number; then the producer's name (field 2), the
    # graph (7) or the operator sets (8), each with a length.
    return head[:1] == b"\x08" and 0 < head[1] < 32 and head[2:3] in (b"\x12", b"\x3a", b"\x42")
