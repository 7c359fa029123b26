"""Plain words: explanations behind the question marks, names of classes, and foreign text made harmless."""

HELP = {
    "epoch": "One pass over all training X-rays. More epochs fit the training X-rays better, not always new ones.",
    "batch size": "How many X-rays the model looks at before it corrects itself once. Small batches correct more often.",
    "learning rate": "How large each correction is. Too small: nothing moves. Too large: the loss jumps about or grows.",
    "views": (
        "Each X-ray is also shown turned by up to 15 degrees. With K views, epoch after epoch takes the next of K "
        "versions of an X-ray; view 0 is the X-ray as it is."
    ),
    "fine-tune depth": (
        "Which layers learn. Head: only the small part on top, in about a second. Block5, block4, all: more and more of "
        "VGG16 learns too, which takes longer and, on few X-rays, mostly learns them by heart."
    ),
    "preset": (
        "Default: X-rays prepared as VGG16 was trained, the whole map averaged, patients kept on one side of the split. "
        "Original: the published procedure, with its split by image, which puts X-rays of one patient on both sides."
    ),
    "seed": "The number all random choices start from. The same seed and settings give the same run.",
    "device": "Where the computing is done. Auto takes a GPU where TensorFlow sees one, else the CPU.",
    "sensitivity": "Of the X-rays that are in the positive class, the share that the model puts there.",
    "specificity": "Of the X-rays that are not in the positive class, the share that the model keeps out of it.",
    "accuracy": "The share of all validation X-rays that the model puts in the right class.",
    "precision": (
        "Of the X-rays that the model puts in the positive class, the share that belong there. It depends on how "
        "frequent the class is: half of these X-rays are COVID-19 X-rays; in a waiting room hardly any would be."
    ),
    "F1": "One figure from precision and sensitivity (their harmonic mean); high only where both are high.",
    "AUC": (
        "How often an X-ray of the positive class gets a higher probability than one of the others: 0.5 is a coin, 1 is "
        "always. It needs no operating point."
    ),
    "ROC": "Sensitivity against false alarms (1 minus specificity) for every possible operating point.",
    "confusion matrix": "How many X-rays of each class (rows) the model puts into each class (columns).",
    "loss": "How far the probabilities are from the truth; wrong and sure costs most. Training makes it smaller.",
    "confidence interval": (
        "Where the figure may lie, with 95 % confidence, if other patients of the same kind were asked. "
        "9 right of 10 X-rays: from .60 to .98."
    ),
    "cross-validation": (
        "The X-rays are dealt into five parts, patients kept together; each part is judged by a model trained on the other "
        "four. Ten repeats with new deals show how much one split owes to luck."
    ),
    "Grad-CAM": (
        "Colours the places that raised the likeness. It illustrates; it does not prove that the model looked at "
        "the disease, and such maps fail strict tests."
    ),
    "operating point": (
        "The probability from which on an X-ray is said to resemble the positive class. Moving it trades sensitivity "
        "against specificity."
    ),
    "lung mask": "The lungs as another program drew them; it is shown for orientation and may be wrong at the edges.",
    "positive class": "The class that sensitivity, specificity and the probability speak of.",
}
