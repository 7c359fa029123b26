"""Where on the film the evidence for a class lies: Grad-CAM on the last activation, illustrative only.

Maps of this kind fail criteria one would need to trust them (Saporta et al.; arXiv 2008.02766): they show what the model
used, roughly, never where disease is.
"""

import cv2
import numpy as np
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


def overlay(pixels: np.ndarray, heatmap: np.ndarray, *, opacity: float) -> np.ndarray:
    """Return the film with the heat map laid over it.

    Parameters
    ----------
    pixels : (height, width, 3) uint8
    heatmap : (rows, columns) float >= 0; scaled to its own maximum
    opacity : 0 (the film alone) to 1

    Returns
    -------
    ndarray of shape (height, width, 3), uint8
    """
    height, width = pixels.shape[:2]
    top = float(heatmap.max())
    scaled = heatmap / top if top > 0 else np.zeros_like(heatmap)
    smooth = cv2.resize(scaled.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    # Cividis: one order of lightness for every kind of colour vision.
    colours = cv2.cvtColor(
        cv2.applyColorMap(np.round(smooth * 255).astype(np.uint8), cv2.COLORMAP_CIVIDIS), cv2.COLOR_BGR2RGB
    )
    share = (smooth * opacity)[..., None]
    return np.round(pixels * (1 - share) + colours * share).astype(np.uint8)
