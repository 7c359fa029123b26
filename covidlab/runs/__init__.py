"""Runs: directories that hold everything about one training, and the process that executes them."""
