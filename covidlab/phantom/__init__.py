"""Synthetic chest X-rays with exact lung masks, computed from a simple model of the body."""
