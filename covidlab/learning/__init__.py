"""VGG16, the cache of what its frozen layers give, and the training of the layers that learn."""

import os

# Read when a process first computes on a GPU, whoever begins: else TensorFlow takes all of its memory at once, and the next
# process that comes finds none.
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
