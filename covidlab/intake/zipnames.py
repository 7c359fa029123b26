"""Names of the members of a ZIP file, whichever program wrote it: character set, folders, composed form."""

import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence

from covidlab.language import tr

# APPNOTE.TXT 4.4.4, general purpose bit 11: the name is UTF-8. Without it a name is bytes, which Python reads as cp437.
_IS_UTF8 = 0x800
_UNICODE_PATH = 0x7075  # APPNOTE.TXT 4.6.9, Info-ZIP Unicode Path Extra Field
_OLD_SETS = ("cp437", "cp850")
_SLASHES, _HERE = re.compile("/{2,}"), re.compile(r"^(?:\./)+|(?<=/)(?:\./)+")


def member_names(members: Sequence[zipfile.ZipInfo]) -> tuple[list[str], str]:
    """Return the name of each member (posix, NFC, a folder's ends with a slash), and a sentence where they were guessed.

    Names without the flag for UTF-8 are UTF-8 where they can be; else cp437 or cp850, whichever gives more letters.
    """
    decoded = [_certain(member) for member in members]
    doubtful = [
        member.orig_filename.encode("cp437") for member, name in zip(members, decoded, strict=True) if name is None
    ]
    charset = _likelier(doubtful)
    guessed = iter([data.decode(charset) for data in doubtful])
    names = [_normal(next(guessed) if name is None else name) for name in decoded]
    if not doubtful:
        return names, ""
    example = next(name for name, certain in zip(names, decoded, strict=True) if certain is None)
    return names, (
        tr(
            "The ZIP file does not say the character set of its names; they were read as {charset}, for "
            "example {example}. Rename the classes where that is wrong.",
            charset=charset,
            example=example,
        )
    )


def _certain(member: zipfile.ZipInfo) -> str | None:
    """The name, where the archive says what it is or it is valid UTF-8; else None."""
    name = member.orig_filename
    if member.flag_bits & _IS_UTF8 or name.isascii():
        return name
    try:
        data = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    try:
        return _from_extra(member.extra, data) or data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _from_extra(extra: bytes, name: bytes) -> str:
    """The name in the extra field that Info-ZIP, 7-Zip and WinZip write, "" where there is none or it is of another name."""
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(field) > 5 and field[0] == 1:
            (checksum,) = struct.unpack_from("<I", field, 1)
            if checksum == zlib.crc32(name):
                return field[5:].decode("utf-8")
        at += 4 + size
    return ""


def _likelier(names: Iterable[bytes]) -> str:
    """The old character set in which more of the characters are letters; cp437 where both are alike."""
    data = b"".join(name for name in names)

    def num_letters(charset: str) -> int:
        return sum(c.isalpha() and unicodedata.name(c, "").startswith("LATIN") for c in data.decode(charset))

    return max(_OLD_SETS, key=num_letters)


def _normal(name: str) -> str:
    # A NUL ends the name for other programs, so it must not hide what follows it.
    name = name.split("\0", 1)[0]
    # Some programs of Windows write backslashes, which elsewhere would be letters of a name.
    name = _SLASHES.sub("/", unicodedata.normalize("NFC", name.replace("\\", "/")))
    return _HERE.sub("", name)
