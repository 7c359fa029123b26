"""Parts of the page Present."""
