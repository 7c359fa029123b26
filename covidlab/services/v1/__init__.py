"""The HTTP API for programs, version 1 (docs/api.md): who may ask, how much, and what they get."""
