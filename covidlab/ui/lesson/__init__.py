"""Parts of a measured lesson: questions before and after, and the results of a class."""
