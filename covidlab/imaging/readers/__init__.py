"""One module for each kind of file; ``imaging.decode`` chooses by content."""
