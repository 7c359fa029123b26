"""Where on the film the evidence for a class lies: Grad-CAM on the last activation, illustrative only.

Maps of this kind fail criteria one would need to trust them (Saporta et al.; arXiv 2008.02766): they show what the model
used, roughly, never where disease is.
"""

import tensorflow as tf


def grad_cam(logits_of, activation: tf.Tensor, *, class_index: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the logits of one film and its Grad-CAM at the resolution of the activation, from one pass.

    The log odds of the class are explained; the negative part is cut (Selvaraju et al. 2017, eq. 1 and 2). The gradient
    is taken cell by cell, not averaged over the map first (Draelos and Carin, arXiv 2011.08891): for a head that averages
    all cells both are the same, and where it averages only some (preset original) no cell is coloured that it never sees.
    With a linear head on a global average this is class activation mapping (Zhou et al. 2016) over the number of cells.

    Parameters
    ----------
    logits_of : callable, (1, height, width, channels) -> (1, classes) logits
    activation : (1, height, width, channels) float32
    class_index : int

    Returns
    -------
    logits of shape (classes,); heat map of shape (height, width), float32, >= 0, in log odds a cell
    """
    with tf.GradientTape() as tape:
        tape.watch(activation)
        logits = logits_of(activation)[0]
        others = tf.concat([logits[:class_index], logits[class_index + 1 :]], axis=0)
        log_odds = logits[class_index] - tf.reduce_logsumexp(others)
    gradient = tape.gradient(log_odds, activation)
    return logits, tf.nn.relu(tf.reduce_sum(activation[0] * gradient[0], axis=-1))
