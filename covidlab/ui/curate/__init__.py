"""Parts of the page Curate."""
