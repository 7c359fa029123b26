"""From what a person has (a folder, a ZIP file, an upload) to a data set or a prepared X-ray."""
