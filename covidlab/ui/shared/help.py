"""The explanations behind the question marks, each built from the constants it speaks of."""

from covidlab.config import NUM_FOLDS, NUM_REPEATS, OVER_REPEATS, Augmentation
from covidlab.intervals import CONFIDENCE
from covidlab.language import tr_lazy


class _Explanations(dict[str, str]):
    """Explanations by what they explain, in the language of now."""

    def __getitem__(self, name: str) -> str:
        """Return the explanation, translated."""
        return str(super().__getitem__(name))

    def get(self, name: str, default: str = "") -> str:
        """Return the explanation, translated; ``default`` where there is none."""
        return str(super().get(name, default))


HELP = _Explanations(
    {
        "epoch": tr_lazy(
            "One pass over all training X-rays. More epochs fit the training X-rays better, but not always new ones."
        ),
        "batch size": tr_lazy(
            "The number of X-rays between two corrections of the model. Small batches correct more often."
        ),
        "learning rate": tr_lazy(
            "The size of each correction. If it is too small, nothing changes; if it is too large, the loss jumps or grows."
        ),
        "range test": (
            tr_lazy(
                "A short training in which the rate grows at every step (L. N. Smith, 2017). Where the loss "
                "falls most steeply, the model learns fastest; where it rises, the rate is too large. It says "
                "nothing about how well new X-rays are told apart."
            )
        ),
        "views": (
            tr_lazy(
                "Training also uses changed copies of each X-ray. With K views, each epoch uses the next of K "
                "versions of an X-ray. View 0 is the X-ray itself. By default copies are rotated by up to "
                "{rotation:.0f} degrees.",
                rotation=Augmentation.rotation,
            )
        ),
        "augmentation": (
            tr_lazy(
                "Every view except the first is a copy with a random rotation, shift and change of brightness, "
                "the same on every machine. Validation and cross-validation judge X-rays without any change."
            )
        ),
        "optimizer": (
            tr_lazy(
                "How a step follows the gradient of the loss. Adam keeps a mean of the gradients and of their "
                "squares for each weight. SGD with momentum keeps a direction, and its learning rate usually has "
                "to be larger."
            )
        ),
        "weight decay": (
            tr_lazy(
                "Each step takes away this share of every weight, times the learning rate (not of the biases). "
                "Large weights, which fit single X-rays, become rarer."
            )
        ),
        "class weights": (
            tr_lazy(
                "What an X-ray counts in the loss. If every class counts the same, an X-ray of a rare class "
                "counts more than one of a frequent class."
            )
        ),
        "patience": (
            tr_lazy(
                "The epochs that a run waits for a smaller validation loss before it ends. The validation X-rays "
                "then also decide when to end, so their figures are slightly too good. Cross-validation uses as "
                "many epochs as the run had."
            )
        ),
        "fine-tune depth": (
            tr_lazy(
                "The layers that learn. Head: only the small part on top, in about a second. Block5, block4, "
                "all: more and more of VGG16 learns too. That takes longer, and with few X-rays the model mostly "
                "memorizes them."
            )
        ),
        "preset": (
            tr_lazy(
                "Default: prepares X-rays as for VGG16's own training, averages the whole map and keeps the "
                "X-rays of a patient together, where patients are known. Original: the published procedure, "
                "which splits by image, so X-rays of one patient can be on both sides."
            )
        ),
        "seed": tr_lazy(
            "The number from which all random choices start. The same seed and settings give the same run."
        ),
        "queue name": (
            tr_lazy(
                "Runs are trained one after the other. The name stands beside yours in the queue, for all who "
                "use this server, and is kept with the run. Leave it empty if you do not want that."
            )
        ),
        "device": tr_lazy("The device that computes. Auto uses a GPU if TensorFlow finds one, else the CPU."),
        "sensitivity": tr_lazy("The share of X-rays of the positive class that the model puts into that class."),
        "specificity": tr_lazy(
            "The share of X-rays of the other classes that the model keeps out of the positive class."
        ),
        "accuracy": tr_lazy("The share of all validation X-rays that the model puts into the right class."),
        "precision": (
            tr_lazy(
                "Of the X-rays that the model puts into the positive class, the share that belong to it. It "
                "depends on how frequent the class is: where the disease is rarer than in this set, precision is "
                "lower."
            )
        ),
        "F1": tr_lazy("The harmonic mean of precision and sensitivity. It is high only if both are high."),
        "AUC": (
            tr_lazy(
                "The probability that an X-ray of the positive class gets a higher value than one of the other "
                "classes: 0.5 is chance, 1 is perfect. It needs no operating point."
            )
        ),
        "ROC": tr_lazy(
            "Sensitivity against the false-positive rate (1 minus specificity) at every possible operating point."
        ),
        "confusion matrix": tr_lazy(
            "The number of X-rays of each true class (rows) that the model puts into each class (columns)."
        ),
        "loss": tr_lazy(
            "The distance between the probabilities and the true classes. Confident errors cost most. Training reduces it."
        ),
        "confidence interval": (
            tr_lazy(
                "The range in which the value lies with {confidence:.0%} confidence for other patients of the "
                "same kind. Example: 9 of 10 X-rays right gives 0.60 to 0.98 (Wilson; for AUC Newcombe). X-rays "
                "of one patient tell less than as many of different patients: patients are resampled, each left "
                "out once, and the range is that of as many X-rays as they are worth. Where patients are not "
                "known, each X-ray counts as a patient of its own, and the range is too narrow if patients "
                "repeat.",
                confidence=CONFIDENCE,
            )
        ),
        "cross-validation": (
            tr_lazy(
                "The X-rays are split into {num_folds} folds, by patient where patients are known, else by "
                "X-ray. Each fold is judged by a model trained on the other {num_folds_2}. {num_repeats} repeats "
                "with new folds show how much the result depends on one split; a figure is the {over_repeats} "
                "over them.",
                num_folds=NUM_FOLDS,
                num_folds_2=NUM_FOLDS - 1,
                num_repeats=NUM_REPEATS,
                over_repeats=OVER_REPEATS,
            )
        ),
        "Grad-CAM": (
            tr_lazy(
                "Colours the places that raised the likeness. It illustrates; it does not prove that the model "
                "looked at the disease, and such maps fail strict tests."
            )
        ),
        "operating point": (
            tr_lazy(
                "From this probability on, the model says that an X-ray resembles the positive class. A lower "
                "operating point raises sensitivity and lowers specificity."
            )
        ),
        "lung mask": tr_lazy(
            "Outlines of the lungs, drawn by another program. They are for orientation and may be wrong at the edges."
        ),
        "synthetic lung mask": tr_lazy("Outlines of the lungs, computed together with the X-ray."),
        "given split": (
            tr_lazy(
                "The folders of the set give a split into train and validation or test. Kept, training uses "
                "train and validation all others. Otherwise covidlab makes its own split as the preset says."
            )
        ),
        "positive class": tr_lazy("The class to which sensitivity, specificity and the probability refer."),
        "Brier score": (
            tr_lazy(
                "The mean squared distance between the probability and what is true (0 or 1). 0 is best. Always "
                "saying how frequent the class is gives 0.25 where half of the X-rays are of the class. Its "
                "interval comes from resampling patients."
            )
        ),
        "reliability": (
            tr_lazy(
                "If probabilities mean what they say, 9 of 10 X-rays with a probability of 0.9 are of the class, "
                "and the points lie on the dotted line. Each point is a bin of probabilities, with the number of "
                "X-rays in it. Intervals are over patients, and no narrower than Wilson's for as many X-rays of "
                "different patients."
            )
        ),
        "temperature": (
            tr_lazy(
                "One number that makes all probabilities less certain (above 1) or more certain (below 1) "
                "without changing their order. For each fold it is fitted on X-rays of the training part, with "
                "heads that have seen neither these X-rays nor the fold. Such heads learn from fewer X-rays than "
                "the model."
            )
        ),
        "decision curve": (
            tr_lazy(
                "What acting on the answers is worth, for example a further test (Vickers and Elkin, 2006). A "
                "threshold of 20 % means that missing one X-ray of the class is as bad as acting on four others "
                "for nothing. A net benefit of 0.10 is as good as finding 10 of 100 X-rays of the class and "
                "acting on no other. Below the dotted line it is better to act on every X-ray, below 0 on none."
            )
        ),
        "cost of a miss": (
            tr_lazy(
                "For each fold, the threshold with the lowest cost on X-rays of the training part is taken, and "
                "counted on the fold that had no part in choosing it. The cost is for X-rays with as many of "
                "each class as the set has."
            )
        ),
        "likelihood ratio": (
            tr_lazy(
                "How much an answer changes the odds. LR+ 10: if an X-ray resembles the class, the odds of the "
                "class are 10 times what they were before. LR− 0.1: if it does not, they are a tenth. 1 changes "
                "nothing. Intervals: log method (Simel, 1991), for as many X-rays as the patients are worth "
                "where some have several."
            )
        ),
        "predictive value": (
            tr_lazy(
                "Of the X-rays that resemble the class, the share that is of the class, and of those that do "
                "not, the share that is not. It depends on the prevalence: with a sensitivity and a specificity "
                "of 86 % it is 6 of 100 at a prevalence of 1 %, and 86 of 100 at 50 %."
            )
        ),
        "McNemar": (
            tr_lazy(
                "McNemar's exact test: of the X-rays that only one of two models tells right, how many are told "
                "right by which? Where some patients have several X-rays, the test over X-rays finds differences "
                "too often; over patients, each patient counts once."
            )
        ),
    }
)
