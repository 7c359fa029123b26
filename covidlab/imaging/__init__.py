"""From the bytes of a file to pixels, and from pixels to what a network or a page takes."""
