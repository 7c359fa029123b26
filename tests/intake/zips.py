"""ZIP files that tests bring."""

import io
import zipfile


def packed(files, *, compression=zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file of these files: content by name."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()
