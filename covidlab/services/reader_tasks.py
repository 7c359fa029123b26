"""What the process that predicts can be asked for; each task takes a message and returns one. TensorFlow is loaded by the first."""

from collections.abc import Callable

import numpy as np

from covidlab.child import Message
from covidlab.config import IMAGE_SIDE, REFERENCE
from covidlab.evaluation.alterations import Subject
from covidlab.evaluation.asked_alterations import asked_alteration
from covidlab.language import keeping_messages
from covidlab.prediction.epoch_maps import epoch_maps
from covidlab.prediction.explanation import Explanation, Method
from covidlab.prediction.loading import load_predictor, load_run_reference
from covidlab.prediction.lung_attention import Lungs, find_lungs, hottest_place, lung_attention
from covidlab.prediction.map_trial import MapTrial
from covidlab.prediction.reference import Reference
from covidlab.prediction.serialize import prediction_values
from covidlab.prediction.steps import MoreToRead, OneStep
from covidlab.prediction.votes import ask_models
from covidlab.prediction.watch import evidence
from covidlab.runs.learning_record import load_epoch_heads
from covidlab.runs.store import Run
from covidlab.services.reader_messages import model_from_values
from covidlab.spoken import packed

Task = Callable[[Message], Message]


def _kept_by_who_asks(task: Task) -> Task:
    """The answer of a task holds sentences as messages with values: who asks keeps it, and says it in any language."""

    def answer(message: Message) -> Message:
        with keeping_messages():
            return task(message)

    return answer


def _load(message: Message) -> Message:
    # The first pass compiles the graph; nobody waits for this one.
    _predictor(message).predict_prepared(np.zeros((IMAGE_SIDE, IMAGE_SIDE, 3), np.uint8))
    return Message()


def _predict(message: Message) -> Message:
    predictor = _predictor(message)
    prediction = predictor.predict_prepared(message.parts[predictor.resize], sha256=message.values["sha256"])
    return Message(prediction_values(prediction), {"heatmap": prediction.heatmap})


@_kept_by_who_asks
def _explain(message: Message) -> Message:
    """One step of a map by the method and for the class asked, and of its trial.

    Until all is done the answer has the log odds that are known ("numbers"), and the map once it is made; they come back
    with the request for the next step, and others who wait have their turn in between.
    """
    from covidlab.prediction.explaining import explain, log_odds_reader, put_on_trial

    predictor, values = _predictor(message), message.values
    prepared, heatmap = message.parts[predictor.resize], message.parts.get("heatmap")
    method, folder = Method(values["method"]), values["class"]
    step = OneStep(log_odds_reader(predictor, folder), values.get("numbers", ()))
    try:
        if heatmap is None:
            made = explain(predictor, prepared, method=method, class_name=folder, read=step)
            return Message({"numbers": []}, {"heatmap": made.heatmap})
        explanation = Explanation(heatmap=heatmap, method=method, class_name=folder)
        trial = put_on_trial(predictor, prepared, explanation, read=step)
    except MoreToRead:
        return Message({"numbers": step.numbers}, {} if heatmap is None else {"heatmap": heatmap})
    return _explained(explanation, trial, find_lungs(prepared, message.parts.get("mask")))


def _explained(explanation: Explanation, trial: MapTrial | None, lungs: Lungs | None) -> Message:
    """A map that is done: where its heat lies, and how it did on trial."""
    attention = lungs and lung_attention(explanation.heatmap, lungs)
    hottest = hottest_place(explanation.heatmap, lungs)
    sentences = {
        "lungs": packed(attention.sentence() if attention else ""),
        "hottest": packed(hottest.sentence if hottest else ""),
        "trial": list(map(packed, trial.sentences())) if trial else [],
        "passed": bool(trial and trial.passed),
    }
    return Message(sentences, {"heatmap": explanation.heatmap})


def _alter(message: Message) -> Message:
    """The probability of the positive class for an X-ray with each of the changes asked for, without maps.

    One change is read where it reaches only (``learning.local_passes``), several in one pass.

    ``quick``: in the precision of a training, where that is much faster here.
    """
    predictor, values = _predictor(message), message.values
    film, mask = message.parts[predictor.resize], message.parts.get("lungs")
    subject = Subject(lungs=None if mask is None else mask > 0, aspect=values["aspect"])
    films = np.stack([asked_alteration(change)(film, subject) for change in values["changes"]])
    precision = predictor.quick_precision() if values["quick"] else REFERENCE
    if len(films) == 1:
        probabilities = [predictor.changed_probability(films[0], film, precision=precision)]
    else:
        probabilities = predictor.positive_probabilities(films, precision=precision).tolist()
    return Message({"probabilities": probabilities, "precision": precision})


def _vote(message: Message) -> Message:
    models = [model_from_values(values) for values in message.values["models"]]
    return Message({"votes": [vote.to_dict() for vote in ask_models(models, message.parts)]})


def _watch(message: Message) -> Message:
    values = message.values
    return Message({"evidence": evidence(_reference(message), values["distances"], values.get("class_distances", ()))})


def _map(message: Message) -> Message:
    """Where the X-rays of the set lie in two dimensions, and what is known of each there."""
    reference = _reference(message)
    known = {
        "files": list(reference.files),
        "sha256s": list(reference.sha256s),
        "patients_known": reference.patients_known,
        "share": reference.map_share,
        "classes": [reference.classes[label] for label in reference.labels],
        "positive_class": reference.classes[reference.positive_index],
        "out_of_fold": [None if np.isnan(value) else float(value) for value in reference.out_of_fold],
    }
    return Message(known, {"points": reference.map_points(reference.features).astype(np.float32)})


@_kept_by_who_asks
def _epoch_maps(message: Message) -> Message:
    """What the run of a model saw of one X-ray of its set after each epoch, and how much of it lies inside the lungs."""
    predictor = _predictor(message)
    prepared = message.parts[predictor.resize]
    # The run is where its model is.
    heads = load_epoch_heads(Run(model_from_values(message.values["model"]).path.parent), predictor.network.head_shapes)
    if not heads:
        return Message({"epochs": []})
    activation = predictor.network.frozen(prepared[None]).numpy()[0]
    folder = message.values["class"]
    maps = epoch_maps(
        activation, heads, preset=predictor.network.preset, class_index=predictor.card.classes.index(folder)
    )
    lungs = find_lungs(prepared, message.parts.get("mask"))
    found = [lungs and lung_attention(heatmap, lungs) for heatmap in maps.heatmaps]
    known = {
        "epochs": maps.epochs.tolist(),
        "probabilities": maps.probabilities.tolist(),
        "lungs": [packed(attention.sentence()) if attention else "" for attention in found],
    }
    return Message(known, {"heatmaps": maps.heatmaps})


def _report(message: Message) -> Message:
    """The page about one X-ray as PDF."""
    from covidlab.prediction.report_pdf import report_pdf
    from covidlab.prediction.xray_report import report_from_values

    return Message({}, {"pdf": report_pdf(report_from_values(message.values["report"], message.parts))})


def _document(message: Message) -> Message:
    """A document about a model or its X-rays as PDF."""
    from covidlab.runs.documents.content import document_from_values
    from covidlab.runs.documents.pdf import document_pdf

    return Message({}, {"pdf": document_pdf(document_from_values(message.values["document"]))})


def _predictor(message: Message):
    return load_predictor(model_from_values(message.values["model"]))


def _reference(message: Message) -> Reference:
    return load_run_reference(model_from_values(message.values["model"]))


TASKS: dict[str, Task] = {
    "load": _load,
    "predict": _predict,
    "explain": _explain,
    "alter": _alter,
    "vote": _vote,
    "watch": _watch,
    "map": _map,
    "report": _report,
    "document": _document,
    "epoch_maps": _epoch_maps,
}
