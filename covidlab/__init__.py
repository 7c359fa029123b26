"""See what VGG16 can and cannot learn from fifty chest X-rays."""

__version__ = "0.1.0"
