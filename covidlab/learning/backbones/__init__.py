"""The networks whose features are used, one file each."""
