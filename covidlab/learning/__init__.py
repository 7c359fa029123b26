"""VGG16, the cache of what its frozen layers give, and the training of the layers that learn."""
