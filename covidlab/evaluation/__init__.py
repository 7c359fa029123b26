"""How far the figures can be trusted."""
