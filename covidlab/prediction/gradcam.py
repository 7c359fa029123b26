"""Where on the film the evidence for a class lies: Grad-CAM and Grad-CAM++ on the last activation, illustrative only.

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
    logits, gradient = _gradient_of_log_odds(logits_of, activation, class_index)
    return logits, tf.nn.relu(tf.reduce_sum(activation[0] * gradient, axis=-1))


def grad_cam_plus_plus(logits_of, activation: tf.Tensor, *, class_index: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the logits of one film and its Grad-CAM++ at the resolution of the activation.

    With S the log odds of the class, A_k the map of channel k and g_k the gradient of S by it (Chattopadhay et al. 2018,
    arXiv 1710.11063, for the score exp(S)), the heat map is

        relu(sum over k of w_k A_k),   w_k = sum over cells of alpha_k relu(g_k),
        alpha_k = g_k^2 / (2 g_k^2 + g_k^3 * sum over cells of A_k)

    The factor exp(S) that all weights have in common is left out. Only channels that speak for the class count, and those
    that are active everywhere count less than in Grad-CAM. A channel has one weight for all cells, so a head that
    averages only some cells (preset original) gets colour in others as well.

    Parameters
    ----------
    logits_of, activation, class_index : as in ``grad_cam``; the activation is that of a rectifier, >= 0

    Returns
    -------
    logits of shape (classes,); heat map of shape (height, width), float32, >= 0, comparable within one map only
    """
    logits, gradient = _gradient_of_log_odds(logits_of, activation, class_index)
    speaks_for = tf.nn.relu(gradient)
    active = tf.reduce_sum(activation[0], axis=(0, 1))
    # g^2 / (2 g^2 + g^3 a) is 1 / (2 + g a) wherever g > 0; elsewhere relu(g) is 0.
    weights = tf.reduce_sum(speaks_for / (2 + speaks_for * active), axis=(0, 1))
    return logits, tf.nn.relu(tf.reduce_sum(activation[0] * weights, axis=-1))


def _gradient_of_log_odds(logits_of, activation: tf.Tensor, class_index: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Logits (classes,) and the gradient of the class's log odds by the activation (height, width, channels)."""
    with tf.GradientTape() as tape:
        tape.watch(activation)
        logits = logits_of(activation)[0]
        log_odds = log_odds_of_class(logits, class_index)
    return logits, tape.gradient(log_odds, activation)[0]


def log_odds_of_class(logits: tf.Tensor, class_index: int) -> tf.Tensor:
    """Return the log odds of a class against all others: (..., classes) -> (...)."""
    others = tf.concat([logits[..., :class_index], logits[..., class_index + 1 :]], axis=-1)
    return logits[..., class_index] - tf.reduce_logsumexp(others, axis=-1)
