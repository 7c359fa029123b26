"""Films on disk: reading one, the table of a folder of classes, splits that keep patients together, the fifty."""
